import { z } from 'zod';
import { budgetSchema, budgetViewSchema, refusedBySchema } from './budget.js';
import { feedbackSchema } from './feedback.js';
import { askedSchema } from './input-required.js';
import { jsonSchema, labelsSchema } from './json.js';
import { prioritySchema } from './priority.js';
import { RUN_STATUSES, TERMINAL_STATUSES, type TerminalStatus } from './run-status.js';
import { usageSchema } from './usage.js';
import { PATTERN_PARAMS, type PatternName, type PatternParams, type RunKind } from './patterns.js';

export { isTerminal, RUN_STATUSES, TERMINAL_STATUSES, type TerminalStatus } from './run-status.js';

export const runStatusSchema = z.enum(RUN_STATUSES).meta({ id: 'RunStatus' });
/** `accepted`, `running`, `waiting` (for a person, an event or a time only), `paused`; the others are ends. */
export type RunStatus = z.infer<typeof runStatusSchema>;

export const terminationReasonSchema = z.enum([
  'done',
  'goal_met',
  'consensus',
  'quiescent',
  'max_cycles',
  'max_activations',
  'rule_met',
  'rule_unreachable',
  'agent_failed',
  'no_candidate',
  'fault',
  'no_bids',
  'invalid_output',
  'invalid_expression',
  'deadline',
  'canceled',
  'exit_if',
  'max_hops',
  'max_rounds',
  'ping_pong',
  'max_tasks',
  'max_replans',
  'stalled',
  'no_consensus',
  'no_quorum',
  'vetoed',
  'rejected',
  'budget',
  'memory_refused',
  'internal',
]);
export type TerminationReason = z.infer<typeof terminationReasonSchema>;

/** What every start of runs may say beside pattern, parameters and data. */
export const runFields = {
  deadlineMs: z
    .int()
    .min(1)
    .max(365 * 86_400_000)
    .default(7 * 86_400_000)
    .describe('Milliseconds from acceptance until the run ends timed_out; 7 days unless said.'),
  priority: prioritySchema.default('normal'),
  labels: labelsSchema.default({}),
  correlationId: z.string().min(1).max(255).optional(),
  budget: budgetSchema.optional().describe('What the run may use; caps `with.budget`.'),
};
/** What every start of a single run may say. */
export const startExtras = { input: jsonSchema.default(null), ...runFields };

/** `POST /v1/runs`: a pattern with its parameters, and the data it works on. */
export const startRunSchema = z
  .discriminatedUnion('pattern', [
    startOf('agent'),
    startOf('sequential'),
    startOf('concurrent'),
    startOf('market'),
    startOf('handoff'),
    startOf('consensus'),
    startOf('groupChat'),
    startOf('workers'),
    startOf('blackboard'),
    startOf('plan'),
    startOf('hierarchy'),
    startOf('adaptive'),
  ])
  .meta({ id: 'StartRun' });
export type StartRun = z.infer<typeof startRunSchema>;

function startOf<Name extends PatternName>(name: Name) {
  const parameters: z.ZodType<PatternParams[Name]> = PATTERN_PARAMS[name];
  return z.strictObject({ pattern: z.literal(name), with: parameters, ...startExtras });
}

export const callErrorSchema = z.object({
  code: z.string(),
  message: z.string(),
  retryable: z.boolean(),
  budget: refusedBySchema.optional().describe('Which budget did not cover the call.'),
  asked: askedSchema.optional().describe('What the agent has to know, and which agent.'),
  fallback: z
    .object({ workflow: z.object({ namespace: z.string(), name: z.string(), version: z.string() }) })
    .optional()
    .describe('What stands in for the connection that did not answer.'),
});
export type CallError = z.infer<typeof callErrorSchema>;

/** One finished call as the result shows it, built from the journal. */
export const contributionSchema = z
  .object({
    callKey: z.string(),
    agentId: z.string().nullable(),
    agent: z.string().nullable(),
    version: z.string().nullable(),
    instanceId: z.string().nullable(),
    role: z.string().nullable(),
    round: z.int().nullable(),
    attempts: z.int(),
    status: z.enum(['completed', 'failed', 'canceled']),
    queueMs: z.number(),
    execMs: z.number(),
    usage: usageSchema,
    confidence: z.number().optional(),
    degraded: z
      .boolean()
      .optional()
      .describe('Something stood in for who should have done it, or its pool had lost members.'),
    score: z.number().optional().describe('0 to 1: the mean of what was said of the call as feedback.'),
    output: jsonSchema.optional(),
    outputRef: z.string().optional(),
    error: callErrorSchema.optional(),
  })
  .meta({ id: 'Contribution' });
export type Contribution = z.infer<typeof contributionSchema>;

/** Why something was chosen: what, by which rule, among whom, with which scores. */
export const decisionSchema = z
  .object({
    what: z.string(),
    path: z.string().optional().describe('Of the pattern that decided: `/steps/fix`; `/` for the run itself.'),
    at: z.string(),
    rule: z.string(),
    candidates: z.array(jsonSchema).optional(),
    scores: jsonSchema.optional(),
    chosen: jsonSchema.optional(),
  })
  .meta({ id: 'Decision' });
export type Decision = z.infer<typeof decisionSchema>;

const linksSchema = z.object({ self: z.string(), events: z.string(), temporal: z.string().optional() });

export const acceptedRunSchema = z
  .object({ id: z.string(), status: runStatusSchema, links: linksSchema })
  .meta({ id: 'AcceptedRun' });
/** A run that is on record, before it has begun. */
export type AcceptedRun = z.infer<typeof acceptedRunSchema>;

/** Of a run that follows a definition with the problem details (RFC 7807) of the error that nothing caught. */
export const runErrorSchema = z.object({
  code: z.string(),
  message: z.string(),
  path: z.string().optional(),
  type: z.string().optional(),
  status: z.number().optional(),
  title: z.string().optional(),
  detail: z.string().optional(),
  instance: z.string().optional().describe('JSON pointer of the task: `/do/0/order/try/0/pay`.'),
});
export type RunError = z.infer<typeof runErrorSchema>;

const time = z.string().describe('RFC 3339');

/** A run as lists show it. */
export const runSummarySchema = z
  .object({
    id: z.string(),
    pattern: (z.string() as z.ZodType<RunKind>).describe('`workflow`: the run follows a definition.'),
    workflow: z.string().nullable().describe('Of such a run: namespace/name:version.'),
    status: runStatusSchema,
    terminationReason: terminationReasonSchema.nullable(),
    labels: labelsSchema,
    priority: prioritySchema,
    correlationId: z.string().nullable(),
    parentRunId: z.string().nullable(),
    acceptedAt: time,
    startedAt: time.nullable(),
    finishedAt: time.nullable(),
  })
  .meta({ id: 'RunSummary' });
export type RunSummary = z.infer<typeof runSummarySchema>;

/** How an item of a bulk run may stand. */
export const ITEM_STATUSES = ['accepted', 'running', ...TERMINAL_STATUSES] as const satisfies readonly RunStatus[];
/** How an item of a bulk run may stand. */
export type ItemStatus = (typeof ITEM_STATUSES)[number];

const itemCount = z.int().nonnegative();
/** The items of a bulk run, all of them and by status. */
export const bulkCountsSchema = z
  .object({
    total: itemCount,
    accepted: itemCount,
    running: itemCount,
    completed: itemCount,
    partial: itemCount,
    failed: itemCount,
    canceled: itemCount,
    timed_out: itemCount,
    budget_exceeded: itemCount,
    rejected: itemCount,
  } satisfies Record<ItemStatus | 'total', typeof itemCount>)
  .meta({ id: 'BulkCounts' });
export type BulkCounts = z.infer<typeof bulkCountsSchema>;

/** `GET /v1/runs/{id}`. `contributions` holds the first 1,000; the rest is in the events. */
export const runSchema = runSummarySchema
  .extend({
    with: jsonSchema,
    input: jsonSchema,
    output: jsonSchema,
    degraded: z.boolean(),
    contributions: z.array(contributionSchema),
    decisions: z.array(decisionSchema),
    rounds: z.int(),
    usage: usageSchema,
    budget: budgetViewSchema.nullable().describe('null: the run has none.'),
    warnings: z.array(z.string()),
    feedback: z.array(feedbackSchema),
    error: runErrorSchema.nullable(),
    deadlineAt: time,
    traceId: z.string().nullable(),
    definitionHash: z.string(),
    bulk: bulkCountsSchema.optional().describe('Of a bulk run: its items by status, also while it runs.'),
    links: linksSchema,
  })
  .meta({ id: 'Run' });
export type Run = z.infer<typeof runSchema>;

/** What a finished run leaves in its row; `output` is materialised from references before it is stored. */
export interface RunEnd {
  status: TerminalStatus;
  terminationReason: TerminationReason;
  degraded: boolean;
  rounds: number;
  warnings: string[];
  error?: RunError;
}
