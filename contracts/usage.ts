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
export type Usage = z.infer<typeof usageSchema>;
