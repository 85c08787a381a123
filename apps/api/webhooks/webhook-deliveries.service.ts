import { Injectable } from '@nestjs/common';
import type { Page, PageQuery } from '../../../contracts/lists.js';
import type {
  ListWebhookDeliveries,
  ReplayDeliveries,
  ReplayedDeliveries,
  WebhookAttempt,
  WebhookDelivery,
} from '../../../contracts/webhook-deliveries.js';
import { audit } from '../../../database/audit.repository.js';
import { Database, type Tx } from '../../../database/database.js';
import { Vault } from '../../../database/vault.js';
import {
  cancelDelivery,
  findWebhookDelivery,
  listAttempts,
  listWebhookDeliveries,
  replayDeliveries,
  replayDelivery,
  retryDelivery,
} from '../../../database/webhook-deliveries.repository.js';
import { actorOf } from '../common/actor.js';
import { knownId } from '../common/ids.js';
import type { Caller } from '../common/request.js';

const NOT_FOUND = 'webhook_delivery.not_found';
const STEERED = {
  retried: retryDelivery,
  cancelled: cancelDelivery,
  replayed: replayDelivery,
} as const;

/** What is sent to webhook endpoints, and what came of it. */
@Injectable()
export class WebhookDeliveriesService {
  constructor(
    private readonly database: Database,
    private readonly vault: Vault,
  ) {}

  async list({ orgId }: Caller, query: ListWebhookDeliveries): Promise<Page<WebhookDelivery>> {
    return this.database.inOrg(orgId, (tx) => listWebhookDeliveries(tx, query));
  }

  async get({ orgId }: Caller, id: string): Promise<WebhookDelivery> {
    knownId(id, NOT_FOUND);
    return this.database.inOrg(orgId, (tx) => findWebhookDelivery(tx, id));
  }

  async attempts({ orgId }: Caller, id: string, page: PageQuery): Promise<Page<WebhookAttempt>> {
    knownId(id, NOT_FOUND);
    return this.database.inOrg(orgId, (tx) => listAttempts(tx, this.vault, orgId, id, page));
  }

  async steer(caller: Caller, id: string, what: keyof typeof STEERED): Promise<WebhookDelivery> {
    knownId(id, NOT_FOUND);
    return this.database.inOrg(caller.orgId, async (tx) => {
      const delivery = await STEERED[what](tx, id);
      await this.note(tx, caller, what, id);
      return delivery;
    });
  }

  async replayMany(caller: Caller, request: ReplayDeliveries): Promise<ReplayedDeliveries> {
    return this.database.inOrg(caller.orgId, async (tx) => {
      const replayed = await replayDeliveries(tx, request);
      if (request.dryRun) return { replayed, dryRun: true };
      await this.note(tx, caller, 'replayed', `${replayed} ${request.filter.status} deliveries`);
      return { replayed };
    });
  }

  private note(tx: Tx, caller: Caller, what: string, target: string): Promise<void> {
    return audit(tx, { ...actorOf(caller), action: `webhook_delivery.${what}`, target, outcome: 'ok' });
  }
}
