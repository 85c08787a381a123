import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { registerAgentSchema } from '../contracts/agents.js';
import { type TestDatabase, withDatabase } from '../test/support/postgres.js';
import { heartbeat } from '../test/support/heartbeat.js';
import { loadAgent, recordBreaker, recordCallStats, registerAgent } from './agents.repository.js';
import { countByState } from './stats.repository.js';
import { uuidv7 } from './uuid.js';
import { keyless } from '../test/support/vaults.js';

describe('what an agent and its instances are known by', () => {
  const orgId = uuidv7();
  let test: TestDatabase;
  beforeAll(async () => {
    test = await withDatabase();
  }, 60_000);
  afterAll(() => test?.close());

  const inOrg: TestDatabase['database']['inOrg'] = (_, work) => test.database.inOrg(orgId, work);
  const register = async (name: string, port: number) => {
    const agent = registerAgentSchema.parse({
      name,
      version: '1.0.0',
      protocol: 'http',
      endpoint: `http://127.0.0.1:${port}`,
      capabilities: [{ name: 'sort' }],
    });
    return (await inOrg(orgId, (tx) => registerAgent(tx, keyless, orgId, agent))).registered;
  };
  const load = (id: string) => inOrg(orgId, (tx) => loadAgent(tx, id));
  const change = (sql: string, id: string) => inOrg(orgId, (tx) => tx(sql, [id]));

  it('is each instance by itself, and all of them together', async () => {
    const [one, two] = [await register('sorter', 9001), await register('sorter', 9002)];
    const call = (instanceId: string, more: object) => ({
      orgId,
      instanceId,
      agentId: one.id,
      capability: 'sort',
      succeeded: true,
      latencyMs: 40,
      costUsd: 0.25,
      ...more,
    });
    await recordCallStats(test.database, [
      call(one.instanceId, { tokens: 300 }),
      call(one.instanceId, { succeeded: false, latencyMs: 1, costUsd: 0, tokens: 20 }),
      call(two.instanceId, { latencyMs: 400 }),
      call(two.instanceId, { capability: 'other' }),
    ]);
    const { instances, statistics } = await load(one.id);
    const byId = new Map(instances.map((instance) => [instance.id, instance.statistics]));
    expect(byId.get(one.instanceId)).toEqual([
      expect.objectContaining({ capability: 'sort', calls: 2, successRate: 0.5, costUsd: 0.25, tokens: 320 }),
    ]);
    expect(byId.get(two.instanceId)?.map(({ capability, calls, tokens }) => [capability, calls, tokens])).toEqual([
      ['other', 1, 0],
      ['sort', 1, 0],
    ]);
    const sort = statistics.find(({ capability }) => capability === 'sort');
    expect(sort).toMatchObject({ calls: 3, costUsd: 0.5, tokens: 320, latencyMs: { ewma: 220 } });
    expect(sort!.successRate).toBeCloseTo(2 / 3);
    const [slow, quick] = [
      byId.get(two.instanceId)?.[1]?.latencyMs?.p95,
      byId.get(one.instanceId)?.[0]?.latencyMs?.p95,
    ];
    expect(slow).toBeGreaterThan(5 * quick!);
    expect(sort?.latencyMs?.p95).toBe(slow);
  });

  it('is up since its lease last began anew', async () => {
    const { id, instanceId } = await register('lasting', 9003);
    const minutesAgo = (column: string) =>
      change(`UPDATE agent_instance SET ${column} = now() - interval '5 min' WHERE id = $1`, instanceId);
    const upMs = async () => (await load(id)).instances[0]!.upMs;
    const beat = () => inOrg(orgId, (tx) => heartbeat(tx, { orgId, agentId: id, instanceId }, {}));
    await minutesAgo('up_since');
    await beat();
    expect(await upMs()).toBeGreaterThanOrEqual(300_000);
    await minutesAgo('lease_expires_at');
    expect(await upMs()).toBeNull();
    await beat();
    expect(await upMs()).toBeLessThan(200_000);
    await minutesAgo('up_since');
    await register('lasting', 9003);
    expect(await upMs()).toBeGreaterThanOrEqual(300_000);
    await minutesAgo('lease_expires_at');
    await register('lasting', 9003);
    expect(await upMs()).toBeLessThan(200_000);
  });

  it('is recovering while its breaker is not closed, and gone when its lease has ended', async () => {
    const { id, instanceId } = await register('recovering', 9004);
    const recovering = async () => (await inOrg(orgId, countByState)).agents['recovering'] ?? 0;
    const before = await recovering();
    await recordBreaker(test.database, { orgId, instanceId, to: 'open' });
    expect(await load(id)).toMatchObject({
      state: 'recovering',
      instances: [{ state: 'recovering', breaker: 'open' }],
    });
    expect(await recovering()).toBe(before + 1);
    await recordBreaker(test.database, { orgId, instanceId, to: 'closed' });
    expect(await load(id)).toMatchObject({ state: 'ready', instances: [{ state: 'ready' }] });
    await recordBreaker(test.database, { orgId, instanceId, to: 'open' });
    await change(`UPDATE agent_instance SET lease_expires_at = now() WHERE id = $1`, instanceId);
    expect(await load(id)).toMatchObject({ state: 'shutdown', instances: [{ state: 'shutdown' }] });
  });
});
