import { z } from 'zod';
import { BUDGET_LIMITS, ON_EXCEEDED } from './budget.js';
import { toldProgressSchema } from './agent-progress.js';
import { APPROVAL_KINDS, decisionVerbSchema } from './approvals.js';
import { jsonSchema } from './json.js';
import { deadlockLinkSchema, needsSchema } from './needs.js';
import {
  bulkCountsSchema,
  decisionSchema,
  runStatusSchema,
  terminationReasonSchema,
  callErrorSchema,
  runErrorSchema,
} from './runs.js';
import { usageSchema } from './usage.js';
import { workflowErrorSchema } from './workflow-error.js';

const path = z.string().describe('Where it happens: `/steps/triage`, `/items/3/steps/summarise`.');
const round = z.int().optional().describe('Of a task of a definition that is done again, from 2.');
const call = { callKey: z.string(), path: z.string().optional() };
const approval = { approvalId: z.string(), path };
const who = { agent: z.string().nullable(), agentId: z.string().nullable(), instanceId: z.string().nullable() };

/** The closed union of what happens in a run: the schema of each type's `data`. */
export const EVENT_DATA = {
  'run.accepted': z.object({
    pattern: z.string(),
    workflow: z.string().optional().describe('namespace/name:version, of a run that follows a definition.'),
    parentRunId: z.string().optional(),
  }),
  'run.started': z.object({ resumed: z.boolean() }),
  'run.pause_requested': z.object({}),
  'run.paused': z.object({}),
  'run.waiting': z.object({}).describe('Nothing is under way but questions to persons; run.resumed ends it.'),
  'run.resumed': z.object({}),
  'run.signalled': z.object({ name: z.string(), data: jsonSchema }),
  'run.cancel_requested': z.object({}),
  'run.finished': z.object({
    status: runStatusSchema,
    terminationReason: terminationReasonSchema,
    error: runErrorSchema.optional(),
  }),
  'step.started': z.object({ path, name: z.string(), round }),
  'step.finished': z.object({
    path,
    name: z.string(),
    round,
    outcome: z.enum(['completed', 'failed', 'partial', 'canceled']),
    error: workflowErrorSchema.optional().describe('Of a task of a definition that failed.'),
  }),
  'step.skipped': z.object({ path, name: z.string(), round, reason: z.string() }),
  'step.retried': z
    .object({ path, name: z.string(), retry: z.int().positive(), error: z.string().describe('Its type, a URI.') })
    .describe('A try task of a definition does its tasks again.'),
  'step.compensated': z.object({ path, name: z.string(), outcome: z.enum(['completed', 'failed']) }),
  'call.started': z.object({ ...call, ...who, attempt: z.int() }),
  'call.retried': z.object({ ...call, ...who, attempt: z.int(), error: callErrorSchema }),
  'call.hedged': z.object({ ...call, ...who, attempt: z.int(), afterMs: z.number() }),
  'call.pending': z
    .object({ ...call, ...who, attempt: z.int(), taskId: z.string(), dueAt: z.string() })
    .describe('The agent has taken the call and answers later, until dueAt at the latest.'),
  'call.progress': z
    .object({
      ...call,
      ...who,
      attempt: z.int(),
      ...toldProgressSchema.shape,
    })
    .describe('What the agent says of its work since the last such event: of one attempt at most one a second.'),
  'call.finished': z.object({
    ...call,
    ...who,
    version: z.string().nullable(),
    role: z.string().nullable(),
    status: z.enum(['completed', 'failed', 'canceled']),
    attempts: z.int(),
    usage: usageSchema,
    queueMs: z.number(),
    execMs: z.number(),
    confidence: z.number().optional(),
    degraded: z.boolean().optional(),
    output: jsonSchema.optional(),
    outputRef: z.string().optional(),
    error: callErrorSchema.optional(),
  }),
  decision: decisionSchema.omit({ at: true }),
  'market.settled': z
    .object({
      path,
      agent: z.string(),
      agentId: z.string(),
      outcome: z.enum(['kept', 'late', 'defaulted', 'canceled']),
      priceUsd: z.number().describe('What the winner is paid.'),
      promised: z.object({ priceUsd: z.number(), etaMs: z.number(), confidence: z.number().nullable() }),
      real: z.object({ costUsd: z.number().nullable(), elapsedMs: z.number(), confidence: z.number().nullable() }),
      deviation: z.object({
        costUsd: z.number().nullable(),
        timeMs: z.number(),
        confidence: z.number().nullable(),
      }),
      error: callErrorSchema.optional(),
    })
    .describe('A winner of a market and what it was held to: promised against real, and real minus promised.'),
  'budget.refused': z
    .object({
      ...call,
      place: z.string().describe('The place whose budget it is, as a path.'),
      limit: z.enum(BUDGET_LIMITS),
      estimate: z.number(),
      left: z.number(),
      agent: z.string().nullable(),
    })
    .describe('A call that was not made because its estimate does not fit into what is left.'),
  'budget.exceeded': z.object({ path, limit: z.enum(BUDGET_LIMITS), onExceeded: z.enum(ON_EXCEEDED) }),
  'budget.raised': z
    .object({ path, limit: z.enum(BUDGET_LIMITS), by: z.number() })
    .describe('A person allowed more at a place; of a place inside, as much as those around it have left.'),
  'bulk.progress': z
    .object({ shard: z.int(), counts: bulkCountsSchema })
    .describe('Items of a bulk run have ended: all of its items by status; the shard that says so.'),
  'approval.opened': z.object({
    ...approval,
    kind: z.enum(APPROVAL_KINDS),
    question: z.string(),
    assignees: z.array(z.string()),
    dueAt: z.string(),
  }),
  'approval.decided': z.object({
    ...approval,
    decision: decisionVerbSchema,
    by: z.object({ id: z.string(), name: z.string() }),
    comment: z.string().optional(),
  }),
  'approval.expired': z.object({
    ...approval,
    outcome: z.enum(['approve', 'reject', 'escalate']),
    assignees: z.array(z.string()).optional().describe('With escalate: who may decide from now on.'),
    dueAt: z.string().optional(),
  }),
  'resource.waiting': z
    .object({
      ...call,
      needs: needsSchema,
      ahead: z.int().min(0).describe('Requests before it for the same resources.'),
    })
    .describe('A call waits for the resources that it needs.'),
  'resource.granted': z
    .object({ ...call, needs: needsSchema, waitedMs: z.number() })
    .describe('A call has what it needs, until it is over.'),
  'resource.deadlock': z
    .object({
      refused: z.string().describe('The work whose request was refused, so that the others go on.'),
      cycle: z.array(deadlockLinkSchema).describe('Each waits for what the next one has, and the last for the first.'),
    })
    .describe('Requests for resources waited for each other; a call of the run was one of them.'),
  'event.emitted': z
    .object({
      path,
      id: z.string(),
      type: z.string(),
      source: z.string(),
      data: jsonSchema.optional(),
      attributes: z.record(z.string(), jsonSchema).optional().describe('Further ones, such as time and subject.'),
    })
    .describe('A CloudEvent that a task of a definition sent.'),
  'event.heard': z
    .object({ path, id: z.string(), type: z.string(), source: z.string() })
    .describe('An event that a listen task took.'),
  'correlation.started': z.object({ path }).describe('A listen task waits for events.'),
  'correlation.completed': z
    .object({ path, keys: z.record(z.string(), jsonSchema).describe('What the events were correlated by.') })
    .describe('A listen task has all events that it waited for.'),
  'event.dropped': z
    .object({ id: z.string(), type: z.string(), source: z.string() })
    .describe('Lost: nobody listened, and too many events waited already.'),
  'run.child_started': z
    .object({ path, runId: z.string(), workflow: z.string().describe('namespace/name:version') })
    .describe('A workflow that a task of a definition runs: a run of its own.'),
  'payload.stored': z.object({ ref: z.string(), bytes: z.int() }),
} as const;
export type EventType = keyof typeof EVENT_DATA;
export const EVENT_TYPES = Object.keys(EVENT_DATA) as [EventType, ...EventType[]];

export type EventData = { [Type in EventType]: z.infer<(typeof EVENT_DATA)[Type]> };

/** An event before it has a position. `key` is deterministic, so that a repeat writes nothing new. */
export type NewRunEvent = { [Type in EventType]: { key: string; type: Type; data: EventData[Type] } }[EventType];

/** One event of a run's stream; positions are 1..n without gaps, and `run.finished` is the last. */
export type RunEvent = {
  [Type in EventType]: { id: string; position: number; at: string; type: Type; data: EventData[Type] };
}[EventType];

export const runEventSchema = z
  .object({
    id: z.string().describe('<run id>:<position>'),
    position: z.int().positive(),
    at: z.string(),
    type: z.enum(EVENT_TYPES),
    data: jsonSchema,
  })
  .meta({ id: 'RunEvent' });
