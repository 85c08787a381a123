import { afterAll, afterEach, beforeAll, describe, expect, it, jest } from '@jest/globals';
import type { Agent } from '../../contracts/agents.js';
import type { Run } from '../../contracts/runs.js';
import { AgentProcess } from '../support/agent-process.js';
import { LaunchedBrikk } from '../support/brikk.js';
import { until } from '../support/until.js';

jest.setTimeout(180_000);

/** Of the agents' leases. */
const TTL_MS = 3_000;
/** The sweeper looks once a second; what is more is a busy machine's. */
const SEEN_WITHIN_MS = 15_000;

describe('agents that are gone', () => {
  let brikk: LaunchedBrikk;
  const agents: AgentProcess[] = [];
  beforeAll(async () => {
    brikk = await LaunchedBrikk.up(['--no-samples', '--workers', '2']);
  }, 120_000);
  afterEach(async () => {
    await Promise.all(agents.splice(0).map((agent) => agent.end('SIGKILL')));
  });
  afterAll(() => brikk?.down(), 60_000);

  const serve = async (): Promise<AgentProcess> => {
    const { api, devKey } = await brikk.status();
    const agent = await AgentProcess.start({ BRIKK_API_URL: api.url, BRIKK_API_KEY: devKey });
    agents.push(agent);
    return agent;
  };
  const wait = (terms: object) =>
    brikk.start({ pattern: 'agent', with: { capability: 'wait', ...terms }, input: { ms: 10 } });
  const waiter = async (): Promise<Agent> => {
    const { items } = await brikk.call<{ items: { id: string }[] }>('GET', '/v1/agents?capability=wait');
    return brikk.call('GET', `/v1/agents/${items[0]!.id}`);
  };

  it('are stood in for, or missed by the deadline in clear words; runs that queue go on when one comes back', async () => {
    const killed = await Promise.all([serve(), serve(), serve()]);
    expect(await brikk.finished((await wait({})).id)).toMatchObject({ status: 'completed' });
    await Promise.all(killed.map((agent) => agent.end('SIGKILL')));

    const stoodIn = await wait({ fallback: [{ value: 'later' }], timeout: { total: 'PT3S' } });
    const missed = await wait({ distribution: 'queued', timeout: { total: 'PT5S' } });
    const queued = await Promise.all(
      [1, 2, 3].map(() => wait({ distribution: 'queued', timeout: { total: 'PT10M' } })),
    );
    expect(await brikk.finished(stoodIn.id)).toMatchObject({ status: 'completed', output: 'later', degraded: true });
    expect(await brikk.finished(missed.id)).toMatchObject({
      status: 'failed',
      terminationReason: 'no_candidate',
      error: {
        code: 'agent.unavailable',
        message: expect.stringMatching(/cannot be reached|nobody to call/),
      },
    });
    for (const { id } of queued) expect((await brikk.call<Run>('GET', `/v1/runs/${id}`)).finishedAt).toBeNull();

    await serve();
    for (const { id } of queued)
      expect(await brikk.finished(id)).toMatchObject({ status: 'completed', output: { ms: 10 } });
  });

  it('are out of selection within one TTL when their heartbeats freeze, and back when they go on', async () => {
    const agent = await serve();
    process.kill(agent.pid!, 'SIGSTOP');
    const frozenAt = Date.now();
    const instanceOf = ({ instances }: Agent) => instances.find(({ endpoint }) => endpoint === agent.url)!;
    const { lease } = instanceOf(await waiter());
    const endsAt = Date.parse(lease.expiresAt!);
    expect(endsAt - frozenAt).toBeLessThanOrEqual(TTL_MS);

    await until(async () => instanceOf(await waiter()).state === 'shutdown', 30_000);
    expect(Date.now() - endsAt).toBeLessThan(SEEN_WITHIN_MS);
    const { id } = await wait({ distribution: 'immediate' });
    expect(await brikk.finished(id)).toMatchObject({ status: 'failed', error: { code: 'agent.unavailable' } });
    expect((await brikk.call<Run>('GET', `/v1/runs/${id}`)).contributions).toMatchObject([{ attempts: 0 }]);

    process.kill(agent.pid!, 'SIGCONT');
    await until(async () => instanceOf(await waiter()).state !== 'shutdown', 30_000);
    expect(await brikk.finished((await wait({})).id)).toMatchObject({ status: 'completed' });
  });
});
