import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterEach, beforeEach, describe, expect, it, jest } from '@jest/globals';
import { pino } from 'pino';
import { type ScriptedApi, scriptedApi } from '../test/support/doubler.js';
import { until } from '../test/support/until.js';
import { type AgentOptions, type RunningAgent, serveAgent, type TaskContext, TaskRejected } from './agent.js';
import { readMessages } from './event-stream.js';

let api: ScriptedApi;
let agent: RunningAgent | undefined;
beforeEach(async () => {
  api = await scriptedApi();
});
afterEach(async () => {
  await agent?.stop();
  agent = undefined;
  api.close();
});

type Handler = AgentOptions['capabilities'][string]['handler'];

const STREAM = 'application/json, text/event-stream';

async function serve(handler: Handler, more: object = {}) {
  const options = { apiUrl: api.url, apiKey: 'k', ownsProcess: false, log: pino({ level: 'silent' }) };
  agent = await serveAgent({ name: 'a', version: '1.0.0', capabilities: { work: { handler, ...more } }, ...options });
}

function ask(key = 'k', { accept = STREAM, callbackUrl }: { accept?: string; callbackUrl?: string } = {}) {
  const run = { id: 'r', step: '/', attempt: 1, ...(callbackUrl !== undefined && { callbackUrl }) };
  const context = { deadlineMs: 5_000, context: null, run };
  const body = JSON.stringify({ kind: 'task', capability: 'work', input: 1, idempotencyKey: key, ...context });
  return fetch(agent!.url, { method: 'POST', headers: { 'content-type': 'application/json', accept }, body });
}

/** The events of an answer, as `[name, data]`. */
async function eventsOf(answer: Response): Promise<[string, unknown][]> {
  expect(answer.headers.get('content-type')).toBe('text/event-stream');
  const events: [string, unknown][] = [];
  for await (const { event, data } of readMessages(answer.body!)) events.push([event, JSON.parse(data)]);
  return events;
}

jest.setTimeout(30_000);

describe('an agent that tells how far it is', () => {
  const reporting = async (_: unknown, { progress, report }: TaskContext) => {
    progress({ fraction: 0.25, message: 'reading' });
    await sleep(50);
    report({ usage: { costUsd: 1 } });
    return 'done';
  };

  it('answers as a stream where its caller takes one, and at once where it does not', async () => {
    await serve(reporting);
    expect(await eventsOf(await ask('one'))).toEqual([
      ['progress', { fraction: 0.25, message: 'reading' }],
      ['result', { output: 'done', usage: { costUsd: 1 } }],
    ]);
    const plain = await ask('two', { accept: 'application/json' });
    expect([plain.status, await plain.json()]).toEqual([200, { output: 'done', usage: { costUsd: 1 } }]);
  });

  it('answers as ever when it has said nothing', async () => {
    await serve(() => 1);
    expect(await (await ask()).json()).toEqual({ output: 1 });
  });

  it('sends few of many reports, the newest last, and each sign of life within a quarter of a second', async () => {
    await serve(async (_: unknown, { progress }: TaskContext) => {
      for (let step = 1; step <= 300; step += 1) {
        progress(step % 2 === 0 ? {} : { fraction: step / 300 });
        await sleep(2);
      }
      return 'done';
    });
    const events = await eventsOf(await ask());
    expect(events.length).toBeLessThan(10);
    expect(events.at(-2)).toEqual(['progress', { fraction: 299 / 300 }]);
  });

  it('streams what a generator yields: text is the output, unless it returns another', async () => {
    await serve(async function* (_: unknown, { idempotencyKey }: TaskContext) {
      yield 'The ';
      yield { page: 2 };
      await sleep(5);
      yield 'end';
      return idempotencyKey === 'other' ? { pages: 2 } : undefined;
    });
    expect(await eventsOf(await ask('other'))).toEqual([
      ['chunk', { text: 'The ' }],
      ['progress', { data: { page: 2 } }],
      ['chunk', { text: 'end' }],
      ['result', { output: { pages: 2 } }],
    ]);
    const plain = await ask('plain', { accept: 'application/json' });
    expect(await plain.json()).toEqual({ output: ['The ', { page: 2 }, 'end'] });
    await agent!.stop();
    await serve(function* () {
      yield 'The ';
      yield 'end';
    });
    expect((await eventsOf(await ask())).at(-1)).toEqual(['result', { output: 'The end' }]);
  });

  it('ends the stream with the failure that the answer would have been', async () => {
    await serve((_: unknown, { progress, idempotencyKey, defer }: TaskContext) => {
      progress({ fraction: 0.5 });
      if (idempotencyKey === 'rejected') throw new TaskRejected('not mine');
      if (idempotencyKey === 'wrong') progress({ fraction: 2 });
      if (idempotencyKey === 'deferred') return defer(() => 1);
      throw new Error('broken');
    });
    const endOf = async (key: string) =>
      (await eventsOf(await ask(key, { callbackUrl: 'http://127.0.0.1:1/' }))).at(-1);
    expect(await endOf('rejected')).toEqual(['error', { status: 422, detail: 'not mine' }]);
    expect(await endOf('broken')).toEqual(['error', { status: 500, detail: 'broken' }]);
    expect(await endOf('wrong')).toMatchObject(['error', { status: 500 }]);
    expect(await endOf('deferred')).toMatchObject(['error', { detail: expect.stringContaining('defer first') }]);
  });

  it('stops a generator that nobody waits for any more, and lets it clean up', async () => {
    let cleanedUp = false;
    await serve(async function* (_: unknown, { signal }: TaskContext) {
      try {
        for (;;) {
          yield 'more ';
          await sleep(10, undefined, { signal });
        }
      } finally {
        cleanedUp = true;
      }
    });
    const answer = await ask();
    await answer.body!.cancel();
    await until(() => cleanedUp);
  });

  it('tells a repeat of the call from where it is', async () => {
    const go: (() => void)[] = [];
    await serve(async (_: unknown, { progress }: TaskContext) => {
      progress({ fraction: 0.1 });
      await new Promise<void>((resolve) => go.push(resolve));
      progress({ fraction: 0.9 });
      return 'done';
    });
    const first = ask();
    await until(() => go.length > 0);
    const second = ask();
    await sleep(100);
    go[0]!();
    expect(await eventsOf(await second)).toEqual([
      ['progress', { fraction: 0.9 }],
      ['result', { output: 'done' }],
    ]);
    expect((await eventsOf(await first)).map(([name]) => name)).toEqual(['progress', 'progress', 'result']);
  });

  it('posts what it says of work that is answered later, a second apart, and the answer last', async () => {
    const posted: [string, unknown][] = [];
    const listener = createServer((incoming, response) => {
      void (async () => {
        let text = '';
        for await (const chunk of incoming) text += String(chunk);
        posted.push([incoming.url ?? '', JSON.parse(text)]);
        response.setHeader('content-type', 'application/json');
        response.end('{"duplicate": false}');
      })();
    });
    await new Promise<void>((resolve) => listener.listen(0, '127.0.0.1', resolve));
    const callbackUrl = `http://127.0.0.1:${(listener.address() as AddressInfo).port}/v1/calls/token`;
    await serve((_: unknown, { defer }: TaskContext) =>
      defer(async ({ progress }) => {
        progress({ fraction: 0.1 });
        await sleep(50);
        progress({ fraction: 0.2, message: 'reading' });
        progress({ fraction: 0.3 });
        await sleep(1_300);
        return 'done';
      }),
    );
    expect((await ask('k', { callbackUrl })).status).toBe(202);
    await until(() => posted.length === 3);
    expect(posted).toEqual([
      ['/v1/calls/token/progress', { fraction: 0.1 }],
      ['/v1/calls/token/progress', { fraction: 0.3, message: 'reading' }],
      ['/v1/calls/token', { output: 'done' }],
    ]);
    listener.closeAllConnections();
    listener.close();
  });
});
