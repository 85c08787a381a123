import { Injectable } from '@nestjs/common';
import type { BusEvent, CloudEvent, ListEvents, PublishedEvent, PublishEvent } from '../../../contracts/event-bus.js';
import type { Json } from '../../../contracts/json.js';
import type { Page } from '../../../contracts/lists.js';
import { Database, type Tx } from '../../../database/database.js';
import {
  listEvents,
  type NewBusEvent,
  publishEvents,
  refuseConflicts,
} from '../../../database/event-bus.repository.js';
import { uuidv7 } from '../../../database/uuid.js';
import { actorOf } from '../common/actor.js';
import { once } from '../common/idempotency.js';
import { Reply } from '../common/reply.js';
import type { Caller } from '../common/request.js';

/** Events are on record with their deliveries before they are answered; the worker brings them to those who listen. */
@Injectable()
export class EventsService {
  constructor(private readonly database: Database) {}

  async publish(caller: Caller, body: PublishEvent): Promise<Reply<PublishedEvent>> {
    const { status, body: answer } = await once(
      this.database,
      caller,
      { route: 'POST /v1/events', body },
      async (tx) => {
        const [published] = (await this.accept(tx, caller, [body])) as [PublishedEvent];
        return { status: published.duplicate ? 200 : 202, body: published };
      },
    );
    return new Reply(status, answer);
  }

  async publishAll(caller: Caller, body: PublishEvent[]): Promise<{ items: PublishedEvent[] }> {
    const request = { route: 'POST /v1/events/batch', body };
    const { body: answer } = await once(this.database, caller, request, async (tx) => ({
      status: 202,
      body: { items: await this.accept(tx, caller, body) },
    }));
    return answer;
  }

  async list({ orgId }: Caller, query: ListEvents): Promise<Page<BusEvent>> {
    return this.database.inOrg(orgId, (tx) => listEvents(tx, query));
  }

  private async accept(tx: Tx, caller: Caller, bodies: PublishEvent[]): Promise<PublishedEvent[]> {
    const events = bodies.map((body) => ({ ...toBusEvent(caller.orgId, body), publisher: actorOf(caller).actor }));
    const acceptances = await publishEvents(tx, caller.orgId, events);
    refuseConflicts(events, acceptances);
    return acceptances.map((acceptance, index) => {
      const { id } = (events[index] as NewBusEvent).event;
      return 'deliveries' in acceptance ? { id, deliveries: acceptance.deliveries } : { id, duplicate: true };
    });
  }
}

/** What is filled in takes no part in whether two events are the same. */
function toBusEvent(orgId: string, body: PublishEvent): NewBusEvent {
  if ('specversion' in body) {
    const { partitionkey } = body;
    return { event: body as CloudEvent, ...(partitionkey !== undefined && { orderingKey: partitionkey }) };
  }
  const { id = uuidv7(), type, timestamp, data, orderingKey } = body;
  const event = {
    id,
    specversion: '1.0',
    source: `/orgs/${orgId}`,
    type,
    time: timestamp ?? new Date().toISOString(),
    ...(orderingKey !== undefined && { partitionkey: orderingKey }),
    ...(data !== undefined && { data: data as Json }),
  };
  return { event, content: body, ...(orderingKey !== undefined && { orderingKey }) };
}
