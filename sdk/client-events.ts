import type { z } from 'zod';
import type { BusEvent, PublishedEvent, publishEventSchema } from '../contracts/event-bus.js';
import type { Page } from '../contracts/lists.js';
import type { CreateOptions, PageOptions } from './client-runs.js';
import type { ApiTransport } from './http.js';

/** An event in few words, `{ type, data }`, or a CloudEvent (CloudEvents 1.0). */
export type PublishEventInput = z.input<typeof publishEventSchema>;
/** Which events of the bus are wanted, by equal attributes. */
export interface ListEventsOptions extends PageOptions {
  type?: string;
  source?: string;
}

/** The event bus: what is published reaches every run that listens for its type. */
export class EventsClient {
  /** @internal */
  constructor(private readonly transport: ApiTransport) {}

  /**
   * An event in few words (`{type, data}`), or a CloudEvent. The same id and content again answers `duplicate`; other
   * content fails with `event.conflict`.
   */
  publish(event: PublishEventInput, options: CreateOptions = {}): Promise<PublishedEvent> {
    return this.transport.json('POST', '/v1/events', { body: event, ...options });
  }

  /** Up to 100 in their order, all of them or none. */
  publishAll(events: PublishEventInput[], options: CreateOptions = {}): Promise<{ items: PublishedEvent[] }> {
    return this.transport.json('POST', '/v1/events/batch', { body: events, ...options });
  }

  /** The newest first. */
  list(filters: ListEventsOptions = {}): Promise<Page<BusEvent>> {
    return this.transport.json('GET', '/v1/events', { query: { ...filters } });
  }
}
