import { z } from 'zod';
import { pageQuerySchema } from './lists.js';

/** `received` waits to be routed; `unmatched` had no route; `dead` could not be read or carried out. */
export const INBOUND_STATUSES = ['received', 'dispatched', 'dropped', 'unmatched', 'dead'] as const;
/** `received` until its routes are asked; `dispatched`, `dropped` by a route, `unmatched` by any, `dead` where that failed. */
export type InboundStatus = (typeof INBOUND_STATUSES)[number];

/** What came of an event. */
export interface InboundOutcome {
  /** Index of the route that had it. */
  route?: number;
  routeName?: string;
  /** Runs that it started or told. */
  runIds?: string[];
  /** Of the event on the bus. */
  eventId?: string;
  /** Runs and schedules that hear that event. */
  deliveries?: number;
}

export const inboundOutcomeSchema = z
  .object({
    route: z.int().optional().describe('Index of the route that had it.'),
    routeName: z.string().optional(),
    runIds: z.array(z.string()).optional().describe('Runs that it started or told.'),
    eventId: z.string().optional().describe('Of the event on the bus.'),
    deliveries: z.int().optional().describe('Runs and schedules that hear that event.'),
  })
  .meta({ id: 'InboundOutcome' });

export const inboundEventSchema = z
  .object({
    id: z.string(),
    sourceId: z.string(),
    source: z.string().describe('Its name.'),
    deliveryId: z.string().nullable().describe("The provider's."),
    status: z.enum(INBOUND_STATUSES),
    outcome: inboundOutcomeSchema.nullable(),
    error: z.string().nullable(),
    bytes: z.int(),
    duplicates: z.int().describe('How often it came again.'),
    generation: z.int().describe('How often it was replayed.'),
    receivedAt: z.string(),
    settledAt: z.string().nullable(),
  })
  .meta({ id: 'InboundEvent' });
/** An event from outside and what came of it. */
export type InboundEvent = z.infer<typeof inboundEventSchema>;

export const inboundEventDetailSchema = inboundEventSchema
  .extend({
    headers: z.record(z.string(), z.string()).describe('Without those that hold signatures and credentials.'),
    body: z.string().describe('As it came.'),
    encoding: z.enum(['utf8', 'base64']).describe('base64 where it is no text.'),
  })
  .meta({ id: 'InboundEventDetail' });
/** With its headers and its body as they came. */
export type InboundEventDetail = z.infer<typeof inboundEventDetailSchema>;

export const listInboundEventsSchema = pageQuerySchema.extend({
  source: z.uuid('must be the id of a source').optional(),
  status: z.enum(INBOUND_STATUSES).optional(),
});
export type ListInboundEvents = z.infer<typeof listInboundEventsSchema>;

/** `POST /v1/inbound-events/replay`: the oldest first. */
export const replayInboundSchema = z
  .strictObject({
    status: z.enum(['dead', 'unmatched']),
    source: z.uuid('must be the id of a source').optional(),
    limit: z.int().min(1).max(1_000).default(1_000),
  })
  .meta({ id: 'ReplayInboundEvents' });
export type ReplayInbound = z.infer<typeof replayInboundSchema>;
export const replayedSchema = z.object({ replayed: z.int() }).meta({ id: 'ReplayedInboundEvents' });

/** What the provider is answered. */
export const inboundReceiptSchema = z
  .object({
    id: z.string().optional().describe('Of the event that was accepted.'),
    duplicate: z.literal(true).optional().describe('It had come before.'),
    challenge: z.string().optional().describe("Answers Slack's url_verification."),
  })
  .meta({ id: 'InboundReceipt' });
export type InboundReceipt = z.infer<typeof inboundReceiptSchema>;
