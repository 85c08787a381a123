import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { connect } from 'node:net';
import { Doubler, type ScriptedApi, scriptedApi } from '../test/support/doubler.js';

let api: ScriptedApi;
let doubler: Doubler;

beforeEach(async () => {
  api = await scriptedApi();
});
afterEach(async () => {
  await doubler.agent.stop();
  api.close();
});
const serve = async (options?: Parameters<typeof Doubler.serve>[1]) =>
  (doubler = await Doubler.serve(api.url, options));
const task = { kind: 'task', capability: 'double', input: { n: 1 }, context: null, deadlineMs: 1, idempotencyKey: 'k' };
const run = { id: 'r', step: '/', attempt: 1 };

describe('an agent that is asked', () => {
  it('answers a task once per idempotency key, also when twins come together', async () => {
    await serve();
    const twins = await Promise.all([doubler.ask({ n: 2 }, 'k'), doubler.ask({ n: 2 }, 'k')]);
    const repeat = await doubler.ask({ n: 2 }, 'k');
    for (const answer of [...twins, repeat]) expect(await answer.json()).toEqual({ output: 4, confidence: 0.9 });
    expect(doubler.worked).toBe(1);
    expect((await doubler.ask({ n: 3 }, 'k')).status).toBe(409);
  });

  it('works again on a repeat of what failed', async () => {
    await serve();
    expect([(await doubler.ask({ n: 500 }, 'k')).status, (await doubler.ask({ n: 500 }, 'k')).status]).toEqual([
      500, 500,
    ]);
    expect(doubler.worked).toBe(2);
  });

  it.each([
    ['an input that breaks the schema', { n: 'x' }, 422, 'double', { errors: [{ path: 'n' }] }],
    ['a task its handler rejects', { n: 13 }, 422, 'double', { detail: '13 is not doubled' }],
    ['a handler that throws', { n: 500 }, 500, 'double', { detail: 'broken' }],
    ['an output that breaks the schema', { n: 1_000_000 }, 500, 'double', { title: 'Invalid output' }],
    ['an unknown capability', {}, 404, 'triple', { errors: [{ path: 'capability', allowed: ['double'] }] }],
  ])('answers %s with a problem and no stack', async (_, input, status, capability, problem) => {
    await serve();
    const answer = await doubler.ask(input, 'p', { capability });
    const text = await answer.text();
    expect(answer.headers.get('content-type')).toBe('application/problem+json');
    expect({ ...(JSON.parse(text) as object), status: answer.status }).toMatchObject({ status, ...problem });
    expect(text).not.toMatch(/\.ts:|\.js:|node:/);
  });

  it.each([
    ['no JSON', '{"kind"', {}, 400, 'the body is not JSON'],
    ['an empty body', '', {}, 400, 'the body is not JSON'],
    ['another content type', '{}', { 'content-type': 'text/plain' }, 415, 'the body must be application/json'],
    ['another protocol version', '{}', { 'brikk-protocol': '7' }, 400, 'this agent speaks Brikk-Protocol 1'],
    [
      'a request for a bid',
      JSON.stringify({ ...task, run, kind: 'bid' }),
      {},
      422,
      'capability double answers no request of kind bid',
    ],
    ['another shape', JSON.stringify({ ...task, run, kind: 'sing' }), {}, 422, 'the request breaks the agent protocol'],
    ['no run', JSON.stringify(task), {}, 422, 'the request breaks the agent protocol'],
    ['too many bytes', JSON.stringify('x'.repeat(2_000)), {}, 413, 'the body has more than 1000 bytes'],
  ])('refuses %s with a sentence', async (_, body, headers, status, detail) => {
    await serve({ maxBodyBytes: 1_000 });
    const answer = await doubler.post(body, headers);
    expect(answer.status).toBe(status);
    expect(await answer.json()).toMatchObject({ status, detail });
    expect(doubler.worked).toBe(0);
  });

  it('goes on when a caller leaves in the middle of its body', async () => {
    await serve();
    const { port } = new URL(doubler.agent.url);
    const socket = connect(Number(port), '127.0.0.1');
    const head = 'POST / HTTP/1.1\r\nHost: a\r\nContent-Type: application/json\r\nContent-Length: 99\r\n\r\n';
    await new Promise<void>((resolve) => socket.write(`${head}{`, () => resolve()));
    socket.destroy();
    expect((await doubler.ask({ n: 1 }, 'k')).status).toBe(200);
  });

  it('says 404 where there is nothing', async () => {
    await serve();
    expect((await fetch(doubler.agent.url)).status).toBe(404);
    expect((await fetch(`${doubler.agent.url}/tasks`, { method: 'PUT' })).status).toBe(404);
  });

  it('says 429 with Retry-After when all slots are taken', async () => {
    let open = () => {};
    await serve({ maxConcurrency: 1, gate: new Promise<void>((resolve) => (open = resolve)) });
    const first = doubler.ask({ n: 1 }, 'one');
    await doubler.begun;
    const busy = await doubler.ask({ n: 2 }, 'two');
    expect([busy.status, busy.headers.get('retry-after')]).toEqual([429, '1']);
    open();
    expect((await first).status).toBe(200);
  });

  it('tells its health, with what its own check adds', async () => {
    await serve({ health: () => ({ model: 'loaded' }) });
    const answer = await fetch(`${doubler.agent.url}/health`);
    expect(await answer.json()).toMatchObject({ status: 'ok', inFlight: 0, details: { model: 'loaded' } });
  });

  it('is unhealthy when its own check fails', async () => {
    await serve({
      health: () => {
        throw new Error('no model');
      },
    });
    expect((await fetch(`${doubler.agent.url}/health`)).status).toBe(503);
  });
});
