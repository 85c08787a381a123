import { z } from 'zod';
import { nameSchema } from './json.js';
import { pageQuerySchema } from './lists.js';
import { unitsSchema } from './needs.js';
import { usdSchema } from './resources.js';

const DAY_MS = 86_400_000;

const termsShape = {
  amount: unitsSchema.optional().describe('Units; unless said as many as the request waits for.'),
  ttlMs: z.int().min(1_000).max(DAY_MS).optional().describe('How long they are held; as the request says unless said.'),
  priceUsd: usdSchema.optional().describe('What the taker owes the giver; it is on record, nobody collects it.'),
  note: z.string().max(1_024).optional(),
} as const;
const validForMs = z.int().min(1_000).max(DAY_MS).default(60_000).describe('How long the other side may think.');

/**
 * `POST /v1/resources/{name}/offers`: units of one's own lease to one who waits, or one's own request to one who holds
 * some.
 */
export const makeOfferSchema = z
  .strictObject({
    leaseId: z.string().describe('The lease of which units change hands.'),
    requestId: z.string().describe('The request that gets them.'),
    ...termsShape,
    validForMs,
  })
  .meta({ id: 'MakeOffer' });
export type MakeOffer = z.infer<typeof makeOfferSchema>;

/** `POST /v1/resources/{name}/offers/{offerId}/counter`: other terms; what is not said stays. */
export const counterOfferSchema = z.strictObject({ ...termsShape, validForMs }).meta({ id: 'CounterOffer' });
export type CounterOffer = z.infer<typeof counterOfferSchema>;

const partySchema = z.enum(['giver', 'taker']);
export type OfferParty = z.infer<typeof partySchema>;

export const offeredTermsSchema = z.object({
  by: partySchema,
  amount: unitsSchema,
  ttlMs: z.number(),
  priceUsd: usdSchema.optional(),
  note: z.string().optional(),
  at: z.string().describe('RFC 3339'),
});
export type OfferedTerms = z.infer<typeof offeredTermsSchema>;

export const offerStateSchema = z.enum(['open', 'accepted', 'rejected', 'withdrawn', 'expired']);
export const listOffersSchema = pageQuerySchema.extend({ state: offerStateSchema.optional() });
export type ListOffers = z.infer<typeof listOffersSchema>;

export const offerSchema = z
  .object({
    id: z.string(),
    resource: nameSchema,
    leaseId: z.string(),
    requestId: z.string(),
    giver: z.string().describe('The key that holds the lease.'),
    taker: z.string().describe('The key that waits.'),
    state: offerStateSchema,
    turn: partySchema.nullable().describe('Whose answer is due; null once it is over.'),
    terms: z.array(offeredTermsSchema).describe('What was proposed, the newest last.'),
    createdAt: z.string(),
    updatedAt: z.string(),
    expiresAt: z.string().describe('Until then the other side may answer.'),
  })
  .meta({ id: 'Offer' });
/** Units of a leased resource that one key offers another, with what was proposed so far. */
export type Offer = z.infer<typeof offerSchema>;
