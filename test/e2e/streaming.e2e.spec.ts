import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import path from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, beforeAll, describe, expect, it, jest } from '@jest/globals';
import { pino } from 'pino';
import type { EventData, RunEvent } from '../../contracts/events.js';
import { type AgentOptions, reportProgress, type RunningAgent, serveAgent, type TaskContext } from '../../sdk/agent.js';
import { BrikkClient } from '../../sdk/client.js';
import { AgentProcess } from '../support/agent-process.js';
import { answerProbe } from '../support/answer-probe.js';
import { LaunchedBrikk } from '../support/brikk.js';
import { LaterAgent, post } from '../support/later-agent.js';

jest.setTimeout(180_000);

const WORDS = ['The ', 'outage ', 'began ', 'at ', '03:12.'];
const progressIn = (events: RunEvent[]): EventData['call.progress'][] =>
  events.flatMap(({ type, data }) => (type === 'call.progress' ? [data] : []));

describe('agents that stream, on the launched product', () => {
  let brikk: LaunchedBrikk;
  let client: BrikkClient;
  let mute: Server;
  let later: LaterAgent;
  let told = 0;
  const served: RunningAgent[] = [];
  beforeAll(async () => {
    brikk = await LaunchedBrikk.up();
    const { api, devKey } = await brikk.status();
    client = new BrikkClient({ url: api.url, apiKey: devKey });
    const options = { version: '1.0.0', apiUrl: api.url, apiKey: devKey, ownsProcess: false };
    const serve = async (name: string, handler: AgentOptions['capabilities'][string]['handler']) =>
      served.push(
        await serveAgent({ name, capabilities: { [name]: { handler } }, ...options, log: pino({ level: 'silent' }) }),
      );
    await serve('teller', async function* (times: unknown, { progress }: TaskContext) {
      told += 1;
      const words = Array.from({ length: Number(times) }, () => WORDS).flat();
      for (const [index, word] of words.entries()) {
        yield word;
        progress({ fraction: (index + 1) / words.length });
        await sleep(1_100);
      }
    });
    await serve('spare', () => 'spare');
    mute = createServer((incoming, response) => {
      if (answerProbe(incoming, response)) return;
      incoming.resume();
      response.writeHead(200, { 'content-type': 'text/event-stream' });
      response.write('event: progress\ndata: {"message": "I begin"}\n\n');
    }).listen(0, '127.0.0.1');
    await once(mute, 'listening');
    await brikk.register('mute', 'mute', `http://127.0.0.1:${(mute.address() as AddressInfo).port}`);
    later = await LaterAgent.listen();
    await brikk.register('later', 'later', later.url);
  });
  afterAll(async () => {
    for (const one of served) await one.stop();
    await brikk?.down();
    await later?.close();
    mute?.closeAllConnections();
    mute?.close();
  });

  it('are heard while they work, in order, for many times their idle time', async () => {
    const timeout = { idle: 'PT1.5S', total: 'PT1M' };
    const { id } = await brikk.start({ pattern: 'agent', with: { capability: 'teller', timeout }, input: 1 });
    const events: RunEvent[] = [];
    const heardAt: number[] = [];
    for await (const event of client.runs.events(id)) {
      events.push(event);
      if (event.type === 'call.progress') heardAt.push(Date.now());
    }
    const endedAt = Date.now();
    expect(events.map(({ position }) => position)).toEqual(events.map((_, index) => index + 1));
    const progress = progressIn(events);
    expect(progress.map(({ text = '' }) => text).join('')).toBe(WORDS.join(''));
    const fractions = progress.flatMap(({ fraction }) => fraction ?? []);
    expect(fractions).toEqual(fractions.toSorted((a, b) => a - b));
    expect(progress.length).toBeGreaterThanOrEqual(4);
    expect(endedAt - heardAt[0]!).toBeGreaterThan(3_000);
    expect(events.filter(({ type }) => type === 'call.finished')).toHaveLength(1);
    expect(events.at(-1)?.type).toBe('run.finished');
    expect(await brikk.finished(id)).toMatchObject({ status: 'completed', output: WORDS.join('') });
  });

  it('are made by the SDK as the page about them shows it', async () => {
    const page = readFileSync(path.join(import.meta.dirname, '../../docs/agents/streaming.md'), 'utf8');
    const blockIn = (language: string) => new RegExp(`^\`\`\`${language}\\n([^]*?)^\`\`\`$`, 'm').exec(page)?.[1] ?? '';
    const { api, devKey } = await brikk.status();
    const env = { BRIKK_API_URL: api.url, BRIKK_API_KEY: devKey };
    const summariser = await AgentProcess.start(env, { source: blockIn('js'), given: '' });
    const { id } = await brikk.start(JSON.parse(blockIn('json')) as object);
    const output = Array.from({ length: 10 }, (_, index) => `Page ${index + 1} is empty. `).join('');
    expect(await brikk.finished(id)).toMatchObject({ status: 'completed', output });
    expect(progressIn(await brikk.events(id)).at(-1)).toMatchObject({ fraction: 1, message: 'page 10 of 10' });
    await summariser.end('SIGTERM');
  });

  it('show their progress on the command line', async () => {
    const lines = await brikk.brikk(['run', 'agent', '--with', '{"capability":"teller"}', '--input', '1', '--follow']);
    expect(lines).toMatch(/call\.progress +call: .*outage/);
    expect(lines).toMatch(/call\.progress +call: 100 %/);
  });

  it('are given up when they fall silent: for what stands behind the task, in patterns and in definitions', async () => {
    const timeout = { idle: 'PT0.5S' };
    const withSpare = { capability: 'mute', timeout, retry: { maxAttempts: 1 }, fallback: [{ capability: 'spare' }] };
    const definition = {
      document: { dsl: '1.0.3', namespace: 'test', name: 'silence', version: '1.0.0' },
      do: [{ ask: { call: 'agent', with: withSpare } }],
    };
    for (const body of [
      { pattern: 'agent', with: withSpare, input: 1 },
      { definition, input: {} },
    ]) {
      const { id } = await brikk.start(body);
      expect(await brikk.finished(id)).toMatchObject({ status: 'completed', output: 'spare' });
      const events = await brikk.events(id);
      expect(progressIn(events)).toMatchObject([{ agent: 'mute', message: 'I begin' }]);
      const failed = events.find(({ type }) => type === 'call.finished') as RunEvent & { type: 'call.finished' };
      expect(failed.data.error).toMatchObject({ code: 'agent.timeout', message: 'The agent said nothing for 500 ms' });
    }
  });

  it('go on under another worker when theirs is killed, nothing twice', async () => {
    const before = told;
    const { workers } = await brikk.status();
    const { id } = await brikk.start({ pattern: 'agent', with: { capability: 'teller' }, input: 3 });
    for await (const { type } of client.runs.events(id)) if (type === 'call.progress') break;
    process.kill(workers[0]!.pid, 'SIGKILL');
    expect(await brikk.finished(id)).toMatchObject({ status: 'completed', output: WORDS.join('').repeat(3) });
    const events = await brikk.events(id);
    expect(events.map(({ position }) => position)).toEqual(events.map((_, index) => index + 1));
    expect(events.filter(({ type }) => type === 'call.finished')).toHaveLength(1);
    expect(events.filter(({ type }) => type === 'call.started')).toHaveLength(1);
    // The agent went on with the same work for the next worker, or did it again if that came too late for it.
    expect(told).toBeLessThanOrEqual(before + 2);
    const fractions = progressIn(events).flatMap(({ fraction }) => fraction ?? []);
    expect(fractions.length).toBeGreaterThan(5);
    expect(fractions.at(-1)).toBe(1);
  });

  it('that answer later stay as long as they say something, and no longer', async () => {
    const behind = { retry: { maxAttempts: 1 }, fallback: [{ value: 'nobody' }] };
    const options = { capability: 'later', timeout: { idle: 'PT2S', total: 'PT1M' }, ...behind };
    const { id } = await brikk.start({ pattern: 'agent', with: options, input: 1 });
    const { callbackUrl = '' } = (await later.asked(id)).run;
    for (let step = 1; step <= 5; step += 1) {
      await sleep(1_000);
      await reportProgress(callbackUrl, step % 2 === 0 ? {} : { fraction: step / 10, message: `step ${step}` });
    }
    expect((await brikk.call<{ finishedAt: string | null }>('GET', `/v1/runs/${id}`)).finishedAt).toBeNull();
    expect(await post(`${callbackUrl}/progress`, { fraction: 2 })).toMatchObject({ status: 422 });
    expect(await brikk.finished(id, 20_000)).toMatchObject({ status: 'completed', output: 'nobody', degraded: true });
    const events = await brikk.events(id);
    const [first, ...others] = progressIn(events);
    expect(first).toMatchObject({ agent: 'later', attempt: 1, fraction: 0.1, message: 'step 1' });
    expect(others.at(-1)).toMatchObject({ fraction: 0.5 });
    const failed = events.find(({ type }) => type === 'call.finished') as RunEvent & { type: 'call.finished' };
    expect(failed.data.error).toMatchObject({ code: 'agent.timeout', message: 'The agent said nothing for 2000 ms' });
    expect(await post(callbackUrl, { output: 1 })).toMatchObject({ status: 409 });
    await expect(reportProgress(callbackUrl, {})).rejects.toMatchObject({ status: 409 });
  });
});
