import { afterAll, beforeAll, describe, expect, it, jest } from '@jest/globals';
import { createPublicKey, verify } from 'node:crypto';
import { Webhook as StandardWebhook } from 'standardwebhooks';
import { Webhook as SvixWebhook } from 'svix';
import type { CreatedWebhookEndpoint } from '../../contracts/webhook-endpoints.js';
import { OutboundHouse } from '../support/outbound-house.js';
import { until } from '../support/until.js';
import type { Received } from '../support/webhook-receiver.js';

jest.setTimeout(90_000);

let house: OutboundHouse;
beforeAll(async () => {
  house = await OutboundHouse.open();
}, 90_000);
afterAll(() => house.close(), 30_000);

const verifies = (secret: string, { headers, body }: Received): boolean[] =>
  [new StandardWebhook(secret), new SvixWebhook(secret)].map((library) => {
    try {
      library.verify(body, headers);
      return true;
    } catch {
      return false;
    }
  });

describe('a webhook endpoint', () => {
  it('gets the events of its types, signed so that the libraries of the field verify it', async () => {
    const receiver = await house.receive();
    const endpoint = await house.create([receiver.url], {
      types: ['order.*'],
      headers: { 'X-Tenant': 'acme' },
      basicAuth: { username: 'shop', password: 'open sesame' },
    });
    await house.publish({ types: ['order.paid'] }, { order: 7 }, { timestamp: '2026-11-22T08:00:00Z' });
    await house.publish({ types: ['orders.paid'] }, { order: 8 });
    const [delivery] = await house.settled(endpoint, 'delivered');
    const [got] = receiver.received;
    expect(receiver.received).toHaveLength(1);
    expect(JSON.parse(got!.body)).toEqual({
      type: 'order.paid',
      timestamp: '2026-11-22T08:00:00Z',
      data: { order: 7 },
    });
    expect(got!.headers).toMatchObject({
      'x-tenant': 'acme',
      'content-type': 'application/json',
      authorization: `Basic ${Buffer.from('shop:open sesame').toString('base64')}`,
    });
    expect(got!.id).toBe(delivery!.messageId);
    expect(verifies(endpoint.secret!, got!)).toEqual([true, true]);
    expect(await house.attempts(delivery!.id)).toMatchObject([
      { n: 1, outcome: 'ok', statusCode: 200, url: receiver.url },
    ]);
    const shown = JSON.stringify(await house.endpoint(endpoint.id));
    for (const hidden of [endpoint.secret!, 'acme', 'open sesame']) expect(shown).not.toContain(hidden);
    expect(JSON.parse(shown)).toMatchObject({ headers: ['X-Tenant'], username: 'shop' });
  });

  it('is signed with old and new keys while they overlap, by ed25519 besides, and not by what has expired', async () => {
    const receiver = await house.receive();
    const endpoint = await house.create([receiver.url], { asymmetric: true });
    const rotate = async (body: object) =>
      (await house.call('post', `/v1/webhook-endpoints/${endpoint.id}/secret/rotate`, body))
        .body as CreatedWebhookEndpoint;
    const { secret } = await rotate({ overlapMs: 60_000 });
    await house.publish(endpoint, {});
    await house.settled(endpoint, 'delivered');
    const [first] = receiver.received as [Received];
    expect([...verifies(endpoint.secret!, first), ...verifies(secret!, first)]).toEqual([true, true, true, true]);
    const [publicKey] = endpoint.publicKeys as [string];
    const raw = Buffer.from(publicKey.replace('whpk_', ''), 'base64');
    const spki = Buffer.concat([Buffer.from('302a300506032b6570032100', 'hex'), raw]);
    const key = createPublicKey({ key: spki, format: 'der', type: 'spki' });
    const signature = /v1a,(\S+)/.exec(first.headers['webhook-signature']!)![1]!;
    const signed = Buffer.from(`${first.id}.${first.headers['webhook-timestamp']}.${first.body}`);
    expect(verify(null, signed, key, Buffer.from(signature, 'base64'))).toBe(true);
    await house.pass(61_000);
    await house.publish(endpoint, {});
    await house.settled(endpoint, 'delivered', 2);
    const second = receiver.received[1]!;
    expect([...verifies(endpoint.secret!, second), ...verifies(secret!, second)]).toEqual([false, false, true, true]);
  });

  it('is told of what its filter lets through, as its transformation says, in parts of their own', async () => {
    const receiver = await house.receive();
    const endpoint = await house.create([receiver.url], {
      filter: '.data.amount > 10',
      transform: '.data.items[] | {text: .}',
    });
    await house.publish(endpoint, { amount: 1, items: ['no'] });
    await house.publish(endpoint, { amount: 11, items: ['a', 'b', 'c'] });
    await house.publish(endpoint, { amount: 12, items: [] });
    const deliveries = await house.settled(endpoint, 'delivered', 3);
    const base = deliveries[0]!.messageId.replace(/_\d$/, '');
    const got = receiver.received.map(({ id, body }) => `${id} ${body}`).sort();
    expect(got).toEqual(['a', 'b', 'c'].map((text, n) => `${base}_${n + 1} ${JSON.stringify({ text })}`));
  });

  it('gets CloudEvents when it says so', async () => {
    const receiver = await house.receive();
    const endpoint = await house.create([receiver.url], { format: 'cloudevents' });
    await house.publish(endpoint, { a: 1 });
    const [delivery] = await house.settled(endpoint, 'delivered');
    const [got] = receiver.received;
    expect(got!.headers['content-type']).toBe('application/cloudevents+json');
    expect(got!.json).toMatchObject({
      specversion: '1.0',
      id: delivery!.messageId,
      source: `/orgs/${house.api.orgId}`,
      data: { a: 1 },
    });
  });

  it.each([
    ['that runs for ever', '[range(1e9)]'],
    ['that fails', '.data.n | error'],
  ])('buries what a transformation %s fails at, and goes on; a replay goes by the mended one', async (_, transform) => {
    const receiver = await house.receive();
    const endpoint = await house.create([receiver.url], { transform });
    await house.publish(endpoint, { n: 1 }, { orderingKey: 'k' });
    const [dead] = await house.settled(endpoint, 'dead');
    expect(dead).toMatchObject({ reason: 'transform_error', attempts: 0, error: expect.any(String) });
    await house.call('patch', `/v1/webhook-endpoints/${endpoint.id}`, { transform: '.data' });
    await house.call('post', `/v1/webhook-deliveries/${dead!.id}/replay`);
    expect(await house.settled(endpoint, 'delivered')).toMatchObject([{ generation: 1, messageId: dead!.messageId }]);
    expect(receiver.received.map(({ body }) => body)).toEqual(['{"n":1}']);
  });

  it('is reached neither by a redirect nor where the operator allows nothing', async () => {
    const elsewhere = await house.receive();
    const receiver = await house.receive(() => ({ status: 302, headers: { location: elsewhere.url } }));
    const endpoint = await house.create([receiver.url]);
    await house.publish(endpoint, {});
    const [delivery] = await house.settled(endpoint, 'retrying');
    expect(await house.attempts(delivery!.id)).toMatchObject([{ outcome: 'http', statusCode: 302 }]);
    expect(elsewhere.received).toEqual([]);
    for (const url of [
      'http://10.0.0.1/x',
      'https://169.254.169.254/',
      'https://[::ffff:10.0.0.1]/',
      'http://2852039166/',
    ])
      expect(
        (await house.call('post', '/v1/webhook-endpoints', { name: 'x', urls: [url], types: ['*'] })).body,
      ).toMatchObject({
        code: 'request.invalid',
        errors: [{ path: 'urls[0]' }],
      });
  });
});

describe('a delivery that fails', () => {
  it('is sent again with the same id and body and a new time, as often as it failed', async () => {
    const receiver = await house.receive((_, nth) => (nth <= 2 ? { status: 503, body: 'later' } : 200));
    const endpoint = await house.create([receiver.url], { retryScheduleMs: [5_000, 300_000] });
    await house.publish(endpoint, { n: 1 });
    const [first] = await house.settled(endpoint, 'retrying');
    expect(Date.parse(first!.dueAt!) - Date.now()).toBeLessThan(6_100);
    await house.pass(6_000);
    await until(() => receiver.received.length === 2);
    await house.settled(endpoint, 'retrying');
    await house.pass(360_000);
    const [done] = await house.settled(endpoint, 'delivered');
    expect(new Set(receiver.received.map(({ id, body }) => `${id} ${body}`)).size).toBe(1);
    expect(receiver.received.map((got) => verifies(endpoint.secret!, got))).toEqual([
      [true, true],
      [true, true],
      [true, true],
    ]);
    expect(await house.attempts(done!.id)).toMatchObject([
      { n: 3, outcome: 'ok', nextAt: null },
      { n: 2, outcome: 'http', statusCode: 503, response: 'later' },
      { n: 1, outcome: 'http', statusCode: 503, response: 'later', nextAt: expect.any(String) },
    ]);
  });

  it('is dead at the end of its schedule, of which others hear; replays begin anew', async () => {
    const receiver = await house.receive((_, nth) => (nth === 1 ? 500 : 204));
    const listener = await house.receive();
    const told = await house.create([listener.url], { types: ['delivery.dead'] });
    const endpoint = await house.create([receiver.url], { retryScheduleMs: [] });
    await house.publish(endpoint, { n: 1 });
    const [dead] = await house.settled(endpoint, 'dead');
    expect(dead).toMatchObject({ reason: 'exhausted', attempts: 1 });
    await until(() => listener.received.some(({ json }) => json.data['deliveryId'] === dead!.id));
    await house.call('patch', `/v1/webhook-endpoints/${told.id}`, { state: 'disabled' });
    const replay = { filter: { endpoint: endpoint.id }, dryRun: true };
    expect((await house.call('post', '/v1/webhook-deliveries/replay', replay)).body).toEqual({
      replayed: 1,
      dryRun: true,
    });
    const { body } = await house.call('post', '/v1/webhook-deliveries/replay', { ...replay, dryRun: false });
    expect(body).toEqual({ replayed: 1 });
    await house.settled(endpoint, 'delivered');
    expect(await house.attempts(dead!.id)).toMatchObject([{ generation: 1, trigger: 'replay' }, { generation: 0 }]);
  });

  it('goes to another URL at once when the first cannot be reached, and a URL that is gone is left out', async () => {
    const [gone, alive] = [await house.receive(() => 410), await house.receive()];
    const dead = await house.receive();
    await dead.close();
    const endpoint = await house.create([dead.url, alive.url]);
    await house.publishAll(endpoint, 20);
    await house.settled(endpoint, 'delivered', 20);
    const { urls } = await house.endpoint(endpoint.id);
    expect(urls).toMatchObject([{ failures: expect.any(Number), ejectedUntil: expect.any(String) }, { failures: 0 }]);
    const ending = await house.create([gone.url]);
    await house.publish(ending, {});
    expect(await house.settled(ending, 'dead')).toMatchObject([{ reason: 'gone' }]);
    expect(await house.endpoint(ending.id)).toMatchObject({ state: 'disabled', disabledReason: 'gone' });
  });

  it('waits as long as the endpoint asks, and so do those behind it', async () => {
    const receiver = await house.receive((_, nth) =>
      nth === 1 ? { status: 429, headers: { 'retry-after': '600' } } : 200,
    );
    const endpoint = await house.create([receiver.url], { maxInFlight: 1 });
    await house.publishAll(endpoint, 3);
    await until(async () => (await house.endpoint(endpoint.id)).heldUntil !== null);
    const { heldUntil } = await house.endpoint(endpoint.id);
    expect(Date.parse(heldUntil!) - Date.now()).toBeGreaterThan(500_000);
    expect(receiver.received).toHaveLength(1);
    expect((await house.deliveries(endpoint)).map(({ attempts }) => String(attempts)).sort()).toEqual(['0', '0', '1']);
    await house.pass(601_000);
    await house.settled(endpoint, 'delivered', 3);
  });
});

describe('events of one ordering key', () => {
  it.each([
    ['block', ['0', '0', '0', '1', '2', '3']],
    ['skip', ['0', '1', '2', '3', '0', '0']],
  ])('are sent in their order (%s)', async (ordering, order) => {
    const receiver = await house.receive(({ json }, nth) =>
      json.data['n'] === 0 && nth <= (ordering === 'skip' ? 5 : 2) ? 500 : 200,
    );
    const endpoint = await house.create([receiver.url], { ordering, retryScheduleMs: [60_000, 60_000, 60_000] });
    await house.publishAll(endpoint, 4, () => ({ orderingKey: 'k' }));
    for (const sent of ordering === 'skip' ? [4, 5] : [1, 2]) {
      await until(() => receiver.received.length === sent);
      await until(async () => (await house.deliveries(endpoint)).every(({ status }) => status !== 'sending'));
      await house.pass(80_000);
    }
    await house.settled(endpoint, 'delivered', 4);
    expect(receiver.received.map(({ json }) => String(json.data['n']))).toEqual(order);
  });
});
