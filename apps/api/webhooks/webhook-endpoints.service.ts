import { Injectable } from '@nestjs/common';
import { newSigningKey } from '../../../connectors/webhook/sign-message.js';
import type { Page, PageQuery } from '../../../contracts/lists.js';
import type { RecoverEndpoint, WebhookDelivery } from '../../../contracts/webhook-deliveries.js';
import type {
  ChangeWebhookEndpoint,
  CreatedWebhookEndpoint,
  CreateWebhookEndpoint,
  RotateEndpointSecret,
  WebhookEndpoint,
} from '../../../contracts/webhook-endpoints.js';
import { audit } from '../../../database/audit.repository.js';
import { Database, type Tx } from '../../../database/database.js';
import { Vault } from '../../../database/vault.js';
import { findWebhookDelivery, recoverDeliveries, sendSample } from '../../../database/webhook-deliveries.repository.js';
import {
  changeEndpoint,
  createEndpoint,
  deleteEndpoint,
  findEndpoint,
  listEndpoints,
  rotateKey,
} from '../../../database/webhook-endpoints.repository.js';
import { actorOf } from '../common/actor.js';
import { once } from '../common/idempotency.js';
import { knownId } from '../common/ids.js';
import type { Caller } from '../common/request.js';
import { Settings } from '../env.js';
import { checkAddresses } from './check-addresses.js';
import { checkExpressions } from './check-expressions.js';

const NOT_FOUND = 'webhook_endpoint.not_found';

/** Where events go. */
@Injectable()
export class WebhookEndpointsService {
  constructor(
    private readonly database: Database,
    private readonly vault: Vault,
    private readonly settings: Settings,
  ) {}

  async create(caller: Caller, request: CreateWebhookEndpoint): Promise<CreatedWebhookEndpoint> {
    await this.check(request);
    const { orgId } = caller;
    return this.showingOnce(caller, { route: 'POST /v1/webhook-endpoints', body: request }, 201, async (tx) => {
      const key = { kind: 'hmac' as const, ...newSigningKey('hmac') };
      const others = request.asymmetric ? [{ kind: 'ed25519' as const, ...newSigningKey('ed25519') }] : [];
      const endpoint = await createEndpoint(tx, this.vault, orgId, request, [key, ...others]);
      await this.note(tx, caller, 'created', endpoint.id);
      return { endpoint, secret: key.secret };
    });
  }

  async list({ orgId }: Caller, page: PageQuery): Promise<Page<WebhookEndpoint>> {
    return this.database.inOrg(orgId, (tx) => listEndpoints(tx, page));
  }

  async get({ orgId }: Caller, id: string): Promise<WebhookEndpoint> {
    knownId(id, NOT_FOUND);
    return this.database.inOrg(orgId, (tx) => findEndpoint(tx, id));
  }

  async change(caller: Caller, id: string, change: ChangeWebhookEndpoint): Promise<WebhookEndpoint> {
    knownId(id, NOT_FOUND);
    await this.check(change);
    return this.database.inOrg(caller.orgId, async (tx) => {
      const endpoint = await changeEndpoint(tx, this.vault, caller.orgId, id, change);
      await this.note(tx, caller, 'changed', id, Object.keys(change));
      return endpoint;
    });
  }

  async remove(caller: Caller, id: string): Promise<void> {
    knownId(id, NOT_FOUND);
    await this.database.inOrg(caller.orgId, async (tx) => {
      await deleteEndpoint(tx, caller.orgId, id);
      await this.note(tx, caller, 'deleted', id);
    });
  }

  async rotate(caller: Caller, id: string, request: RotateEndpointSecret): Promise<CreatedWebhookEndpoint> {
    knownId(id, NOT_FOUND);
    const { kind, overlapMs } = request;
    const { orgId } = caller;
    const asked = { route: `POST /v1/webhook-endpoints/${id}/secret/rotate`, body: request };
    return this.showingOnce(caller, asked, 200, async (tx) => {
      const key = { kind, ...newSigningKey(kind) };
      const endpoint = await rotateKey(tx, this.vault, orgId, id, { key, overlapMs });
      await this.note(tx, caller, 'secret_rotated', id, ['secret']);
      // The private half of an ed25519 key is nobody's business: the public one is in the endpoint.
      return { endpoint, secret: kind === 'hmac' ? key.secret : undefined };
    });
  }

  async test(caller: Caller, id: string): Promise<WebhookDelivery> {
    knownId(id, NOT_FOUND);
    const { orgId } = caller;
    return this.database.inOrg(orgId, async (tx) => {
      const { name } = await findEndpoint(tx, id);
      const deliveryId = await sendSample(tx, orgId, id, name);
      await this.note(tx, caller, 'tested', id);
      return findWebhookDelivery(tx, deliveryId);
    });
  }

  async recover(caller: Caller, id: string, { since }: RecoverEndpoint): Promise<{ replayed: number }> {
    knownId(id, NOT_FOUND);
    return this.database.inOrg(caller.orgId, async (tx) => {
      await findEndpoint(tx, id);
      const replayed = await recoverDeliveries(tx, id, since);
      await this.note(tx, caller, 'recovered', id);
      return { replayed };
    });
  }

  private async check({ urls = [], filter, transform }: ChangeWebhookEndpoint): Promise<void> {
    checkExpressions('The endpoint', [
      { path: 'filter', text: filter, variables: [] },
      { path: 'transform', text: transform, variables: [] },
    ]);
    await checkAddresses(this.settings.networks ?? [], urls);
  }

  private note(tx: Tx, caller: Caller, what: string, target: string, changedFields?: string[]): Promise<void> {
    const entry = { ...actorOf(caller), action: `webhook_endpoint.${what}`, target, outcome: 'ok' as const };
    return audit(tx, { ...entry, ...(changedFields && { changedFields }) });
  }

  /** The secret is in the first answer alone, and never among what is kept for repeats. */
  private async showingOnce(
    caller: Caller,
    request: { route: string; body: unknown },
    status: number,
    work: (tx: Tx) => Promise<{ endpoint: WebhookEndpoint; secret: string | undefined }>,
  ): Promise<CreatedWebhookEndpoint> {
    let made: { secret: string | undefined } | undefined;
    const { body } = await once(this.database, caller, request, async (tx) => {
      const { endpoint, secret } = await work(tx);
      made = { secret };
      return { status, body: { ...endpoint, keyShown: true as const } };
    });
    if (made === undefined) return body;
    const { keyShown: _, ...endpoint } = body;
    return { ...endpoint, ...(made.secret !== undefined && { secret: made.secret }) };
  }
}
