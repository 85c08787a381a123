import { z } from 'zod';

export const usageSchema = z
  .object({
    inputTokens: z.number().nonnegative(),
    outputTokens: z.number().nonnegative(),
    costUsd: z.number().nonnegative(),
    calls: z.int().nonnegative(),
  })
  .partial()
  .meta({ id: 'Usage' });
/** What work took: calls, tokens, US dollars. */
export type Usage = z.infer<typeof usageSchema>;
