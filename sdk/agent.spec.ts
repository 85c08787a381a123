import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { once } from 'node:events';
import { createServer } from 'node:net';
import type { AddressInfo } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';
import { Doubler, type ScriptedApi, scriptedApi, signatureOf } from '../test/support/doubler.js';
import { until } from '../test/support/until.js';

const SECRET = `whsec_${Buffer.from('a secret of 24 bytes or so').toString('base64')}`;
const OTHER_SECRET = `whsec_${Buffer.from('another secret of some bytes').toString('base64')}`;
const registered = { id: 'a1', instanceId: 'i1', state: 'ready', lease: { expiresAt: null } };

let api: ScriptedApi;
let doubler: Doubler | undefined;

beforeEach(async () => {
  api = await scriptedApi();
});
afterEach(async () => {
  await doubler?.agent.stop();
  doubler = undefined;
  api.close();
});
const serve = async (options?: Parameters<typeof Doubler.serve>[1]) =>
  (doubler = await Doubler.serve(api.url, options));
const registrations = () => api.seen.filter(({ method, url }) => method === 'POST' && url === '/v1/agents');

describe('an agent in the registry', () => {
  it('registers its contract and real port, and leaves when it stops', async () => {
    const { agent } = await serve();
    expect(api.seen[0]).toMatchObject({
      method: 'POST',
      url: '/v1/agents',
      body: { name: 'doubler', endpoint: agent.url },
    });
    expect(JSON.stringify(api.seen[0]?.body)).toContain('"inputSchema"');
    await agent.stop();
    expect(api.seen.at(-1)).toMatchObject({ method: 'DELETE', url: '/v1/agents/a1/instances/i1' });
  });

  it('waits for an API that is not ready yet', async () => {
    api.answers.push([503, {}], [429, {}]);
    await serve();
    expect(registrations()).toHaveLength(3);
  });

  it('fails when the API refuses the registration, and leaves its port free', async () => {
    api.answers.push([422, { code: 'request.invalid', detail: 'no', status: 422 }]);
    const port = await freePort();
    await expect(serve({ port })).rejects.toMatchObject({ code: 'request.invalid' });
    await serve({ port });
    expect(doubler?.agent.url).toBe(`http://127.0.0.1:${port}`);
  });

  it('takes the next port of a range when one is taken', async () => {
    const taken = createServer().listen(0, '127.0.0.1');
    await once(taken, 'listening');
    const { port } = taken.address() as AddressInfo;
    const { agent } = await serve({ port: { from: port, to: port + 20 } });
    expect(Number(new URL(agent.url).port)).toBeGreaterThan(port);
    taken.close();
  });

  it('beats three times a lease with its load, and at once again after a beat that failed', async () => {
    await serve({ ttlSeconds: 0.3 });
    const beats = () => api.seen.filter(({ method }) => method === 'PUT');
    await until(() => beats().length >= 2);
    expect(beats()[0]).toMatchObject({
      url: '/v1/agents/a1/instances/i1/heartbeat',
      body: { load: 0, inFlight: 0, health: { errorRate: 0, memoryBytes: expect.any(Number) } },
    });
    api.answers.push([500, {}]);
    const before = beats().length;
    await until(() => beats().length >= before + 2);
    expect(registrations()).toHaveLength(1);
  });

  it('registers again when it was forgotten, though the API falters, and is called by its new id', async () => {
    await serve({ ttlSeconds: 0.3 });
    const refused = { code: 'request.invalid', detail: 'no', status: 422 };
    api.answers.push([404, { code: 'instance.not_found', detail: 'gone', status: 404 }], [503, {}]);
    api.answers.push([422, refused], [404, {}], [200, { ...registered, id: 'a2', instanceId: 'i2' }]);
    await until(() => api.seen.some(({ url }) => url === '/v1/agents/a2/instances/i2/heartbeat'));
    await doubler?.agent.stop();
    expect(api.seen.at(-1)).toMatchObject({ method: 'DELETE', url: '/v1/agents/a2/instances/i2' });
  });

  it('stops though the API keeps a heartbeat waiting', async () => {
    const { agent } = await serve({ ttlSeconds: 0.3 });
    api.answers.push([0, null]);
    const before = api.seen.length;
    await until(() => api.seen.length > before && api.answers.length === 0);
    await agent.stop();
    expect(api.seen.at(-1)?.method).toBe('DELETE');
  }, 8_000);

  it('stops though the API is gone', async () => {
    const { agent } = await serve();
    api.close();
    await agent.stop();
    await expect(fetch(agent.url)).rejects.toThrow();
  });
});

describe('the signature of a task', () => {
  it('is asked for as soon as the registration has given a secret', async () => {
    api.answers.push([201, { ...registered, signingSecret: SECRET }]);
    await serve();
    expect((await doubler!.ask({ n: 1 }, 's')).status).toBe(401);
    expect((await doubler!.ask({ n: 1 }, 's', { secret: OTHER_SECRET })).status).toBe(401);
    expect((await doubler!.ask({ n: 1 }, 's', { secret: SECRET })).status).toBe(200);
  });

  it('does not fit another body, and not another time', async () => {
    await serve({ signingSecret: SECRET });
    const signed = signatureOf('{}', SECRET);
    expect((await doubler!.ask({ n: 1 }, 's', { headers: signed })).status).toBe(401);
    const anHourAgo = signatureOf('{}', SECRET, new Date(Date.now() - 3_600_000));
    const late = await doubler!.post('{}', anHourAgo);
    expect([late.status, doubler?.worked]).toEqual([401, 0]);
  });

  it('is by the secret that the agent was given, when it was given one', async () => {
    api.answers.push([201, { ...registered, signingSecret: OTHER_SECRET }]);
    await serve({ signingSecret: SECRET });
    expect((await doubler!.ask({ n: 1 }, 's', { secret: SECRET })).status).toBe(200);
  });
});

describe('an agent that stops', () => {
  it('finishes what it has in hand, answers it, and takes nothing new', async () => {
    let open = () => {};
    const gate = new Promise<void>((resolve) => (open = resolve));
    let draining = () => {};
    const drained = new Promise<void>((resolve) => (draining = resolve));
    await serve({ gate, onDrain: () => draining() });
    const inHand = doubler!.ask({ n: 4 }, 'one');
    await doubler!.begun;
    const stopping = doubler!.agent.stop();
    await drained;
    await until(() => api.seen.some(({ method }) => method === 'DELETE'));
    await sleep(20);
    const late = await doubler!.ask({ n: 5 }, 'two');
    expect([late.status, late.headers.get('retry-after')]).toEqual([503, '1']);
    expect((await fetch(`${doubler!.agent.url}/health`)).status).toBe(503);
    open();
    expect(await (await inHand).json()).toMatchObject({ output: 8 });
    await stopping;
    await expect(doubler!.ask({ n: 6 }, 'three')).rejects.toThrow();
    expect(doubler!.worked).toBe(1);
  });

  it('tells a handler that takes too long to give up, and goes', async () => {
    const never = new Promise<void>(() => undefined);
    await serve({ gate: never, drainMs: 50 });
    const inHand = doubler!.ask({ n: 4 }, 'one').catch((error: unknown) => error);
    await doubler!.begun;
    await doubler!.agent.stop();
    expect(doubler!.signal?.aborted).toBe(true);
    expect(await inHand).toMatchObject({ message: 'fetch failed' });
  });
});

async function freePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  server.close();
  await once(server, 'close');
  return port;
}
