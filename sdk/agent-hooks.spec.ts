import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { type ChildProcess, spawn } from 'node:child_process';
import { randomUUID } from 'node:crypto';
import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import path from 'node:path';
import { pathToFileURL } from 'node:url';
import { pino } from 'pino';
import { z } from 'zod';
import { type AgentOptions, type RunningAgent, serveAgent } from './agent.js';
import { type ScriptedApi, scriptedApi } from '../test/support/doubler.js';
import { until } from '../test/support/until.js';

let api: ScriptedApi;
let agent: RunningAgent | undefined;
let child: ChildProcess | undefined;

beforeEach(async () => {
  api = await scriptedApi();
});
afterEach(async () => {
  await agent?.stop();
  agent = undefined;
  if (child?.exitCode === null && child.kill()) await once(child, 'exit');
  api.close();
});

const post = async (url: string, change: { kind?: string; input: unknown }, headers = {}) => {
  const task = { kind: 'task', capability: 'shout', context: null, deadlineMs: 5_000, idempotencyKey: randomUUID() };
  const body = JSON.stringify({ ...task, run: { id: 'r', step: '/', attempt: 1 }, ...change });
  const answer = await fetch(url, {
    method: 'POST',
    body,
    headers: { 'content-type': 'application/json', ...headers },
  });
  return { status: answer.status, body: (await answer.json()) as Record<string, unknown> };
};
const asked: unknown[] = [];
const serve = async (options: Partial<AgentOptions> = {}) => {
  asked.length = 0;
  return (agent = await serveAgent({
    name: 'shouter',
    version: '1.0.0',
    apiUrl: api.url,
    apiKey: 'k',
    ownsProcess: false,
    log: pino({ level: 'silent' }),
    ...options,
    capabilities: {
      shout: {
        input: z.object({ text: z.string() }),
        canHandle: ({ text }) => (text === '' ? false : text.length < 9 || 'too long'),
        bid: (call) => {
          asked.push(call);
          return { price: 1, etaMs: 1 };
        },
        handler: ({ text }) => text.toUpperCase(),
      },
    },
  }));
};

describe('an agent that chooses its tasks', () => {
  it('does those that it takes, and refuses the others with the reason', async () => {
    const { url } = await serve();
    expect(await post(url, { input: { text: 'hi' } })).toEqual({ status: 200, body: { output: 'HI' } });
    const refused = await post(url, { input: { text: 'much too long' } });
    expect(refused).toMatchObject({ status: 422, body: { title: 'Task rejected', detail: 'too long' } });
    const { body } = await post(url, { input: { text: '' } });
    expect(body).toMatchObject({ detail: 'the agent does not take this task' });
  });

  it('bids for tasks that it takes alone, all of them in an exchange', async () => {
    const { url } = await serve();
    const bid = async (input: object) => (await post(url, { kind: 'bid', input })).body;
    expect(await bid({ task: { text: 'hi' }, round: 1 })).toEqual({ bid: { price: 1, etaMs: 1 } });
    expect(await bid({ task: { text: 'much too long' } })).toEqual({ refuse: { reason: 'too long' } });
    expect(await bid({ task: { words: 3 } })).toEqual({
      refuse: { reason: 'the task breaks the schema of the capability' },
    });
    const lots = (...texts: string[]) => ({ tasks: texts.map((text) => ({ task: { text } })) });
    expect(await bid(lots('a', 'b'))).toHaveProperty('bid');
    expect(await bid(lots('a', 'much too long'))).toEqual({ refuse: { reason: 'too long' } });
    expect(asked).toEqual([{ task: { text: 'hi' }, round: 1 }, lots('a', 'b')]);
  });

  it('is a function in fifteen lines, as the guide shows it', async () => {
    const guide = readFileSync(path.join(import.meta.dirname, '../docs/agents/sdk.md'), 'utf8');
    const code = /## A function that bids[^]*?```js\n([^]*?)```/.exec(guide)![1]!;
    const own = code.split('\n').filter((line) => line !== '' && !line.startsWith('import '));
    expect(own.length).toBeLessThanOrEqual(15);
    const built = pathToFileURL(path.join(import.meta.dirname, '../dist/sdk/agent.js')).href;
    child = spawn(process.execPath, ['--input-type=module', '-e', code.replace('brikk/agent', built)], {
      env: { ...process.env, BRIKK_API_URL: api.url, BRIKK_API_KEY: 'k' },
      stdio: ['ignore', 'ignore', 'inherit', 'ipc'],
    });
    const [{ url }] = (await once(child, 'message')) as [{ url: string }];
    expect((await post(url, { kind: 'bid', input: { task: { text: 'hello' } } })).body).toMatchObject({
      bid: { price: 0.005 },
    });
    expect((await post(url, { input: { text: 'hello' } })).body).toEqual({ output: 'HELLO' });
  }, 60_000);
});

describe('the hooks of an agent', () => {
  it('are called in the order of its life', async () => {
    const life: string[] = [];
    const note = (what: string) => () => void life.push(what);
    const seen = () => void life.push(`init before ${api.seen.length}`);
    await serve({ onInit: seen, onReady: note('ready'), onDrain: note('drain'), onShutdown: note('shutdown') });
    await agent?.stop();
    expect(life).toEqual(['init before 0', 'ready', 'drain', 'shutdown']);
  });

  it('end the start when the first fails, with nothing registered', async () => {
    await expect(serve({ onInit: () => Promise.reject(new Error('no model')) })).rejects.toThrow('no model');
    expect(api.seen).toEqual([]);
  });

  it('hear of a registry that had forgotten the instance, which goes by its new id; a throw is only logged', async () => {
    const recovered: string[] = [];
    await serve({
      ttlSeconds: 0.3,
      onRecover: ({ id, instanceId }) => {
        recovered.push(`${id} ${instanceId}`);
        throw new Error('not in the mood');
      },
    });
    api.answers.push([404, { code: 'instance.not_found', detail: 'gone', status: 404 }]);
    api.answers.push([200, { id: 'a2', instanceId: 'i2', state: 'ready', lease: { expiresAt: null } }]);
    await until(() => api.seen.some(({ url }) => url === '/v1/agents/a2/instances/i2/heartbeat'));
    expect(recovered).toEqual(['a2 i2']);
    expect(agent?.instanceId).toBe('i2');
  });

  it('let in only those who are known, before anything of a request is read', async () => {
    const { url } = await serve({
      authenticate: ({ headers }) => {
        if (headers.authorization === undefined) throw new Error('who is it?');
        return headers.authorization === 'Bearer right';
      },
    });
    const as = (authorization?: string) => post(url, { input: { text: 'hi' } }, authorization && { authorization });
    expect([(await as()).status, (await as('Bearer wrong')).status, (await as('Bearer right')).status]).toEqual([
      401, 401, 200,
    ]);
    const unread = await fetch(url, { method: 'POST', body: 'no JSON', headers: { 'content-type': 'text/plain' } });
    expect(unread.status).toBe(401);
  });
});
