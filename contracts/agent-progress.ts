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

const MAX_TEXT_LENGTH = 16_384;

/** What an agent has said since it was told of last. */
export const toldProgressSchema = agentProgressSchema
  .extend({
    text: z.string().max(MAX_TEXT_LENGTH).optional().describe('The next piece of an output that is text.'),
    omitted: z.int().positive().optional().describe('Characters of the text that did not fit.'),
  })
  .meta({ id: 'ToldProgress' });
export type ToldProgress = z.infer<typeof toldProgressSchema>;

/** The newest of each field, and all of the text that fits. */
export function mergeProgress(before: ToldProgress, { text, ...progress }: AgentSaid): ToldProgress {
  const all = { ...before, ...progress };
  if (text === undefined) return all;
  const room = MAX_TEXT_LENGTH - (before.text?.length ?? 0);
  const omitted = (before.omitted ?? 0) + Math.max(0, text.length - room);
  return { ...all, text: (before.text ?? '') + text.slice(0, room), ...(omitted > 0 && { omitted }) };
}

/** As it can be kept: pieces may end inside of a character. */
export const wholeText = ({ text, ...said }: ToldProgress): ToldProgress =>
  text === undefined ? said : { ...said, text: text.replaceAll(/\p{Surrogate}|\0/gu, '\u{FFFD}') };

/**
 * Events of an answer that is streamed (`text/event-stream`). `result` is the body of a direct answer, `error` the
 * `{status, detail}` of the failure in its stead; one of them is the last.
 */
export const ANSWER_EVENTS = { progress: 'progress', chunk: 'chunk', result: 'result', error: 'error' } as const;
