import { z } from 'zod';

/** The report on an incident, as its maker gives it and its checker takes it. */
export const reportSchema = z.object({
  title: z.string(),
  severity: z.string(),
  summary: z.string(),
  cause: z.string(),
  measures: z.array(z.string()),
});
