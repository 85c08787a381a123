import { z } from 'zod';
import { nameSchema } from './json.js';
import { pageQuerySchema } from './lists.js';
import { PATTERNS } from './patterns.js';
import { runStatusSchema } from './runs.js';

/** `GET /v1/failed-calls`. */
export const listFailedCallsSchema = pageQuerySchema.extend({
  capability: nameSchema.optional(),
  agent: nameSchema.optional().describe('Name or id of the agent that was asked last.'),
  pattern: z.enum([...PATTERNS, 'workflow']).optional(),
  run: z.uuid('must be the id of a run').optional(),
  since: z.iso.datetime({ offset: true }).optional(),
});
export type ListFailedCalls = z.infer<typeof listFailedCallsSchema>;

export const failedCallSchema = z
  .object({
    runId: z.string(),
    pattern: z.string().describe('Of the run; workflow where it follows a definition.'),
    workflow: z.string().nullable(),
    runStatus: runStatusSchema,
    key: z.string(),
    path: z.string().describe('The place of the call in the run.'),
    role: z.string().nullable(),
    capability: z.string().nullable().describe('What was asked for; null where an agent alone was named, or a server.'),
    agent: z.string().nullable().describe('Who was asked last; null where no agent was.'),
    agentId: z.string().nullable(),
    attempts: z.int(),
    error: z.object({ code: z.string(), message: z.string() }),
    startedAt: z.string(),
    failedAt: z.string(),
    replay: z
      .object({
        path: z.string(),
        body: z.union([z.object({ calls: z.literal('failed') }), z.object({ items: z.literal('failed') })]),
      })
      .nullable()
      .describe('What to POST, with a `reason`, so that it is made again; null until its run has ended.'),
  })
  .meta({ id: 'FailedCall' });
/** A call that failed for good: after its retries, with all candidates. */
export type FailedCall = z.infer<typeof failedCallSchema>;
