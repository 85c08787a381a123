import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { once } from 'node:events';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { pino } from 'pino';
import { Webhook } from 'standardwebhooks';
import { z } from 'zod';
import { type RunningAgent, serveAgent, TaskRejected } from './agent.js';

const SECRET = `whsec_${Buffer.from('a secret of 24 bytes or so').toString('base64')}`;
const seen: { method: string; url: string; body: unknown }[] = [];
let answers: ((url: string) => [number, unknown])[] = [];
let api: Server;
let apiUrl: string;
let agent: RunningAgent | undefined;
let worked = 0;
let begun = () => {};
let started: Promise<void>;

beforeEach(async () => {
  seen.length = 0;
  answers = [];
  worked = 0;
  started = new Promise((resolve) => (begun = resolve));
  api = createServer((request, response) => {
    void (async () => {
      const chunks: Buffer[] = [];
      for await (const chunk of request) chunks.push(chunk as Buffer);
      const text = Buffer.concat(chunks).toString();
      seen.push({ method: request.method ?? '', url: request.url ?? '', body: text ? JSON.parse(text) : undefined });
      const registered = { id: 'a1', instanceId: 'i1', state: 'ready', lease: { expiresAt: null } };
      const [status, body] = answers.shift()?.(request.url ?? '') ?? [200, registered];
      response.writeHead(status, { 'content-type': 'application/json' }).end(JSON.stringify(body));
    })();
  }).listen(0, '127.0.0.1');
  await once(api, 'listening');
  apiUrl = `http://127.0.0.1:${(api.address() as AddressInfo).port}`;
});

afterEach(async () => {
  await agent?.stop();
  agent = undefined;
  api.closeAllConnections();
  api.close();
});

async function serve(extra: { signingSecret?: string; maxConcurrency?: number; gate?: Promise<void> } = {}) {
  const { gate, ...options } = extra;
  agent = await serveAgent({
    name: 'doubler',
    version: '1.0.0',
    capabilities: {
      double: {
        input: z.object({ n: z.number() }),
        handler: async ({ n }, context) => {
          worked += 1;
          begun();
          await gate;
          if (n === 13) throw new TaskRejected('13 is not doubled');
          if (n === 500) throw new Error('broken');
          context.report({ confidence: 0.9 });
          return n * 2;
        },
      },
    },
    ...options,
    apiUrl,
    ownsProcess: false,
    log: pino({ level: 'silent' }),
  });
  return agent;
}

function ask(input: unknown, key: string, headers: Record<string, string> = {}, capability = 'double') {
  const body = JSON.stringify({
    kind: 'task',
    capability,
    input,
    context: null,
    deadlineMs: 5_000,
    idempotencyKey: key,
    run: { id: 'r1', step: '/', attempt: 1 },
  });
  const signed = headers.secret ? sign(headers.secret, body) : {};
  return fetch(agent?.url ?? '', { method: 'POST', body, headers: { 'content-type': 'application/json', ...signed } });
}

function sign(secret: string, body: string): Record<string, string> {
  const at = new Date();
  const signature = new Webhook(secret).sign('msg_1', at, body);
  const timestamp = String(Math.floor(at.getTime() / 1_000));
  return { 'webhook-id': 'msg_1', 'webhook-timestamp': timestamp, 'brikk-signature': signature };
}

describe('an agent', () => {
  it('registers its contract and real port, and leaves the registry when it stops', async () => {
    const { url } = await serve();
    expect(seen[0]).toMatchObject({ method: 'POST', url: '/v1/agents', body: { name: 'doubler', endpoint: url } });
    expect(JSON.stringify(seen[0]?.body)).toContain('"inputSchema"');
    await agent?.stop();
    expect(seen.at(-1)).toMatchObject({ method: 'DELETE', url: '/v1/agents/a1/instances/i1' });
  });

  it('waits for an API that is not ready yet', async () => {
    answers = [() => [503, {}], () => [503, {}]];
    await serve();
    expect(seen.filter(({ url }) => url === '/v1/agents')).toHaveLength(3);
  });

  it('fails when the API refuses the registration', async () => {
    answers = [() => [422, { code: 'request.invalid', detail: 'no', status: 422 }]];
    await expect(serve()).rejects.toMatchObject({ code: 'request.invalid' });
  });

  it('answers a task once per idempotency key, also when twins come together', async () => {
    await serve();
    const twins = await Promise.all([ask({ n: 2 }, 'k'), ask({ n: 2 }, 'k')]);
    const repeat = await ask({ n: 2 }, 'k');
    for (const answer of [...twins, repeat]) expect(await answer.json()).toEqual({ output: 4, confidence: 0.9 });
    expect(worked).toBe(1);
    expect((await ask({ n: 3 }, 'k')).status).toBe(409);
  });

  it.each([
    ['an input that breaks the schema', { n: 'x' }, 422, 'double'],
    ['a task its handler rejects', { n: 13 }, 422, 'double'],
    ['a handler that throws', { n: 500 }, 500, 'double'],
    ['an unknown capability', {}, 404, 'triple'],
  ])('answers %s with a problem', async (_, input, status, capability) => {
    await serve();
    const answer = await ask(input, 'p', {}, capability);
    expect(answer.status).toBe(status);
    expect(await answer.json()).toMatchObject({ status });
  });

  it('says 429 with Retry-After when all slots are taken', async () => {
    let open = () => {};
    await serve({ maxConcurrency: 1, gate: new Promise<void>((resolve) => (open = resolve)) });
    const first = ask({ n: 1 }, 'one');
    await started;
    const busy = await ask({ n: 2 }, 'two');
    expect([busy.status, busy.headers.get('retry-after')]).toEqual([429, '1']);
    open();
    expect((await first).status).toBe(200);
  });

  it('takes only signed requests when it has a secret', async () => {
    await serve({ signingSecret: SECRET });
    expect((await ask({ n: 1 }, 's')).status).toBe(401);
    expect((await ask({ n: 1 }, 's', { secret: SECRET })).status).toBe(200);
  });

  it('tells its health', async () => {
    const { url } = await serve();
    expect(await (await fetch(`${url}/health`)).json()).toMatchObject({ status: 'ok', inFlight: 0 });
  });
});
