import { z } from 'zod';

/** Temporal priorities 1 (first) to 5. */
export const PRIORITIES = { critical: 1, high: 2, normal: 3, low: 4, background: 5 } as const;
export const prioritySchema = z.enum(['critical', 'high', 'normal', 'low', 'background']);
/** Which work goes first where not all of it can. */
export type Priority = z.infer<typeof prioritySchema>;
