import { afterAll, beforeAll, describe, expect, it, jest } from '@jest/globals';
import { readFileSync } from 'node:fs';
import path from 'node:path';
import { pino } from 'pino';
import type { Resource } from '../../contracts/resources.js';
import type { Run } from '../../contracts/runs.js';
import { type RunningAgent, serveAgent } from '../../sdk/agent.js';
import { AgentProcess, runCode } from '../support/agent-process.js';
import { LaunchedBrikk } from '../support/brikk.js';
import { LaterAgent, post } from '../support/later-agent.js';
import { until } from '../support/until.js';

jest.setTimeout(180_000);

const blocksIn = (page: string, language: string): string[] =>
  [...page.matchAll(/^```(\w+)\n([^]*?)^```$/gm)].flatMap(([, of, text = '']) => (of === language ? [text] : []));

const done = { output: { severity: 'high' }, confidence: 0.9, usage: { inputTokens: 5, costUsd: 0.25 } };

describe('agents that answer later, on the launched product', () => {
  let brikk: LaunchedBrikk;
  let agent: LaterAgent;
  const served: RunningAgent[] = [];
  beforeAll(async () => {
    brikk = await LaunchedBrikk.up();
    agent = await LaterAgent.listen();
    await brikk.register('slow', 'slow', agent.url, { maxConcurrency: 100 });
  });
  afterAll(async () => {
    for (const one of served) await one.stop();
    await brikk?.down();
    await agent?.close();
  });

  const slow = async (extra: object = {}) =>
    (await brikk.start({ pattern: 'agent', with: { capability: 'slow', ...extra }, input: 1 })).id;
  const pendingIn = async (id: string) => (await brikk.events(id)).filter(({ type }) => type === 'call.pending');
  const isPending = (id: string) => until(async () => (await pendingIn(id)).length > 0, 30_000);
  const urlOf = async (id: string, key?: string) => (await agent.asked(id, key)).run.callbackUrl;
  const callsOf = ({ contributions }: Run) =>
    contributions.map(({ callKey, status, attempts }) => ({ callKey, status, attempts }));

  it('are waited for; their answer is one entry, as if it had come at once, and stands', async () => {
    const id = await slow();
    await isPending(id);
    expect((await pendingIn(id)).map(({ data }) => data)).toMatchObject([
      { callKey: 'call', agent: 'slow', attempt: 1, taskId: expect.stringMatching(/^task-/) },
    ]);
    const url = await urlOf(id);
    const forged = url!.replace(/.$/, (last) => (last === 'A' ? 'B' : 'A'));
    expect(await post(forged, done)).toMatchObject({ status: 404, code: 'call.not_found' });
    expect(await post(url, { result: 1 })).toMatchObject({ status: 422, code: 'request.invalid' });
    expect(await post(url, { output: 1, confidence: 2 })).toMatchObject({ status: 422, code: 'request.invalid' });
    expect(await post(url, 'high')).toMatchObject({ status: 400, code: 'request.invalid_json' });
    expect((await brikk.call<Run>('GET', `/v1/runs/${id}`)).finishedAt).toBeNull();

    expect(await post(url, done)).toEqual({ status: 200, duplicate: false });
    const run = await brikk.finished(id);
    expect(run).toMatchObject({ status: 'completed', output: done.output });
    expect(run.contributions).toEqual([
      expect.objectContaining({
        status: 'completed',
        agent: 'slow',
        attempts: 1,
        confidence: 0.9,
        usage: { calls: 1, inputTokens: 5, costUsd: 0.25 },
      }),
    ]);
    expect(await post(url, done)).toEqual({ status: 200, duplicate: true });
    expect(await post(url, { output: 'another' })).toMatchObject({ status: 409, code: 'call.answered' });
  });

  it('are made by the SDK as the page about them shows it', async () => {
    const page = readFileSync(path.join(import.meta.dirname, '../../docs/later-answers.md'), 'utf8');
    const [serving = '', answering = ''] = blocksIn(page, 'ts');
    const shown = blocksIn(page, 'json').map((text) => JSON.parse(text) as { pattern?: string });
    const { api, devKey } = await brikk.status();
    const given = 'globalThis.build = async (version) => ({ version });';
    const env = { BRIKK_API_URL: api.url, BRIKK_API_KEY: devKey };
    const builder = await AgentProcess.start(env, { source: serving, given });
    const { id } = await brikk.start(shown.find(({ pattern }) => pattern !== undefined)!);
    const run = await brikk.finished(id);
    expect(run).toMatchObject({ status: 'completed', output: { version: 'v2' } });
    expect(run.contributions).toMatchObject([{ agent: 'builder', usage: { calls: 1, costUsd: 0.02 } }]);
    expect(await pendingIn(id)).toHaveLength(1);
    await builder.end('SIGTERM');

    const later = await slow();
    await isPending(later);
    const callbackUrl = JSON.stringify(await urlOf(later));
    await runCode(answering, `Object.assign(globalThis, { callbackUrl: ${callbackUrl}, built: 'v3' });`);
    expect(await brikk.finished(later)).toMatchObject({ status: 'completed', output: 'v3' });
  });

  it('are heard although worker, engine and API die while they work', async () => {
    const ids = await Promise.all([slow(), slow(), slow()]);
    for (const id of ids) await isPending(id);
    const urls = await Promise.all(ids.map((id) => urlOf(id)));
    const { workers, temporal, api } = await brikk.status();
    process.kill(workers[0]!.pid, 'SIGKILL');
    process.kill(temporal.pid, 'SIGKILL');
    for (const url of urls) expect(await post(url, done)).toEqual({ status: 200, duplicate: false });
    process.kill(api.pid, 'SIGKILL');
    for (const id of ids) expect(await brikk.finished(id)).toMatchObject({ status: 'completed', output: done.output });
    expect(agent.requests.filter(({ idempotencyKey }) => ids.some((id) => idempotencyKey.startsWith(id)))).toHaveLength(
      3,
    );
  });

  it('fail over when they fail, and time out in the total time of the call', async () => {
    const failing = await slow({ fallback: [{ value: 'stand-in' }], retry: { maxAttempts: 2, initial: 'PT0.01S' } });
    await isPending(failing);
    const first = await urlOf(failing);
    expect(await post(first, { status: 503, detail: 'overloaded' })).toMatchObject({ status: 200 });
    await until(async () => (await pendingIn(failing)).length === 2, 30_000);
    expect(await post(first, done)).toMatchObject({ status: 409, code: 'call.closed' });
    const second = (await agent.asked(failing)).run;
    expect(second.attempt).toBe(2);
    expect(await post(second.callbackUrl, { status: 422, detail: 'not mine' })).toMatchObject({ status: 200 });
    const run = await brikk.finished(failing);
    expect(run).toMatchObject({ status: 'completed', output: 'stand-in', degraded: true });
    expect(run.contributions[0]).toMatchObject({ attempts: 2, error: { code: 'agent.rejected' } });

    const lost = await slow({ timeout: { attempt: 'PT1S', total: 'PT2S' } });
    const timedOut = await brikk.finished(lost);
    expect(timedOut).toMatchObject({ status: 'failed', terminationReason: 'agent_failed' });
    expect(timedOut.contributions).toMatchObject([{ attempts: 1, error: { code: 'agent.timeout' }, agent: 'slow' }]);
    expect(await post(await urlOf(lost), done)).toMatchObject({ status: 409, code: 'call.closed' });
  });

  it('are on record when nobody waits any longer, and may come in the middle of steps', async () => {
    const steps = ['a', 'b', 'c'].map((name) => ({ name, capability: 'slow' }));
    const { id } = await brikk.start({ pattern: 'sequential', with: { steps }, input: 1 });
    expect(await post(await urlOf(id, 'steps/a'), { output: 'a' })).toMatchObject({ status: 200 });
    expect(await post(await urlOf(id, 'steps/b'), { output: 'b' })).toMatchObject({ status: 200 });
    const url = await urlOf(id, 'steps/c');
    await until(async () => (await pendingIn(id)).length === 3, 30_000);
    await brikk.call('POST', `/v1/runs/${id}/cancel`);
    const run = await brikk.finished(id);
    expect(run.status).toBe('canceled');
    expect(callsOf(run)).toEqual([
      { callKey: 'steps/a', status: 'completed', attempts: 1 },
      { callKey: 'steps/b', status: 'completed', attempts: 1 },
      { callKey: 'steps/c', status: 'canceled', attempts: 1 },
    ]);
    expect(await post(url, done)).toMatchObject({ status: 409, code: 'call.closed' });
  });

  it('are made by the SDK with one word', async () => {
    const { api, devKey } = await brikk.status();
    let release: () => void = () => undefined;
    const released = new Promise<void>((resolve) => (release = resolve));
    served.push(
      await serveAgent({
        name: 'sdk',
        version: '1.0.0',
        apiUrl: api.url,
        apiKey: devKey,
        ownsProcess: false,
        log: pino({ level: 'silent' }),
        capabilities: {
          later: {
            handler: (input, { defer }) =>
              defer(async ({ report }) => {
                await released;
                report({ confidence: 0.5 });
                return { seen: input };
              }),
          },
        },
      }),
    );
    const { id } = await brikk.start({ pattern: 'agent', with: { capability: 'later' }, input: 7 });
    await isPending(id);
    release();
    const run = await brikk.finished(id);
    expect(run).toMatchObject({ status: 'completed', output: { seen: 7 } });
    expect(run.contributions).toMatchObject([{ attempts: 1, confidence: 0.5 }]);
  });

  it('hold their resources and their share of a budget until they answer, also when the worker dies meanwhile', async () => {
    await brikk.call('PUT', '/v1/resources/gpu', { capacity: 1 });
    const gpu = () => brikk.call<Resource>('GET', '/v1/resources/gpu');
    const { id } = await brikk.start({
      pattern: 'agent',
      with: { capability: 'slow', needs: { gpu: 1 } },
      input: 1,
      budget: { calls: 1, costUsd: 1 },
    });
    await isPending(id);
    expect(await gpu()).toMatchObject({ held: 1 });
    expect((await brikk.call<Run>('GET', `/v1/runs/${id}`)).budget).toMatchObject({ reserved: { calls: 1 } });
    const other = await slow({ needs: { gpu: 1 } });

    process.kill((await brikk.status()).workers[0]!.pid, 'SIGKILL');
    await until(async () => (await brikk.status().catch(() => undefined))?.workers[0] !== undefined, 30_000);
    expect(await gpu()).toMatchObject({ held: 1 });
    expect(await pendingIn(other)).toEqual([]);
    expect(await post(await urlOf(id), done)).toEqual({ status: 200, duplicate: false });
    const run = await brikk.finished(id);
    expect(run).toMatchObject({ status: 'completed', output: done.output });
    expect(run.budget).toMatchObject({
      used: { calls: 1, costUsd: 0.25 },
      reserved: { calls: 0, costUsd: 0 },
      left: { calls: 0, costUsd: 0.75 },
    });
    expect(callsOf(run)).toEqual([{ callKey: 'call', status: 'completed', attempts: 1 }]);

    await isPending(other);
    expect(await post(await urlOf(other), done)).toEqual({ status: 200, duplicate: false });
    expect(await brikk.finished(other)).toMatchObject({ status: 'completed' });
    expect(await gpu()).toMatchObject({ held: 0 });
  });
});
