import { z } from 'zod';
import { approvalTermsSchema } from './approvals.js';
import { type CallOptions, callOptionsShape } from './calls.js';
import { type Json, jsonSchema, nameSchema, type SchemaDocument, schemaDocumentSchema } from './json.js';

/** Each voter hears of every other one: more of them would carry too much between rounds. */
const MAX_VOTERS = 100;

/** Named agents, or as many different agents of a capability as `count` says. */
export const votersSchema = z.union([
  z.strictObject({ agents: z.array(nameSchema).min(1).max(MAX_VOTERS) }),
  z.strictObject({ capability: nameSchema, count: z.int().min(1).max(MAX_VOTERS) }),
]);
export type Voters = z.infer<typeof votersSchema>;

/**
 * How votes become one choice. `majority`: more than half of the votes; `plurality`: more than any other; `unanimous`;
 * `weighted`: more than half of the weight; `borda`: votes are lists, best first; `approval`: votes are lists of what the
 * voter agrees to; `score`: votes are objects of numbers by choice, the best mean wins if it reaches the threshold.
 */
export const consensusMethodSchema = z.union([
  z.enum(['majority', 'plurality', 'unanimous', 'weighted', 'borda', 'approval']),
  z.strictObject({ score: z.number() }),
]);
export type ConsensusMethod = z.infer<typeof consensusMethodSchema>;

/** Who decides when several choices lead alike after the last round: an agent is asked for one of them. */
/** Of `approval`: a person answers with one of the leaders; without an answer a tie is no agreement. */
export const consensusTieBreakSchema = z.union([
  z.enum(['first', 'highestConfidence']),
  z.strictObject({ agent: nameSchema }),
  z.strictObject({ approval: approvalTermsSchema.prefault({} as never) }),
]);
export type ConsensusTieBreak = z.infer<typeof consensusTieBreakSchema>;

export type ConsensusParams = CallOptions & {
  voters: Voters;
  input?: Json;
  method: ConsensusMethod;
  rounds: number;
  share: 'none' | 'votes' | 'reasons';
  quorum?: number;
  veto?: string[];
  tieBreak?: ConsensusTieBreak;
  weights?: Record<string, number> | 'measured';
  outputSchema?: SchemaDocument;
};

/**
 * `consensus`: voters answer, hear the others and answer again, until they agree, nobody changes the vote, or the rounds
 * are over. An answer `{vote, reason?}` is the vote with its reason, any other answer is the vote itself, null abstains.
 */
export const consensusParamsSchema: z.ZodType<ConsensusParams> = z
  .strictObject({
    ...callOptionsShape,
    voters: votersSchema,
    input: jsonSchema
      .optional()
      .describe('A literal, or jq in `${ }` that may read $round, $own (the last vote) and $votes (of the others).'),
    method: consensusMethodSchema.default('majority'),
    rounds: z.int().min(1).max(5).default(3),
    share: z.enum(['none', 'votes', 'reasons']).default('reasons'),
    quorum: z
      .int()
      .min(1)
      .max(MAX_VOTERS)
      .optional()
      .describe('Votes that must be cast; more than half of the voters unless said.'),
    veto: z.array(nameSchema).min(1).max(MAX_VOTERS).optional().describe('Without their consent no choice wins.'),
    tieBreak: consensusTieBreakSchema.optional().describe('Without it a tie is no agreement.'),
    weights: z
      .union([z.literal('measured'), z.record(nameSchema, z.number().positive().max(1_000_000))])
      .optional()
      .describe('Of each voter by its name, 1 unless said, or by the feedback on its work; with method weighted.'),
    outputSchema: schemaDocumentSchema.optional().describe('Of each answer; one that breaks it is a failed attempt.'),
  })
  .superRefine(checkVoters)
  .meta({ id: 'ConsensusParams' }) as unknown as z.ZodType<ConsensusParams>;

type Checked = Pick<ConsensusParams, 'voters' | 'method' | 'quorum' | 'veto' | 'weights'>;

function checkVoters({ voters, method, quorum, veto = [], weights }: Checked, context: z.RefinementCtx): void {
  const fail = (path: string[], message: string) => context.addIssue({ code: 'custom', path, message });
  if (weights && method !== 'weighted') fail(['weights'], 'go with method weighted only');
  if (quorum !== undefined && quorum > ('agents' in voters ? voters.agents.length : voters.count))
    fail(['quorum'], 'is more than there are voters');
  if (!('agents' in voters)) return;
  const names = new Set(voters.agents);
  if (names.size < voters.agents.length) fail(['voters', 'agents'], 'must be unique');
  if (veto.some((name) => !names.has(name))) fail(['veto'], 'must be agents among the voters');
  if (Object.keys(weights === 'measured' ? {} : (weights ?? {})).some((name) => !names.has(name)))
    fail(['weights'], 'must be of agents among the voters');
}
