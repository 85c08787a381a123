import { z } from 'zod';
import { nameSchema } from '../../../contracts/json.js';
import { pageQuerySchema } from '../../../contracts/lists.js';
import { PATTERNS } from '../../../contracts/patterns.js';
import { workflowReferenceSchema } from '../../../contracts/workflows.js';
import { RUN_STATUSES } from '../../../contracts/runs.js';
import { labelFilterSchema } from '../common/filters.js';

const MAX_WAIT_S = 60;

/** `?wait=20s`: how long the answer may wait for the run's end; parses to milliseconds. */
export const startQuerySchema = z.strictObject({
  wait: z
    .string()
    .regex(/^\d{1,2}s$/, 'must be seconds such as 20s')
    .transform((text, context) => {
      const seconds = Number(text.slice(0, -1));
      if (seconds >= 1 && seconds <= MAX_WAIT_S) return seconds * 1_000;
      context.addIssue({ code: 'custom', message: `must be 1s to ${MAX_WAIT_S}s` });
      return z.NEVER;
    })
    .optional(),
});
export type StartQuery = z.infer<typeof startQuerySchema>;

const time = z.iso.datetime({ offset: true });
export const listRunsSchema = pageQuerySchema.extend({
  status: z.enum(RUN_STATUSES).optional(),
  parent: z.uuid('must be the id of a run').optional(),
  pattern: z.enum([...PATTERNS, 'workflow']).optional(),
  workflow: workflowReferenceSchema.optional(),
  agent: nameSchema.optional(),
  label: labelFilterSchema.optional(),
  since: time.optional(),
  until: time.optional(),
});
export type ListRuns = z.infer<typeof listRunsSchema>;

export const eventsQuerySchema = z.strictObject({
  after: z.coerce.number().int().min(0).max(2_147_483_647).optional(),
  cursor: z.coerce.number().int().min(0).max(2_147_483_647).optional(),
  limit: z.coerce.number().int().min(1).max(200).default(50),
});
export type EventsQuery = z.infer<typeof eventsQuerySchema>;
