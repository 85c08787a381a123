import { z } from 'zod';
import { namesTarget, TARGET_NEEDED, targetShape } from './call-target.js';
import { nameSchema } from './json.js';
import { type Recall, recallSchema } from './recall.js';

/** What an agent is told beside its input: of earlier work of the same pattern, and of shared memory. */
export interface ContextTerms {
  pass: 'none' | 'last' | 'all' | 'summary' | 'auto' | string[];
  maxTokens: number;
  compaction: 'drop-oldest' | 'sliding-window' | 'keep-tools' | { summarise: { capability?: string; agent?: string } };
  /** Entries that come before the history, within the same size. */
  recall?: Recall;
}

/** The least that agents of a target declare to take in, in tokens of four bytes; null where none does. */
export interface ContextRoom {
  /** As the size of their context. */
  tokens: number | null;
  /** As the size of an input, by the schema of the capability. */
  inputTokens?: number | null;
}

const summariserSchema = z.strictObject(targetShape).refine(namesTarget, TARGET_NEEDED);

/**
 * `pass`: nothing (unless said, where there is something to recall), the last output, all of them, a summary, or those of the named steps, roles or agents' tasks; `auto`:
 * the most that fits into `maxTokens` and, with the input, into what the agents declare (`limits.contextTokens`, and the
 * bounds of their input schema): all, a summary where `compaction` says who makes one, the last, or nothing. A token is counted as four bytes of JSON.
 */
export const contextSchema: z.ZodType<ContextTerms> = z
  .strictObject({
    pass: z
      .union([z.enum(['none', 'last', 'all', 'summary', 'auto']), z.array(nameSchema).min(1).max(100)])
      .optional()
      .describe('Needed without recall; none with it, unless said.'),
    maxTokens: z.int().min(1).max(1_000_000).default(4_000),
    compaction: z
      .union([z.enum(['drop-oldest', 'sliding-window', 'keep-tools']), z.strictObject({ summarise: summariserSchema })])
      .default('drop-oldest')
      .describe(
        'What does not fit: the oldest outputs, the oldest whole rounds, the oldest with a call of a tool and its answers going together, or a summary of the older ones.',
      ),
    recall: recallSchema
      .optional()
      .describe('What of the shared memory: it comes first, and takes its room from maxTokens.'),
  })
  .refine(({ pass, recall }) => (pass ?? recall) !== undefined, { path: ['pass'], message: 'is needed without recall' })
  .refine(({ pass, compaction }) => pass !== 'summary' || typeof compaction === 'object', {
    path: ['compaction'],
    message: 'must name who summarises: {summarise: {capability}}',
  })
  .transform(({ pass = 'none', ...rest }) => ({ pass, ...rest }));
