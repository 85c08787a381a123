import { z } from 'zod';

const DAY_MS = 86_400_000;
const limits = {
  calls: z.int().min(1).max(1e12).optional().describe('Attempts at agents, also those that fail.'),
  tokens: z.int().min(1).max(1e15).optional().describe('As agents report them with their answers.'),
  costUsd: z.number().positive().max(1e12).optional().describe('As agents report it, else as they declared.'),
};

/** `PUT /v1/organisations/{id}/quota`: what the calls of an organisation may use in each window. */
export const putQuotaSchema = z
  .strictObject({
    windowMs: z
      .int()
      .min(1_000)
      .max(31 * DAY_MS)
      .describe('Windows follow one another from 1970-01-01T00:00Z on: 86,400,000 is a day of UTC.'),
    ...limits,
  })
  .refine(({ calls, tokens, costUsd }) => calls !== undefined || tokens !== undefined || costUsd !== undefined, {
    path: ['calls'],
    message: 'is there, or tokens or costUsd: at least one of them',
  })
  .meta({ id: 'PutQuota' });
export type PutQuota = z.infer<typeof putQuotaSchema>;

export const quotaSchema = z
  .object({
    windowMs: z.int().nullable().describe('Null: there is no quota.'),
    limits: z.object(limits),
    used: z.object({ calls: z.int(), tokens: z.int(), costUsd: z.number() }).describe('In this window.'),
    resetsAt: z.string().nullable().describe('RFC 3339; when the next window begins.'),
  })
  .meta({ id: 'Quota' });
/** What may be used in each window, and what was used in this one. */
export type Quota = z.infer<typeof quotaSchema>;
export type QuotaLimit = keyof typeof limits;

/** Which limit is used up, and for how long. */
export interface QuotaRefusal {
  limit: QuotaLimit;
  most: number;
  windowMs: number;
  /** Until the next window. */
  waitMs: number;
}

/** How many of the attempts asked for may be made; `refusal` where that is not all of them. */
export interface QuotaGrant {
  granted: number;
  refusal?: QuotaRefusal;
}

const NAMES: Record<QuotaLimit, string> = { calls: 'calls', tokens: 'tokens', costUsd: 'US dollars' };

/** Such as: The organisation has used up its quota of 100 calls in 60 s; the next window begins in 12 s */
export function quotaText({ limit, most, windowMs, waitMs }: QuotaRefusal): string {
  const seconds = (ms: number) => `${Math.ceil(ms / 1_000).toLocaleString('en')} s`;
  const quota = `${most.toLocaleString('en')} ${NAMES[limit]} in ${seconds(windowMs)}`;
  return `The organisation has used up its quota of ${quota}; the next window begins in ${seconds(waitMs)}`;
}
