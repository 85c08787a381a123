import { Injectable } from '@nestjs/common';
import type {
  InboundEvent,
  InboundEventDetail,
  ListInboundEvents,
  ReplayInbound,
} from '../../../contracts/inbound-events.js';
import type { Page } from '../../../contracts/lists.js';
import { audit } from '../../../database/audit.repository.js';
import { Database } from '../../../database/database.js';
import {
  allowRedelivery,
  findInbound,
  listInbound,
  replayInbound,
  replayMany,
} from '../../../database/inbound-events.repository.js';
import { Vault } from '../../../database/vault.js';
import { actorOf } from '../common/actor.js';
import { knownId } from '../common/ids.js';
import type { Caller } from '../common/request.js';

/** What webhooks have brought, and what came of it. */
@Injectable()
export class InboundEventsService {
  constructor(
    private readonly database: Database,
    private readonly vault: Vault,
  ) {}

  async list({ orgId }: Caller, query: ListInboundEvents): Promise<Page<InboundEvent>> {
    return this.database.inOrg(orgId, (tx) => listInbound(tx, query));
  }

  async get({ orgId }: Caller, id: string): Promise<InboundEventDetail> {
    knownId(id, 'inbound_event.not_found');
    return this.database.inOrg(orgId, (tx) => findInbound(tx, this.vault, orgId, id));
  }

  async replay(caller: Caller, id: string): Promise<InboundEvent> {
    knownId(id, 'inbound_event.not_found');
    return this.database.inOrg(caller.orgId, async (tx) => {
      const event = await replayInbound(tx, id);
      await audit(tx, { ...actorOf(caller), action: 'inbound_event.replayed', target: id, outcome: 'ok' });
      return event;
    });
  }

  async replayMany(caller: Caller, request: ReplayInbound): Promise<{ replayed: number }> {
    return this.database.inOrg(caller.orgId, async (tx) => {
      const replayed = await replayMany(tx, request);
      const target = `${replayed} ${request.status} events`;
      await audit(tx, { ...actorOf(caller), action: 'inbound_event.replayed', target, outcome: 'ok' });
      return { replayed };
    });
  }

  async allowRedelivery(caller: Caller, id: string): Promise<void> {
    knownId(id, 'inbound_event.not_found');
    await this.database.inOrg(caller.orgId, async (tx) => {
      await allowRedelivery(tx, id);
      await audit(tx, { ...actorOf(caller), action: 'inbound_event.redelivery_allowed', target: id, outcome: 'ok' });
    });
  }
}
