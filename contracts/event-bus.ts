import { z } from 'zod';
import { A2A_TASK_PREFIX } from './a2a-states.js';
import { type Json, jsonSchema } from './json.js';
import { pageQuerySchema } from './lists.js';

/** A CloudEvent 1.0 as JSON. */
export type CloudEvent = { id: string; specversion: string; type: string; source: string } & { [name: string]: Json };

/** An event on its way to a listener, whose events are numbered from 1 without gaps. */
export interface NumberedEvent {
  number: number;
  event: CloudEvent;
}

/** Types that Brikk itself sends: how runs of definitions and their tasks go. */
export const LIFECYCLE_PREFIX = 'io.serverlessworkflow.';
/** Besides those, what is told of tasks to A2A clients: nobody else may send events of these types. */
export const isReservedType = (type: string): boolean =>
  type.startsWith(LIFECYCLE_PREFIX) || type.startsWith(A2A_TASK_PREFIX);
export const NOT_RESERVED = `must not begin with ${LIFECYCLE_PREFIX} or ${A2A_TASK_PREFIX}: Brikk sends those`;

export const MAX_EVENT_DATA_BYTES = 256 * 1_024;
export const MAX_EVENTS_AT_ONCE = 100;

const identifier = z.string().min(1).max(255);
const type = z
  .string()
  .regex(/^[A-Za-z0-9._:/-]{1,255}$/, 'must be 1 to 255 characters of A-Z a-z 0-9 . _ : / -')
  .refine((text) => !isReservedType(text), NOT_RESERVED)
  .describe('Such as com.example.order.paid.');
const time = z.iso.datetime({ offset: true, error: 'must be a time of RFC 3339' });
const data = jsonSchema
  .refine(
    (value) => JSON.stringify(value ?? null).length <= MAX_EVENT_DATA_BYTES,
    `must be at most ${MAX_EVENT_DATA_BYTES} bytes of JSON`,
  )
  .optional();
const orderingKey = identifier.describe('Events of one key are heard in the order in which they were accepted.');

/** `POST /v1/events`: an event in few words. */
export const plainEventSchema = z
  .strictObject({
    id: identifier.optional().describe('The same id and content again changes nothing.'),
    type,
    timestamp: time.optional(),
    data,
    orderingKey: orderingKey.optional(),
  })
  .meta({ id: 'PlainEvent' });

/** `POST /v1/events`: a CloudEvent 1.0. Further attributes are kept; `partitionkey` is the ordering key. */
export const cloudEventSchema = z
  .looseObject({
    specversion: z.literal('1.0'),
    id: identifier,
    source: identifier.describe('With the id it names the event.'),
    type,
    time: time.optional(),
    subject: identifier.optional(),
    datacontenttype: z.string().max(255).optional(),
    dataschema: z.string().max(2_048).optional(),
    data,
    partitionkey: orderingKey.optional(),
  })
  .refine((event) => Object.keys(event).every((name) => /^[a-z0-9]{1,64}$/.test(name)), {
    message: 'attributes have names of a-z 0-9',
    path: ['attributes'],
  })
  .meta({ id: 'CloudEvent' });

export const publishEventSchema = z.union([plainEventSchema, cloudEventSchema]);
export type PublishEvent = z.infer<typeof publishEventSchema>;

export const publishEventsSchema = z
  .array(publishEventSchema)
  .min(1)
  .max(MAX_EVENTS_AT_ONCE)
  .describe('All of them are accepted, or none.')
  .meta({ id: 'PublishEvents' });

/** What became of an event that was published. */
export const publishedEventSchema = z
  .object({
    id: z.string(),
    deliveries: z.int().min(0).optional().describe('Runs and schedules that will hear it.'),
    duplicate: z.literal(true).optional().describe('It had been accepted before.'),
  })
  .meta({ id: 'PublishedEvent' });
export type PublishedEvent = z.infer<typeof publishedEventSchema>;

export const publishedEventsSchema = z.object({ items: z.array(publishedEventSchema) }).meta({ id: 'PublishedEvents' });

export const listEventsSchema = pageQuerySchema.extend({
  type: z.string().max(255).optional(),
  source: z.string().max(255).optional(),
});
export type ListEvents = z.infer<typeof listEventsSchema>;

/** An event of the bus with where it went. */
export const busEventSchema = z
  .object({
    event: z.record(z.string(), jsonSchema).describe('The CloudEvent.'),
    orderingKey: z.string().nullable(),
    runId: z.string().nullable().describe('The run that sent it.'),
    publishedBy: z
      .object({ type: z.string(), id: z.string(), via: z.string() })
      .nullable()
      .describe('Who published it over the API.'),
    acceptedAt: z.string(),
    deliveries: z.object({ pending: z.int(), delivered: z.int(), dropped: z.int() }),
  })
  .meta({ id: 'BusEvent' });
export type BusEvent = z.infer<typeof busEventSchema>;
