import { z } from 'zod';
import { approvalGateSchema } from './approvals.js';
import { type Budget, budgetSchema } from './budget.js';
import { careShape } from './care.js';
import { type ContextTerms, contextSchema } from './context.js';
import { durationSchema } from './durations.js';
import { expressionSchema } from './templates.js';
import { jsonSchema, labelsSchema, nameSchema, schemaDocumentSchema } from './json.js';
import { namesTarget, TARGET_NEEDED, targetShape } from './call-target.js';
import { type Needs, needsSchema } from './needs.js';

/** How an instance is chosen among those that can do the task. */
export const selectSchema = z.enum([
  'expected-completion',
  'least-busy',
  'round-robin',
  'random',
  'ewma-latency',
  'lowest-cost',
  'sticky',
  'learned',
  'delegated',
]);
export type Select = z.infer<typeof selectSchema>;

/** Retries over candidates: another instance first, then another agent of the capability. */
export const retrySchema = z
  .strictObject({
    maxAttempts: z.int().min(1).max(100).default(3),
    initial: durationSchema.prefault('PT0.1S'),
    factor: z.number().min(1).max(10).default(2),
    max: durationSchema.prefault('PT10S'),
    jitter: z.number().min(0).max(1).default(0.2),
    nonRetryable: z.array(z.string().max(128)).max(32).default([]),
  })
  .transform(({ initial, max, ...rest }) => ({ ...rest, initialMs: initial, maxMs: max }));
export type Retry = z.infer<typeof retrySchema>;

/**
 * `attempt` bounds one request to one agent, `total` the call with all its attempts, `idle` the silence of an agent that
 * works on it: any byte of its answer and any progress that it posts breaks it.
 */
export const timeoutSchema = z
  .strictObject({
    attempt: durationSchema.optional().describe('PT30S unless said; with idle as long as total.'),
    total: durationSchema.prefault('PT5M'),
    idle: durationSchema.optional().describe('The longest silence of an agent; no limit of its own unless said.'),
  })
  .transform(({ attempt, total, idle }): CallTimeout => ({
    attemptMs: attempt ?? (idle === undefined ? ATTEMPT_MS : total),
    totalMs: total,
    ...(idle !== undefined && { idleMs: idle }),
  }));
const ATTEMPT_MS = 30_000;
export interface CallTimeout {
  attemptMs: number;
  totalMs: number;
  idleMs?: number;
}

/**
 * Another instance is asked when there is no answer after so long, and again after as long, at most `max` besides the
 * first; `p95`: longer than 95 % of the first one's answers took.
 */
export const hedgeSchema = z
  .strictObject({ after: z.union([z.literal('p95'), durationSchema]), max: z.int().min(1).max(10).default(1) })
  .transform(({ after, max }): Hedge => ({ afterMs: after, ...(max > 1 && { max }) }));
export interface Hedge {
  afterMs: number | 'p95';
  /** Instances asked besides the first; 1 unless said. */
  max?: number;
}

/**
 * What a task does while no agent is free: `immediate` fails at once, `queued` waits up to its deadline, also where none is
 * alive; unless said it waits for busy agents up to its deadline, and for agents out of reach some seconds. A
 * `consolidated` one is sent once with all that are equal to it and come within its window, a second unless said.
 */
export const distributionSchema = z
  .union([
    z.enum(['immediate', 'queued', 'consolidated']),
    z.strictObject({ policy: z.literal('consolidated'), window: durationSchema }),
  ])
  .transform((said): Distribution => {
    if (typeof said === 'object') return { policy: said.policy, windowMs: said.window };
    return said === 'consolidated' ? { policy: said, windowMs: 1_000 } : { policy: said };
  });
export type Distribution = { policy: 'immediate' | 'queued' } | { policy: 'consolidated'; windowMs: number };

/** Who chooses, and how long that may take. */
export interface Coordinator {
  capability?: string;
  agent?: string;
  withinMs: number;
}
const coordinatorSchema = z
  .strictObject({ ...targetShape, within: durationSchema.prefault('PT10S') })
  .refine(namesTarget, TARGET_NEEDED)
  .transform(({ within, ...target }): Coordinator => ({ ...target, withinMs: within }));

/** What every agent call may say; a pattern's own value is the default of its steps and branches. */
export const callOptionsShape = {
  labels: labelsSchema.optional(),
  version: z.string().max(128).optional().describe('Semver range of the agent, such as ^1.2.0.'),
  select: selectSchema.optional(),
  stickyKey: expressionSchema
    .optional()
    .describe('With select: sticky. jq over the input of the call: equal keys go to one instance. Default: the run.'),
  coordinator: coordinatorSchema
    .optional()
    .describe('With select: delegated. The agent that chooses one of the agents; late or wrong: expected-completion.'),
  region: nameSchema.optional().describe('Agents of this region come first, others when none of it is free.'),
  distribution: distributionSchema
    .optional()
    .describe(
      'immediate fails where no agent is free, queued waits for one to the deadline, consolidated sends equal tasks once.',
    ),
  timeout: timeoutSchema.optional(),
  retry: retrySchema.optional(),
  idempotent: z.boolean().optional().describe('The agent honours repeated keys.'),
  hedge: hedgeSchema.optional().describe('Only with idempotent: true. The first answer wins, all attempts count.'),
  context: contextSchema.optional().describe('What the agent is told of earlier work of the same pattern.'),
  needs: needsSchema.optional().describe('Resources that each call leases while it is made; {} for none.'),
  budget: budgetSchema.optional().describe('What all calls of this place may use; held from the budget around it.'),
} as const;
export interface CallOptions {
  labels?: Record<string, string>;
  version?: string;
  select?: Select;
  stickyKey?: string;
  coordinator?: Coordinator;
  region?: string;
  distribution?: Distribution;
  timeout?: CallTimeout;
  retry?: Retry;
  idempotent?: boolean;
  hedge?: Hedge;
  context?: ContextTerms;
  needs?: Needs;
  /** Of this place alone: it is no default of what is inside. */
  budget?: Budget;
}

/** One agent call as a pattern declares it: `capability`, `agent` or both, its input, its limits. */
export const agentTaskSchema = z.strictObject({
  ...targetShape,
  ...callOptionsShape,
  input: jsonSchema
    .optional()
    .describe('A literal, or jq in `${ }` (also inside an object). Default: the data the task is given.'),
  outputSchema: schemaDocumentSchema.optional().describe('An output that breaks it is a failed attempt.'),
  ...careShape,
  approval: approvalGateSchema.optional().describe('A person decides: before, after, or on failure.'),
});
export type AgentTask = z.infer<typeof agentTaskSchema>;
