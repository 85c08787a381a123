import { z } from 'zod';
import { jsonSchema } from './json.js';

const MAX_DATA_LENGTH = 8_192;

/** How far an agent is with a call; each field replaces what was said before. An empty one says that it is alive. */
export const agentProgressSchema = z
  .object({
    fraction: z.number().min(0).max(1).optional().describe('How much of the work is done.'),
    message: z.string().max(1_000).optional().describe('What it does now.'),
    data: jsonSchema
      .refine((data) => JSON.stringify(data).length <= MAX_DATA_LENGTH, `must be at most ${MAX_DATA_LENGTH} characters`)
      .optional()
      .describe('Anything else, at most 8,192 characters of JSON.'),
  })
  .meta({ id: 'AgentProgress' });
export type AgentProgress = z.infer<typeof agentProgressSchema>;

/** A piece of the output that is text, while it is made. */
export const agentChunkSchema = z.object({ text: z.string() });

/** What an agent says while it works: of its progress, or the next piece of its output. */
export type AgentSaid = AgentProgress & { text?: string };

/**
 * Events of an answer that is streamed (`text/event-stream`). `result` is the body of a direct answer, `error` the
 * `{status, detail}` of the failure in its stead; one of them is the last.
 */
export const ANSWER_EVENTS = { progress: 'progress', chunk: 'chunk', result: 'result', error: 'error' } as const;
