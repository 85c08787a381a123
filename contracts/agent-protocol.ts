import { z } from 'zod';
import { jsonSchema } from './json.js';
import { usageSchema } from './runs.js';

/** What Brikk posts to an agent's endpoint (protocol `http`, version 1). */
export const agentRequestSchema = z
  .object({
    kind: z.enum(['task']),
    capability: z.string(),
    input: jsonSchema,
    context: jsonSchema,
    deadlineMs: z.number().positive().describe('Milliseconds the agent has for this attempt.'),
    run: z.object({ id: z.string(), step: z.string(), attempt: z.int().positive() }),
    idempotencyKey: z.string(),
  })
  .meta({ id: 'AgentRequest' });
export type AgentRequest = z.infer<typeof agentRequestSchema>;

/** What an agent answers to a task. Fields it does not know are ignored: agents may be newer than we are. */
export const taskAnswerSchema = z
  .object({
    output: jsonSchema,
    confidence: z.number().min(0).max(1).optional(),
    usage: usageSchema.omit({ calls: true }).optional(),
  })
  .refine((answer) => 'output' in answer && answer.output !== undefined, { path: ['output'], message: 'is required' })
  .meta({ id: 'TaskAnswer' });
export type TaskAnswer = z.infer<typeof taskAnswerSchema>;

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
