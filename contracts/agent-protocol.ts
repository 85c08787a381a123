import { z } from 'zod';
import { type Json, jsonSchema } from './json.js';
import { usageSchema } from './usage.js';

/** The newest version of the agent protocol that Brikk speaks (header `Brikk-Protocol`). */
export const AGENT_PROTOCOL_VERSION = 1;

/**
 * What an agent is asked for: to do the task, to offer a price for it (FIPA SC00029, call for proposals), to plan it, or
 * to decide something about it.
 */
export const requestKindSchema = z.enum(['task', 'bid', 'plan', 'decide']);
export type RequestKind = z.infer<typeof requestKindSchema>;

/** What Brikk posts to an agent's endpoint (protocol `http`, version 1). */
export const agentRequestSchema = z
  .object({
    kind: requestKindSchema,
    capability: z.string(),
    input: jsonSchema,
    context: jsonSchema,
    deadlineMs: z.number().positive().describe('Milliseconds the agent has for this attempt.'),
    run: z.object({
      id: z.string(),
      step: z.string(),
      attempt: z.int().positive(),
      callbackUrl: z.string().optional().describe('Where an agent that answered 202 posts its answer, once.'),
      callbackMs: z.number().positive().optional().describe('Milliseconds until the callback URL expires.'),
    }),
    idempotencyKey: z.string(),
  })
  .meta({ id: 'AgentRequest' });
export type AgentRequest = z.infer<typeof agentRequestSchema>;

/** What an agent says of its own answer, whatever it was asked for. */
const factsShape = {
  confidence: z.number().min(0).max(1).optional(),
  usage: usageSchema.omit({ calls: true }).optional(),
};

/** What an agent answers to a task. Fields it does not know are ignored: agents may be newer than we are. */
export const taskAnswerSchema = z
  .object({ output: jsonSchema, ...factsShape })
  .refine(...has('output'))
  .meta({ id: 'TaskAnswer' });
export type TaskAnswer = z.infer<typeof taskAnswerSchema>;

/** An agent's offer for a task. */
export const bidSchema = z
  .object({
    price: z.number().nonnegative().describe('US dollars; in an exchange of a unit.'),
    etaMs: z.number().nonnegative().describe('Milliseconds until the task would be done.'),
    confidence: z.number().min(0).max(1).optional(),
    conditions: jsonSchema.optional(),
    quantity: z.number().positive().optional().describe('In an exchange: units of work, at most; 1 unless said.'),
    validForMs: z.number().positive().optional().describe('Milliseconds the offer stands; for the run unless said.'),
  })
  .meta({ id: 'Bid' });
export type Bid = z.infer<typeof bidSchema>;

/** A proposal or a refusal (FIPA SC00029); the output of a call of kind `bid`. */
export const bidOutputSchema = z.union([
  z.object({ bid: bidSchema }),
  z.object({ refuse: z.object({ reason: z.string().max(1_000) }) }),
]);
export type BidOutput = z.infer<typeof bidOutputSchema>;

/** The answer to each kind of request; all of them become an output with what the agent said of itself. */
export const ANSWER_SCHEMAS: { [Kind in RequestKind]: z.ZodType<TaskAnswer> } = {
  task: taskAnswerSchema,
  bid: z
    .object(factsShape)
    .and(bidOutputSchema)
    .transform(({ confidence, usage, ...output }) => answerOf(output as Json, { confidence, usage })),
  plan: z
    .object({ plan: jsonSchema, ...factsShape })
    .refine(...has('plan'))
    .transform(({ plan, ...said }) => answerOf(plan, said)),
  decide: z
    .object({ decision: jsonSchema, ...factsShape })
    .refine(...has('decision'))
    .transform(({ decision, ...said }) => answerOf(decision, said)),
};

/** A field that may hold any JSON, null too, and must be there. */
function has<Field extends string>(
  field: Field,
): [(answer: Record<Field, Json>) => boolean, { path: string[]; message: string }] {
  return [(answer) => answer[field] !== undefined, { path: [field], message: 'is required' }];
}

const answerOf = (output: Json, { confidence, usage }: Omit<TaskAnswer, 'output'>): TaskAnswer => ({
  output,
  ...(confidence !== undefined && { confidence }),
  ...(usage !== undefined && { usage }),
});

/**
 * Headers of a request to an agent. The signature is that of Standard Webhooks (`v1,<base64 HMAC-SHA-256>` over
 * `<id>.<timestamp>.<body>`), given when the agent has a secret.
 */
export const AGENT_HEADERS = {
  protocol: 'brikk-protocol',
  idempotencyKey: 'idempotency-key',
  traceparent: 'traceparent',
  id: 'webhook-id',
  timestamp: 'webhook-timestamp',
  signature: 'brikk-signature',
} as const;
