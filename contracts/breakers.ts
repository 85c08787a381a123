import { z } from 'zod';

/** `POST /v1/breakers/reset` */
export const resetBreakerSchema = z
  .strictObject({
    target: z.string().min(1).max(256).describe('connector:<id of a connection> or webhook:<id of an endpoint>.'),
  })
  .meta({ id: 'ResetBreaker' });
export type ResetBreaker = z.infer<typeof resetBreakerSchema>;

/** A circuit breaker that all workers share. */
export const breakerSchema = z
  .object({
    target: z.string().describe('connector:<id of a connection> or webhook:<id of an endpoint>'),
    state: z.enum(['closed', 'open', 'half_open']).describe('half_open: one call tries.'),
    calls: z.int().describe('In its window.'),
    failures: z.int(),
    timesOpened: z.int().describe('In a row.'),
    openUntil: z.string().nullable().describe('From then on one call tries.'),
  })
  .meta({ id: 'Breaker' });
export type Breaker = z.infer<typeof breakerSchema>;
