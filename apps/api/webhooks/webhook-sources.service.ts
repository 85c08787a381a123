import { randomBytes } from 'node:crypto';
import { Injectable } from '@nestjs/common';
import { schemeOf } from '../../../connectors/webhook/signature-schemes.js';
import { whyNoSecret } from '../../../connectors/webhook/sign-delivery.js';
import type { Page, PageQuery } from '../../../contracts/lists.js';
import type {
  ChangeWebhookSource,
  CreatedWebhookSource,
  CreateWebhookSource,
  RotateSecret,
  WebhookSource,
} from '../../../contracts/webhook-sources.js';
import { audit } from '../../../database/audit.repository.js';
import { Database, type Tx } from '../../../database/database.js';
import { Vault } from '../../../database/vault.js';
import {
  changeSource,
  createSource,
  deleteSource,
  findSource,
  listSources,
  rotateSecret,
  type StoredSource,
} from '../../../database/webhook-sources.repository.js';
import { actorOf } from '../common/actor.js';
import { once } from '../common/idempotency.js';
import { knownId } from '../common/ids.js';
import { invalidField } from '../common/invalid-field.js';
import { publicUrlOf } from '../common/public-url.js';
import type { Caller } from '../common/request.js';
import { Settings } from '../env.js';
import { checkNeeds } from '../runs/check-needs.js';
import { checkPrograms } from './check-programs.js';

type Terms = Pick<WebhookSource, 'provider' | 'hmac'>;

/** Where events from outside come in, and what becomes of them. */
@Injectable()
export class WebhookSourcesService {
  constructor(
    private readonly database: Database,
    private readonly vault: Vault,
    private readonly settings: Settings,
  ) {}

  async create(caller: Caller, request: CreateWebhookSource): Promise<CreatedWebhookSource> {
    const { orgId } = caller;
    const { provider, hmac, routes, sync } = request;
    checkScheme(provider, hmac);
    const needs = checkPrograms(routes, sync);
    const route = 'POST /v1/webhook-sources';
    return this.showingOnce(caller, { route, body: request }, 201, async (tx) => {
      await checkNeeds(tx, needs);
      const secret = usableSecret({ provider, hmac: hmac ?? null }, request.secret);
      const source = await createSource(tx, this.vault, orgId, { ...request, secret });
      await audit(tx, { ...actorOf(caller), action: 'webhook_source.created', target: source.id, outcome: 'ok' });
      return { source, secret };
    });
  }

  async list({ orgId }: Caller, page: PageQuery): Promise<Page<WebhookSource>> {
    const { items, nextCursor } = await this.database.inOrg(orgId, (tx) => listSources(tx, page));
    return { items: items.map((source) => this.show(source)), nextCursor };
  }

  async get({ orgId }: Caller, id: string): Promise<WebhookSource> {
    knownId(id, 'webhook_source.not_found');
    return this.show(await this.database.inOrg(orgId, (tx) => findSource(tx, id)));
  }

  async change(caller: Caller, id: string, change: ChangeWebhookSource): Promise<WebhookSource> {
    knownId(id, 'webhook_source.not_found');
    const needs = checkPrograms(change.routes ?? [], change.sync);
    const changed = await this.database.inOrg(caller.orgId, async (tx) => {
      await checkNeeds(tx, needs);
      const { provider } = await findSource(tx, id);
      if (change.hmac) checkScheme(provider, change.hmac);
      const source = await changeSource(tx, id, change);
      const entry = { ...actorOf(caller), action: 'webhook_source.changed', target: id, outcome: 'ok' as const };
      await audit(tx, { ...entry, changedFields: Object.keys(change) });
      return source;
    });
    return this.show(changed);
  }

  async remove(caller: Caller, id: string): Promise<void> {
    knownId(id, 'webhook_source.not_found');
    await this.database.inOrg(caller.orgId, async (tx) => {
      await deleteSource(tx, id);
      await audit(tx, { ...actorOf(caller), action: 'webhook_source.deleted', target: id, outcome: 'ok' });
    });
  }

  async rotate(caller: Caller, id: string, { secret: given, overlapMs }: RotateSecret): Promise<CreatedWebhookSource> {
    knownId(id, 'webhook_source.not_found');
    const request = { route: `POST /v1/webhook-sources/${id}/secret/rotate`, body: { secret: given, overlapMs } };
    return this.showingOnce(caller, request, 200, async (tx) => {
      const secret = usableSecret(await findSource(tx, id), given);
      const source = await rotateSecret(tx, this.vault, caller.orgId, id, { secret, overlapMs });
      const entry = { ...actorOf(caller), action: 'webhook_source.secret_rotated', target: id, outcome: 'ok' as const };
      await audit(tx, { ...entry, changedFields: ['secret'] });
      return { source, secret };
    });
  }

  /** The secret is in the first answer alone, and never among what is kept for repeats. */
  private async showingOnce(
    caller: Caller,
    request: { route: string; body: unknown },
    status: number,
    work: (tx: Tx) => Promise<{ source: StoredSource; secret: string }>,
  ): Promise<CreatedWebhookSource> {
    let shownOnce: string | undefined;
    const { body } = await once(this.database, caller, request, async (tx) => {
      const { source, secret } = await work(tx);
      shownOnce = secret;
      return { status, body: { ...this.show(source), keyShown: true as const } };
    });
    if (shownOnce === undefined) return body;
    const { keyShown: _, ...source } = body;
    return { ...source, secret: shownOnce };
  }

  private show({ pathId, ...source }: StoredSource): WebhookSource {
    return { ...source, url: `${publicUrlOf(this.settings)}/in/${pathId}` };
  }
}

function checkScheme(provider: WebhookSource['provider'], hmac: CreateWebhookSource['hmac']): void {
  if (provider === 'hmac' && !hmac) throw invalidField('hmac', 'is needed: it says how the provider signs');
  if (provider !== 'hmac' && hmac)
    throw invalidField('hmac', `is for the provider hmac: how ${provider} signs is known`);
}

/** The given one, or 32 random bytes as Standard Webhooks write them. */
function usableSecret({ provider, hmac }: Terms, given = `whsec_${randomBytes(32).toString('base64')}`): string {
  const reason = whyNoSecret(schemeOf(provider, hmac), given);
  if (reason !== undefined) throw invalidField('secret', reason);
  return given;
}
