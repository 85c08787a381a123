import { afterAll, beforeAll, describe, expect, it, jest } from '@jest/globals';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import path from 'node:path';
import type { Breaker } from '../../contracts/breakers.js';
import type { Page } from '../../contracts/lists.js';
import request from 'supertest';
import type { WebhookEndpoint } from '../../contracts/webhook-endpoints.js';
import { claimWebhooks } from '../../database/claim-webhooks.js';
import { settleWebhooks } from '../../database/settle-webhooks.js';
import { Vault } from '../../database/vault.js';
import { commandLine } from '../support/command-line.js';
import { OutboundHouse } from '../support/outbound-house.js';
import { until } from '../support/until.js';

jest.setTimeout(90_000);

let house: OutboundHouse;
beforeAll(async () => {
  house = await OutboundHouse.open();
}, 90_000);
afterAll(() => house.close(), 30_000);

describe('an endpoint that does badly', () => {
  /** What another endpoint hears of its breaker, in order. */
  const newsOf = async ({ id, name }: WebhookEndpoint) => {
    const listener = await house.receive();
    await house.create([listener.url], { types: ['breaker.*'] });
    return () => {
      // What was on its way when time passed comes twice, under the same id.
      const once = new Map(listener.received.map((got) => [got.id, got.json]));
      const about = [...once.values()].filter(({ data }) => data['target'] === `webhook:${id}`);
      for (const { data } of about) expect(data).toEqual({ target: `webhook:${id}`, endpoint: name });
      return about.map(({ type }) => type);
    };
  };

  it('is asked by probes alone while its breaker is open, and gets everything when it is back', async () => {
    let isUp = false;
    const receiver = await house.receive(() => (isUp ? 200 : 500));
    const endpoint = await house.create([receiver.url], { maxInFlight: 10 });
    const news = await newsOf(endpoint);
    await house.publishAll(endpoint, 60);
    await until(async () => (await house.endpoint(endpoint.id)).breaker === 'open');
    await until(async () => (await house.deliveries(endpoint, '&status=sending')).length === 0);
    const before = receiver.received.length;
    expect(before).toBeLessThan(40);
    await house.work();
    for (const probes of [1, 2]) {
      await house.pass(400_000);
      await until(() => receiver.received.length === before + probes);
      await until(async () => (await house.deliveries(endpoint, '&status=sending')).length === 0);
    }
    expect((await house.deliveries(endpoint, '&status=pending')).every(({ attempts }) => attempts === 0)).toBe(true);
    isUp = true;
    await house.pass(400_000);
    await house.settled(endpoint, 'delivered', 60);
    expect(await house.endpoint(endpoint.id)).toMatchObject({ breaker: 'closed', failingSince: null });
    const { text } = await request(house.api.app.getHttpServer()).get('/metrics').expect(200);
    expect(text).toContain('brikk_breaker_changes_total{kind="webhook",state="open"} 3');
    expect(text).toContain('brikk_breaker_changes_total{kind="webhook",state="closed"} 1');
    await until(() => news().length === 4);
    expect(news()).toEqual(['breaker.opened', 'breaker.opened', 'breaker.opened', 'breaker.closed']);
  });

  it('has its breaker among all of them, and gets what waits at once when that is reset', async () => {
    let isUp = false;
    const receiver = await house.receive(() => (isUp ? 200 : 500));
    const endpoint = await house.create([receiver.url], { maxInFlight: 10 });
    const news = await newsOf(endpoint);
    await house.publishAll(endpoint, 20);
    await until(async () => (await house.endpoint(endpoint.id)).breaker === 'open');
    await until(async () => (await house.deliveries(endpoint, '&status=sending')).length === 0);
    const target = `webhook:${endpoint.id}`;
    const breaker = async () => {
      const { body } = await house.call('get', '/v1/breakers?limit=200');
      return (body as Page<Breaker>).items.find((one) => one.target === target);
    };
    expect(await breaker()).toMatchObject({ state: 'open', timesOpened: 1, openUntil: expect.any(String) });
    isUp = true;
    expect((await house.call('post', '/v1/breakers/reset', { target })).status).toBe(204);
    expect(await breaker()).toBeUndefined();
    await until(() => news().length === 2);
    expect(news()).toEqual(['breaker.opened', 'breaker.closed']);
    await until(async () => (await house.deliveries(endpoint, '&status=pending')).length === 0, 60_000);
    const nobody = `webhook:${endpoint.id.replace(/.$/, (last) => (last === '0' ? '1' : '0'))}`;
    expect((await house.call('post', '/v1/breakers/reset', { target: nobody })).status).toBe(404);
  });

  it('never gets more than its limits allow, over two workers', async () => {
    const receiver = await house.receive();
    await house.work();
    const limited = await house.create([receiver.url], { rateLimit: { points: 10, durationMs: 1_000 } });
    await house.publishAll(limited, 35);
    await house.settled(limited, 'delivered', 35);
    const times = receiver.received.map(({ at }) => at);
    // Four windows of a second, of which the last begins three after the first.
    expect(times.at(-1)! - times[0]!).toBeGreaterThan(1_500);
  });

  it('skips what it cannot be sent while it is disabled, and recovers it afterwards', async () => {
    const receiver = await house.receive();
    const endpoint = await house.create([receiver.url]);
    const since = new Date(Date.now() - 60_000).toISOString();
    await house.call('patch', `/v1/webhook-endpoints/${endpoint.id}`, { state: 'disabled' });
    await house.publishAll(endpoint, 3);
    expect(await house.settled(endpoint, 'skipped', 3)).toMatchObject([{ reason: 'endpoint_disabled' }, {}, {}]);
    const { body } = await house.call('patch', `/v1/webhook-endpoints/${endpoint.id}`, { state: 'active' });
    expect(body as WebhookEndpoint).toMatchObject({ state: 'active', disabledReason: null });
    const recovered = await house.call('post', `/v1/webhook-endpoints/${endpoint.id}/recover`, { since });
    expect(recovered.body).toEqual({ replayed: 3 });
    await house.settled(endpoint, 'delivered', 3);
    expect(receiver.received).toHaveLength(3);
  });
});

describe('a worker that dies with deliveries in its hands', () => {
  it('loses none: they are due again when its claims end, use no attempt, and are taken from it', async () => {
    const receiver = await house.receive();
    const endpoint = await house.create([receiver.url]);
    await house.rest();
    await house.publishAll(endpoint, 20);
    await house.settled(endpoint, 'pending', 20);
    const { claimed } = await claimWebhooks(house.api.database, 100);
    const mine = claimed.filter(({ endpointId }) => endpointId === endpoint.id);
    expect(mine).toHaveLength(20);
    await house.work();
    expect(new Set((await house.deliveries(endpoint)).map(({ status }) => status))).toEqual(new Set(['sending']));
    expect(receiver.received).toEqual([]);
    await house.pass(31_000);
    const deliveries = await house.settled(endpoint, 'delivered', 20);
    expect(new Set(receiver.received.map(({ id }) => id)).size).toBe(20);
    expect(deliveries.every(({ attempts }) => attempts === 1)).toBe(true);
    const late = { generation: 0, eventKey: '', type: 't', attempts: 0, trigger: 'schedule' as const };
    const end = { status: 'dead' as const, reason: 'expired' as const };
    const settled = mine.map(({ id, endpointId, claims }) => ({ ...late, id, endpointId, claims, end }));
    const { database, orgId } = house.api;
    await database.inOrg(orgId, (tx) => settleWebhooks(tx, new Vault(undefined), orgId, settled));
    await house.settled(endpoint, 'delivered', 20);
  });
});

describe('a person', () => {
  it('tries at once, gives up, and sends a sample', async () => {
    const receiver = await house.receive((_, nth) => (nth === 1 ? 500 : 200));
    const endpoint = await house.create([receiver.url], { filter: 'false', retryScheduleMs: [3_600_000] });
    const open = await house.create([receiver.url], { retryScheduleMs: [3_600_000] });
    await house.publish(open, { n: 1 });
    const { id } = (await house.settled(open, 'retrying'))[0]!;
    await house.call('post', `/v1/webhook-deliveries/${id}/retry`);
    await house.settled(open, 'delivered');
    expect(await house.attempts(id)).toMatchObject([{ trigger: 'manual' }, { trigger: 'schedule' }]);
    expect((await house.call('post', `/v1/webhook-deliveries/${id}/cancel`)).body).toMatchObject({
      code: 'webhook_delivery.over',
    });
    const { body: sample } = await house.call('post', `/v1/webhook-endpoints/${endpoint.id}/test`);
    expect(sample).toMatchObject({ type: 'endpoint.test' });
    await house.settled(endpoint, 'delivered');
    expect(receiver.received.at(-1)!.json).toMatchObject({ type: 'endpoint.test', data: { endpoint: endpoint.name } });
    expect(receiver.received).toHaveLength(3);
  });
});

describe('the command line', () => {
  const brikk = (...args: string[]) => {
    const { port } = house.api.app.getHttpServer().address() as AddressInfo;
    return commandLine('webhooks', ...args, '--api-url', `http://127.0.0.1:${port}`, '--api-key', house.api.key);
  };

  it('creates an endpoint from a file, changes it, rotates its key, and shows neither secret nor password again', async () => {
    const receiver = await house.receive();
    const folder = await mkdtemp(path.join(tmpdir(), 'brikk-endpoints-'));
    const file = path.join(folder, 'shop.yaml');
    await writeFile(
      file,
      `name: shop\nurls: [${receiver.url}]\ntypes: [shop.*]\nbasicAuth: {username: u, password: sesame}\n`,
    );
    expect(await brikk('endpoints', 'create', '--file', file)).toMatch(/^shop hears shop\.\*\n.*whsec_/);
    await rm(folder, { recursive: true });
    expect(await brikk('endpoints', 'list')).toMatch(/^shop +active +closed +shop\.\* +1 /m);
    expect(await brikk('endpoints', 'update', 'shop', '--file', '{"timeoutMs": 2000}', '-o', 'json')).not.toMatch(
      /whsec_|sesame/,
    );
    expect(await brikk('endpoints', 'rotate', 'shop', '--ed25519', '--overlap', 'PT1H')).toMatch(/v1a by whpk_/);
    expect(JSON.parse(await brikk('endpoints', 'get', 'shop', '-o', 'json'))).toMatchObject({
      timeoutMs: 2_000,
      keys: [{ kind: 'ed25519' }, { kind: 'hmac' }],
    });
    expect(await brikk('endpoints', 'test', 'shop')).toMatch(/^endpoint\.test goes to shop/);
    await until(() => receiver.received.length === 1);
    await brikk('endpoints', 'delete', 'shop');
    await expect(brikk('endpoints', 'get', 'shop')).rejects.toThrow(/no webhook endpoint shop; see/);
  });

  it('counts what a replay would send before it sends it, shows attempts, tries at once and gives up', async () => {
    let status = 500;
    const receiver = await house.receive(() => status);
    const endpoint = await house.create([receiver.url], { retryScheduleMs: [] });
    await house.publishAll(endpoint, 3);
    const [one, two] = (await house.settled(endpoint, 'dead', 3)).map(({ id }) => id);
    expect(await brikk('deliveries', 'list', '--endpoint', endpoint.name, '--status', 'dead')).toMatch(
      /dead \(exhausted\) +1 /,
    );
    expect(await brikk('deliveries', 'get', one!)).toMatch(/^1 .*http 500/m);
    const many = ['deliveries', 'replay', '--endpoint', endpoint.name, '--status', 'dead'];
    expect(await brikk(...many, '--dry-run')).toBe('Would be sent again: 3\n');
    await expect(brikk('deliveries', 'replay', one!, '--dry-run')).rejects.toThrow(/counts many/);
    await expect(brikk('deliveries', 'replay')).rejects.toThrow(/--status dead/);
    expect(await house.settled(endpoint, 'dead', 3)).toMatchObject([
      { generation: 0 },
      { generation: 0 },
      { generation: 0 },
    ]);
    status = 200;
    expect(await brikk(...many)).toBe('Sent again: 3\n');
    await house.settled(endpoint, 'delivered', 3);
    expect(await brikk('deliveries', 'replay', two!)).toBe(`${two} is sent again.\n`);
    await until(() => receiver.received.length === 7);
    await expect(brikk('deliveries', 'retry', one!)).rejects.toThrow(/webhook_delivery\.over/);
    await expect(brikk('deliveries', 'cancel', one!)).rejects.toThrow(/webhook_delivery\.over/);
  });
});
