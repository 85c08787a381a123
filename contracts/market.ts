import { z } from 'zod';
import { namesTarget, TARGET_NEEDED } from './call-target.js';
import { type AgentTask, agentTaskSchema, type CallOptions, callOptionsShape } from './calls.js';
import { expressionSchema } from './templates.js';
import { durationSchema } from './durations.js';
import { type Json, jsonSchema } from './json.js';

/** Ways to sell one task. */
export const AUCTIONS = ['contract-net', 'iterated', 'first-price', 'vickrey', 'english', 'dutch'] as const;
export const MECHANISMS = [...AUCTIONS, 'exchange', 'solve'] as const;
export type Mechanism = (typeof MECHANISMS)[number];

export type MarketParams = CallOptions & {
  task: AgentTask;
  input?: Json;
  mechanism: Mechanism;
  bidDeadlineMs: number;
  minBids: number;
  /** Of an exchange: its tasks; of each, by jq, the most that is paid for a unit of it, and its units. */
  items?: Json;
  limit?: string;
  quantity?: string;
  /** Of `solve`: who makes one answer of all. */
  aggregate?: AgentTask;
  eligible?: string;
  /** US dollars. */
  reserve?: number;
  score?: string;
  maxRounds: number;
  /** Share of the best score by which a round must improve it. */
  minImprovement: number;
  award: { count: number; split?: string };
  sealed: boolean;
  tieBreak: 'earliest' | 'reputation' | 'seeded';
  onNoBids: 'fail' | 'raiseReserve' | 'widen' | 'fallback';
  onDefault: 'nextBest' | 'reauction' | 'fallback';
};

const SCORED: readonly Mechanism[] = ['contract-net', 'iterated', 'solve'];
const SINGLE: readonly Mechanism[] = ['english', 'dutch', 'exchange', 'solve'];
const OF_AN_EXCHANGE = ['items', 'limit', 'quantity'] as const;

/**
 * `market`: the agents of a capability bid for a task, the lowest offer wins and does it. FIPA SC00029 (contract net),
 * SC00030 (iterated contract net), XC00031 (English auction), XC00032 (Dutch auction), here as procurement; first-price
 * and second-price sealed bids after W. Vickrey (1961). In an `exchange` the agents sell units of work, each of `items` buys
 * some, and all pay one price. In `solve` they sell nothing: each answers, hears of the others and answers again.
 */
export const marketParamsSchema: z.ZodType<MarketParams> = z
  .strictObject({
    ...callOptionsShape,
    task: agentTaskSchema.describe('What the winner does; the agents of its capability are asked for bids.'),
    input: jsonSchema.optional(),
    mechanism: z.enum(MECHANISMS).default('contract-net'),
    bidDeadline: durationSchema.prefault('PT5S').describe('What comes later is counted and never wins.'),
    minBids: z.int().min(1).max(1_000).default(1),
    eligible: expressionSchema
      .optional()
      .describe(
        'jq over {agent, agentId, version, labels, successRate, reputation, latencyMs, costUsd}; true lets the agent bid.',
      ),
    items: jsonSchema
      .optional()
      .describe('Of an exchange: a list, or jq in `${ }` that gives one, at most 1,000; `task` is done for each.'),
    limit: expressionSchema
      .optional()
      .describe('Of an exchange: jq over the item, US dollars a unit that it is worth; reserve unless said.'),
    quantity: expressionSchema
      .optional()
      .describe('Of an exchange: jq over the item, the units of work in it, all done by one agent; 1 unless said.'),
    aggregate: agentTaskSchema
      .refine(namesTarget, TARGET_NEEDED)
      .optional()
      .describe('Of solve: the agent that makes one answer of {input, answers: [{solver, round, answer, …}]}.'),
    reserve: z.number().positive().optional().describe('US dollars; an offer above it is never awarded.'),
    score: expressionSchema
      .optional()
      .describe(
        'jq over the bid (of solve: `.answer`) and what eligible sees; the lowest number wins. Default: price.',
      ),
    maxRounds: z.int().min(1).max(100).default(3),
    minImprovement: z.number().min(0).max(1).default(0.01),
    award: z
      .strictObject({
        count: z.int().min(1).max(100).default(1).describe('Each does the whole of the task, unless it is split.'),
        split: expressionSchema
          .optional()
          .describe(
            'jq over the task’s input that gives a list of parts, one for each winner; it may read $count, the number of them. A part is paid its equal share of the price.',
          ),
      })
      .prefault({}),
    sealed: z.boolean().default(true).describe('Bidders are not told each other’s bids between rounds.'),
    tieBreak: z.enum(['earliest', 'reputation', 'seeded']).default('earliest'),
    onNoBids: z.enum(['fail', 'raiseReserve', 'widen', 'fallback']).default('fail'),
    onDefault: z
      .enum(['nextBest', 'reauction', 'fallback'])
      .default('nextBest')
      .describe('Those behind `task.fallback` stand in when no offer is left; with `fallback` at once.'),
  })
  .superRefine(checkMarket)
  .transform(({ bidDeadline, ...rest }) => ({ ...rest, bidDeadlineMs: bidDeadline }))
  .meta({ id: 'MarketParams' });

type Checked = Omit<MarketParams, 'bidDeadlineMs'>;

function checkMarket(params: Checked, context: z.RefinementCtx): void {
  const { task, mechanism, reserve, award, onNoBids, onDefault, minBids } = params;
  const fail = (path: string[], message: string) => context.addIssue({ code: 'custom', path, message });
  if (task.capability === undefined || task.agent !== undefined)
    fail(['task', 'capability'], 'is needed, without agent: it says who is asked for bids');
  if (params.score !== undefined && !SCORED.includes(mechanism))
    fail(['score'], `goes with ${SCORED.join(' and ')}: in ${mechanism} the price alone decides`);
  if (award.count > 1 && SINGLE.includes(mechanism)) fail(['award', 'count'], `must be 1 in ${mechanism}`);
  if (award.count === 1 && award.split !== undefined) fail(['award', 'split'], 'needs a count above 1');
  if (mechanism === 'dutch' && reserve === undefined) fail(['reserve'], 'is where the rising price of dutch ends');
  if (mechanism === 'dutch' && minBids > 1) fail(['minBids'], 'must be 1 in dutch: the first taker wins');
  for (const [field, said] of Object.entries({ onNoBids, onDefault }))
    if (said === 'fallback' && task.fallback === undefined) fail([field], 'fallback needs task.fallback');
  const hasReserve = reserve !== undefined || mechanism === 'exchange';
  if (onNoBids === 'raiseReserve' && (!hasReserve || mechanism === 'dutch'))
    fail(['onNoBids'], 'raiseReserve needs a reserve, and in dutch the price rises by itself');
  if ((params.aggregate !== undefined) !== (mechanism === 'solve'))
    fail(['aggregate'], mechanism === 'solve' ? 'says who compiles the answers of solve' : 'goes with solve');
  if (mechanism === 'solve') {
    const ofOffers = { reserve, onNoBids: onNoBids !== 'fail', onDefault: onDefault !== 'nextBest' };
    for (const [field, said] of Object.entries(ofOffers))
      if (said !== undefined && said !== false) fail([field], 'goes with offers: in solve nothing is sold');
  }
  if (mechanism !== 'exchange') {
    for (const field of OF_AN_EXCHANGE) if (params[field] !== undefined) fail([field], 'goes with exchange');
    return;
  }
  if (params.items === undefined) fail(['items'], 'are what an exchange trades');
  if (params.limit === undefined && reserve === undefined)
    fail(['limit'], 'is needed in an exchange, or a reserve for all items: it says what one is worth');
}
