import { afterAll, beforeAll, describe, expect, it, jest } from '@jest/globals';
import type { Agent } from '../../contracts/agents.js';
import type { SessionSummary } from '../../contracts/sessions.js';
import { BrikkClient } from '../../sdk/client.js';
import { AgentProcess } from '../support/agent-process.js';
import { LaunchedBrikk } from '../support/brikk.js';
import { CountingAgent } from '../support/counting-agent.js';
import { until } from '../support/until.js';

jest.setTimeout(180_000);

describe('an agent made by the SDK, on the launched product with two workers', () => {
  let brikk: LaunchedBrikk;
  let agent: AgentProcess | undefined;

  beforeAll(async () => {
    brikk = await LaunchedBrikk.up(['--no-samples', '--workers', '2']);
  });
  afterAll(async () => {
    await agent?.end('SIGKILL');
    await brikk?.down();
  });

  const serve = async (more = {}) => {
    const { api, devKey } = await brikk.status();
    return (agent = await AgentProcess.start({ BRIKK_API_URL: api.url, BRIKK_API_KEY: devKey, ...more }));
  };
  const wait = (ms: number) => brikk.start({ pattern: 'agent', with: { capability: 'wait' }, input: { ms } });
  const unsigned = async (url: string) => {
    const run = { id: 'r', step: '/', attempt: 1 };
    const task = { kind: 'task', capability: 'wait', input: { ms: 1 }, context: {}, deadlineMs: 1_000, run };
    const body = JSON.stringify({ ...task, idempotencyKey: 'forged' });
    return (await fetch(url, { method: 'POST', body, headers: { 'content-type': 'application/json' } })).status;
  };

  it('serves only what Brikk has signed, also after it was killed and started again', async () => {
    const first = await serve();
    expect(await unsigned(first.url)).toBe(401);
    const { id } = await wait(10);
    expect(await brikk.finished(id)).toMatchObject({ status: 'completed', output: { ms: 10 } });
    await first.end('SIGKILL');
    const second = await serve();
    expect(await unsigned(second.url)).toBe(401);
    const again = await wait(10);
    expect(await brikk.finished(again.id)).toMatchObject({ status: 'completed', output: { ms: 10 } });
    expect(second.begun).toHaveLength(1);
  });

  it('goes on with a session as it was saved when it is killed in the middle, and with what it holds when not', async () => {
    const browse = (page: string, ms: number) => ({
      name: page,
      capability: 'browse',
      input: { session: 'shop', page, ms },
    });
    const steps = [browse('home', 1), browse('cart', 1), browse('pay', 60_000), browse('thanks', 1)];
    const first = agent!;
    const { id } = await brikk.start({ pattern: 'sequential', with: { steps }, input: {} });
    await until(() => first.begun.some((key) => key.includes('pay')));
    await first.end('SIGKILL');
    const quick = { BRIKK_TEST_HURRY: '1' };
    const second = await serve(quick);
    expect(await brikk.finished(id, 40_000)).toMatchObject({
      status: 'completed',
      output: { pages: ['home', 'cart', 'pay', 'thanks'], from: ['home', 'cart'], pid: second.pid },
    });
    const { items } = await brikk.call<{ items: SessionSummary[] }>('GET', '/v1/sessions?key=shop');
    expect(items).toMatchObject([{ handOvers: 1, version: 4 }]);
    const { api, devKey } = await brikk.status();
    await new BrikkClient({ url: api.url, apiKey: devKey }).sessions.end(items[0]!.id);
    const again = await brikk.start({ pattern: 'sequential', with: { steps: [steps[0]] }, input: {} });
    expect(await brikk.finished(again.id)).toMatchObject({ output: { pages: ['home'], from: null } });
  });

  it('ends the call in hand on SIGTERM, leaves the registry and exits 0', async () => {
    const stopped = agent!;
    const { id } = await wait(1_000);
    await until(() => stopped.begun.some((key) => key.startsWith(id)));
    expect(await stopped.end('SIGTERM')).toBe(0);
    expect(await brikk.finished(id)).toMatchObject({ status: 'completed' });
    expect(stopped.begun.filter((key) => key.startsWith(id))).toHaveLength(1);
    const { items } = await brikk.call<{ items: { id: string }[] }>('GET', '/v1/agents?capability=wait');
    const { instances } = await brikk.call<Agent>('GET', `/v1/agents/${items[0]!.id}`);
    expect(instances.find(({ endpoint }) => endpoint === stopped.url)).toMatchObject({ draining: true });
  });

  it('is there again, by itself, after the whole platform was restarted', async () => {
    const { url } = await serve();
    await brikk.brikk(['down']);
    await brikk.upAgain(['--no-samples', '--workers', '2']);
    const { id } = await wait(10);
    expect(await brikk.finished(id, 40_000)).toMatchObject({ status: 'completed', output: { ms: 10 } });
    expect(agent!.url).toBe(url);
  });

  it('hands the runs of a worker that is killed to the other one, losing and repeating nothing that was journaled', async () => {
    const counting = await CountingAgent.listen(100);
    await brikk.register('counter', 'count', counting.url, { maxConcurrency: 1_000 });
    const steps = Array.from({ length: 6 }, (_, step) => ({ name: `step-${step}`, capability: 'count' }));
    const ids = await Promise.all(
      Array.from({ length: 20 }, async (_, n) => {
        return (await brikk.start({ pattern: 'sequential', with: { steps }, input: { n } })).id;
      }),
    );
    await counting.reached(40);
    const { workers } = await brikk.status();
    expect(workers).toHaveLength(2);
    process.kill(workers[0]!.pid, 'SIGKILL');
    const runs = await Promise.all(ids.map((id) => brikk.finished(id)));
    expect(runs.map(({ status, output }) => ({ status, output }))).toEqual(
      ids.map((_, n) => ({ status: 'completed', output: { n } })),
    );
    const journaledAt = new Map<string, number>();
    for (const id of ids)
      for (const event of await brikk.events(id))
        if (event.type === 'call.finished') journaledAt.set(`${id}/${event.data.callKey}`, Date.parse(event.at));
    expect(journaledAt.size).toBe(120);
    const repeated = [...counting.askedAt].filter(([key, times]) => Math.max(...times) > (journaledAt.get(key) ?? 0));
    expect(repeated).toEqual([]);
    await counting.close();
  });
});
