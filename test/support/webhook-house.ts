import { randomBytes } from 'node:crypto';
import type { AddressInfo } from 'node:net';
import { expect } from '@jest/globals';
import type { Client } from '@temporalio/client';
import { pino } from 'pino';
import request from 'supertest';
import { InboundEvents } from '../../apps/worker/inbound-events.js';
import { inboundRecord } from '../../apps/worker/inbound-record.js';
import type { InboundEvent } from '../../contracts/inbound-events.js';
import type { CreatedWebhookSource } from '../../contracts/webhook-sources.js';
import { publishDefinition } from '../../database/definitions.repository.js';
import { masterKeysSchema } from '../../database/master-key.js';
import { Vault } from '../../database/vault.js';
import { startTestApi, type TestApi } from './api.js';
import { definitionOf } from './interpreted.js';
import { until } from './until.js';
import { signedHeaders, WEBHOOK_SECRET } from './webhooks.js';

/** The real API and the worker's routing, in this process; the engine is away: runs are on record, and none begins. */
export class WebhookHouse {
  private count = 0;

  private constructor(
    readonly api: TestApi,
    private readonly inbound: InboundEvents,
  ) {}

  static async open(): Promise<WebhookHouse> {
    const masterKeys = masterKeysSchema.parse(randomBytes(32).toString('base64'));
    const api = await startTestApi({ masterKeys });
    const { database, orgId } = api;
    await api.app.listen(0, '127.0.0.1');
    await database.inOrg(orgId, (tx) => publishDefinition(tx, { orgId, definition: definitionOf([]), hash: 'f00d' }));
    const client = { withDeadline: () => Promise.reject(new Error('away')) } as unknown as Client;
    const record = inboundRecord(database, new Vault(masterKeys));
    const inbound = new InboundEvents(record, client, pino({ level: 'silent' }));
    await inbound.start();
    return new WebhookHouse(api, inbound);
  }

  async close(): Promise<void> {
    await this.inbound.stop();
    await this.api.close();
  }

  get url(): string {
    const { port } = this.api.app.getHttpServer().address() as AddressInfo;
    return `http://127.0.0.1:${port}`;
  }

  call(method: 'get' | 'post' | 'patch' | 'delete', path: string, body?: object) {
    const sent = request(this.url)[method](path).set('authorization', `Bearer ${this.api.key}`);
    return body === undefined ? sent : sent.send(body);
  }

  async create(rest: object = {}): Promise<CreatedWebhookSource> {
    this.count += 1;
    const body = { name: `s${this.count}`, provider: 'github', secret: WEBHOOK_SECRET, ...rest };
    const { status, body: made } = await this.call('post', '/v1/webhook-sources', body);
    expect({ status, made }).toMatchObject({ status: 201 });
    return made as CreatedWebhookSource;
  }

  post(source: CreatedWebhookSource, body: string, headers: object) {
    return request(this.url)
      .post(new URL(source.url).pathname)
      .set({ 'content-type': 'application/json', ...headers })
      .send(body);
  }

  deliver(source: CreatedWebhookSource, body: string, headers: object = {}, signing: object = {}) {
    return this.post(source, body, { ...signedHeaders(source, body, signing), ...headers });
  }

  async eventsOf({ id }: CreatedWebhookSource): Promise<InboundEvent[]> {
    const { body } = await this.call('get', `/v1/inbound-events?source=${id}&limit=200`);
    return (body as { items: InboundEvent[] }).items;
  }

  /** What came, the newest first, once all of it is routed. */
  async settled(source: CreatedWebhookSource, howMany = 1): Promise<InboundEvent[]> {
    await until(async () => {
      const events = await this.eventsOf(source);
      return events.length === howMany && events.every(({ status }) => status !== 'received');
    }, 30_000);
    return this.eventsOf(source);
  }
}
