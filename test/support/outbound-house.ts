import { randomBytes } from 'node:crypto';
import { expect } from '@jest/globals';
import type { Client } from '@temporalio/client';
import { pino } from 'pino';
import request from 'supertest';
import { busRecord } from '../../apps/worker/bus-record.js';
import { EventBus } from '../../apps/worker/event-bus.js';
import { WebhookDispatcher } from '../../apps/worker/webhook-dispatcher.js';
import { webhookRecord } from '../../apps/worker/webhook-record.js';
import { addressRule, LOOPBACK_NETWORKS } from '../../connectors/lib/address-rule.js';
import { WebhookConnector } from '../../connectors/webhook/webhook.connector.js';
import type { WebhookAttempt, WebhookDelivery } from '../../contracts/webhook-deliveries.js';
import type { CreatedWebhookEndpoint, WebhookEndpoint } from '../../contracts/webhook-endpoints.js';
import { ClientCertificates } from '../../database/client-certificates.js';
import { masterKeysSchema } from '../../database/master-key.js';
import { Vault } from '../../database/vault.js';
import { startTestApi, type TestApi } from './api.js';
import { asOwner } from './postgres.js';
import { until } from './until.js';
import { type Answer, type Received, WebhookReceiver } from './webhook-receiver.js';

/** The real API and the worker's event bus and dispatcher, in this process; the engine is away. */
export class OutboundHouse {
  private count = 0;
  private readonly receivers: WebhookReceiver[] = [];
  private readonly dispatchers: WebhookDispatcher[] = [];

  private constructor(
    readonly api: TestApi,
    private readonly bus: EventBus,
    private readonly vault: Vault,
    private readonly connector: WebhookConnector,
    readonly certificates: ClientCertificates,
  ) {}

  static async open(): Promise<OutboundHouse> {
    const masterKeys = masterKeysSchema.parse(randomBytes(32).toString('base64'));
    const api = await startTestApi({ masterKeys, networks: [...LOOPBACK_NETWORKS] });
    await api.app.listen(0, '127.0.0.1');
    const vault = new Vault(masterKeys);
    const client = { withDeadline: () => Promise.reject(new Error('away')) } as unknown as Client;
    const bus = new EventBus(busRecord(api.database, vault), client, pino({ level: 'silent' }));
    await bus.start();
    const connector = new WebhookConnector(addressRule(LOOPBACK_NETWORKS));
    const house = new OutboundHouse(api, bus, vault, connector, new ClientCertificates(api.database, vault));
    await house.work();
    return house;
  }

  /** Another worker. */
  async work(): Promise<WebhookDispatcher> {
    const record = webhookRecord(this.api.database, this.vault, this.certificates);
    const dispatcher = new WebhookDispatcher(record, this.connector, pino({ level: 'silent' }));
    await dispatcher.start();
    this.dispatchers.push(dispatcher);
    return dispatcher;
  }

  /** No worker sends any more. */
  async rest(): Promise<void> {
    for (const dispatcher of this.dispatchers.splice(0)) await dispatcher.stop();
  }

  async close(): Promise<void> {
    for (const receiver of this.receivers) await receiver.close();
    await this.bus.stop();
    await this.rest();
    await this.connector.close();
    await this.api.close();
  }

  call(method: 'get' | 'post' | 'patch' | 'delete', path: string, body?: object) {
    const sent = request(this.api.app.getHttpServer())[method](path).set('authorization', `Bearer ${this.api.key}`);
    return body === undefined ? sent : sent.send(body);
  }

  async receive(answer?: (received: Received, nth: number) => Answer): Promise<WebhookReceiver> {
    const receiver = await WebhookReceiver.open(answer);
    this.receivers.push(receiver);
    return receiver;
  }

  async create(urls: string[], rest: object = {}): Promise<CreatedWebhookEndpoint> {
    this.count += 1;
    const body = { name: `e${this.count}`, urls, types: [`t${this.count}.*`], ...rest };
    const { status, body: made } = await this.call('post', '/v1/webhook-endpoints', body);
    expect({ status, made }).toMatchObject({ status: 201 });
    return made as CreatedWebhookEndpoint;
  }

  /** Of a type that the endpoint hears. */
  async publish({ types }: Pick<WebhookEndpoint, 'types'>, data: object, rest: object = {}): Promise<void> {
    const type = types[0]!.replace('*', 'done');
    const { status } = await this.call('post', '/v1/events', { type, data, ...rest });
    expect(status).toBe(202);
  }

  async publishAll(
    { types }: Pick<WebhookEndpoint, 'types'>,
    howMany: number,
    rest: (n: number) => object = () => ({}),
  ) {
    const type = types[0]!.replace('*', 'done');
    const events = Array.from({ length: howMany }, (_, n) => ({ type, data: { n }, ...rest(n) }));
    for (let at = 0; at < howMany; at += 100)
      expect((await this.call('post', '/v1/events/batch', events.slice(at, at + 100))).status).toBe(202);
  }

  async endpoint(id: string): Promise<WebhookEndpoint> {
    return (await this.call('get', `/v1/webhook-endpoints/${id}`)).body as WebhookEndpoint;
  }

  async deliveries({ id }: Pick<WebhookEndpoint, 'id'>, rest = ''): Promise<WebhookDelivery[]> {
    const { body } = await this.call('get', `/v1/webhook-deliveries?endpoint=${id}&limit=200${rest}`);
    return (body as { items: WebhookDelivery[] }).items;
  }

  /** The newest first, once all of them have this status. */
  async settled(endpoint: Pick<WebhookEndpoint, 'id'>, status: WebhookDelivery['status'], howMany = 1) {
    await until(async () => {
      const all = await this.deliveries(endpoint);
      return all.length === howMany && all.every((one) => one.status === status);
    }, 60_000);
    return this.deliveries(endpoint);
  }

  async attempts(id: string): Promise<WebhookAttempt[]> {
    const { body } = await this.call('get', `/v1/webhook-deliveries/${id}/attempts`);
    return (body as { items: WebhookAttempt[] }).items;
  }

  /** As if that much time had passed for what waits. */
  async pass(ms: number): Promise<void> {
    await asOwner(this.api.ownerUrl, async (owner) => {
      const by = `- ${ms} * interval '1 ms'`;
      await owner.query(`UPDATE webhook_delivery SET due_at = due_at ${by}, expires_at = expires_at ${by}`);
      await owner.query(`UPDATE webhook_endpoint SET held_until = held_until ${by}, window_until = window_until ${by}`);
      await owner.query(`UPDATE webhook_secret SET expires_at = expires_at ${by}`);
      await owner.query(`SELECT pg_notify('brikk_webhook', '')`);
    });
  }
}
