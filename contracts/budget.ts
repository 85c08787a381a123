import { z } from 'zod';
import { type ApprovalTerms, approvalTermsSchema } from './approvals.js';
import { durationSchema } from './durations.js';

/** What a ledger counts: an amount is taken from what is left. */
export const LEDGER_LIMITS = ['tokens', 'costUsd', 'calls'] as const;
export type LedgerLimit = (typeof LEDGER_LIMITS)[number];

export const BUDGET_LIMITS = [...LEDGER_LIMITS, 'wallClock', 'rounds', 'agents', 'depth'] as const;
export type BudgetLimit = (typeof BUDGET_LIMITS)[number];

export const ON_EXCEEDED = ['stop', 'degrade', 'approval'] as const;

/**
 * At least one limit. `stop`: status `budget_exceeded`, best so far; `degrade`: what is there is completed, `partial`;
 * `approval`: a person says how much more, or that it stops.
 */
export interface Budget {
  tokens?: number;
  /** US dollars. */
  costUsd?: number;
  calls?: number;
  wallClockMs?: number;
  rounds?: number;
  agents?: number;
  depth?: number;
  onExceeded: (typeof ON_EXCEEDED)[number];
  /** With `onExceeded: approval`: who is asked. */
  approval?: ApprovalTerms;
}

const most = z.int().min(1).max(1_000_000_000).optional();

/**
 * What a run, or a place in it, may use. An agent call is made when its estimate fits into what is left; calls in
 * flight end as they would.
 */
export const budgetSchema: z.ZodType<Budget> = z
  .strictObject({
    tokens: most.describe('Input and output tokens together, as agents report them.'),
    costUsd: z.number().positive().max(1_000_000_000).optional(),
    calls: most.describe('Attempts, also those that fail.'),
    wallClock: durationSchema.optional().describe('After it, what is under way is canceled.'),
    rounds: most.describe('Of each pattern that works in rounds.'),
    agents: most.describe('Different agents.'),
    depth: most.describe('Patterns inside each other, the outermost counts.'),
    onExceeded: z.enum(ON_EXCEEDED).default('stop'),
    approval: approvalTermsSchema.optional().describe('Who is asked for more, with onExceeded: approval.'),
  })
  .refine((budget) => BUDGET_LIMITS.some((limit) => budget[limit] !== undefined), {
    message: `needs at least one of ${BUDGET_LIMITS.join(', ')}`,
  })
  .refine(({ approval, onExceeded }) => approval === undefined || onExceeded === 'approval', {
    path: ['approval'],
    message: 'goes with onExceeded: approval',
  })
  .refine(({ approval }) => approval?.schema === undefined, {
    path: ['approval', 'schema'],
    message: 'is given: an answer says by how much which limit is raised',
  })
  .transform(({ wallClock, approval, ...rest }) => ({
    ...rest,
    ...(wallClock === undefined ? {} : { wallClockMs: wallClock }),
    ...(rest.onExceeded === 'approval' && { approval: approval ?? approvalTermsSchema.parse({}) }),
  }))
  .meta({ id: 'Budget' });

/** A budget that did not cover a call. */
export const refusedBySchema = z.object({ place: z.string(), limit: z.enum(BUDGET_LIMITS) });

const AMOUNTS = ['tokens', 'costUsd', 'calls', 'wallClockMs', 'rounds', 'agents', 'depth'] as const;

/** The stricter of both in each limit; what the inner one says of its end holds. */
export function capBudget(outer: Budget | undefined, inner: Budget | undefined): Budget | undefined {
  if (!outer || !inner) return outer ?? inner;
  const limits = AMOUNTS.flatMap((name) => {
    const said = [outer[name], inner[name]].filter((amount) => amount !== undefined);
    return said.length === 0 ? [] : [[name, Math.min(...said)]];
  });
  const { onExceeded, approval } = inner;
  return { ...Object.fromEntries(limits), onExceeded, ...(approval && { approval }) };
}

const amountsShape = {
  tokens: z.number().optional(),
  costUsd: z.number().optional(),
  calls: z.number().optional(),
  agents: z.number().optional(),
};

/** The budget of a run: what it may use, has used, holds for calls and places under way, and has left. */
export const budgetViewSchema = z
  .object({
    limits: z.object({
      ...amountsShape,
      wallClockMs: z.number().optional(),
      rounds: z.number().optional(),
      depth: z.number().optional(),
      onExceeded: z.enum(ON_EXCEEDED),
    }),
    used: z.object(amountsShape),
    reserved: z.object(amountsShape).describe('Estimates of calls under way, and leases of places inside.'),
    left: z.object(amountsShape),
  })
  .meta({ id: 'BudgetView' });
export type BudgetView = z.infer<typeof budgetViewSchema>;

/** One place with a budget as a call carries it: what the ledger of that place counts. */
export interface BudgetLevel {
  /** Without a leading slash, empty for the run itself. */
  place: string;
  limits: { [Limit in LedgerLimit | 'agents']?: number };
}

/** The budgets that a call is under, the outermost first. */
export interface CallBudget {
  levels: BudgetLevel[];
  /** Undoing work is counted, never refused. */
  isForced?: true;
}
