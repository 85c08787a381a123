import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import type { CallTarget } from '../../contracts/run-workflow.js';
import { registerAgentSchema } from '../../contracts/agents.js';
import { registerAgent } from '../../database/agents.repository.js';
import { uuidv7 } from '../../database/uuid.js';
import { type TestDatabase, withDatabase } from '../../test/support/postgres.js';
import { acceptedRun } from '../../test/support/runs.js';
import { agentRegistry, payloads } from './record.js';
import { keyless } from '../../test/support/vaults.js';

describe('Postgres as the activities see it', () => {
  const orgId = uuidv7();
  let test: TestDatabase;
  let agentId: string;
  beforeAll(async () => {
    test = await withDatabase();
    const agent = registerAgentSchema.parse({
      name: 'sorter',
      version: '1.2.0',
      protocol: 'http',
      endpoint: 'http://127.0.0.1:9001',
      capabilities: [{ name: 'sort' }, { name: 'count' }],
    });
    ({ id: agentId } = (await test.database.inOrg(orgId, (tx) => registerAgent(tx, keyless, orgId, agent))).registered);
  }, 60_000);
  afterAll(() => test?.close());

  it('finds candidates of its organisation only', async () => {
    const registry = agentRegistry(test.database);
    expect(await registry.findCandidates(orgId, { capability: 'sort' })).toMatchObject([{ agentId, version: '1.2.0' }]);
    expect(await registry.findCandidates(uuidv7(), { capability: 'sort' })).toEqual([]);
  });

  it('knows an agent by capability, name and id, and says so when there is none', async () => {
    const registry = agentRegistry(test.database);
    const targets = [
      { capability: 'sort' },
      { agent: 'sorter' },
      { agent: agentId },
      { agent: 'sorter', capability: 'count' },
      { capability: 'fly' },
      { agent: 'nobody' },
      { agent: uuidv7() },
      { agent: 'sorter', capability: 'fly' },
    ];
    const known = await Promise.all(targets.map((target) => registry.isKnown(orgId, target)));
    expect(known).toEqual([true, true, true, true, false, false, false, false]);
  });

  it('finds an agent for its first capability, or for the one that is named', async () => {
    const registry = agentRegistry(test.database);
    const asked = async (target: CallTarget) =>
      (await registry.findCandidates(orgId, target)).map((one) => one.capability);
    expect(await asked({ agent: 'sorter' })).toEqual(['sort']);
    expect(await asked({ agent: agentId, capability: 'count' })).toEqual(['count']);
    expect(await asked({ agent: 'sorter', capability: 'fly' })).toEqual([]);
  });

  it('learns from calls and opens a breaker for all workers', async () => {
    const registry = agentRegistry(test.database);
    const [candidate] = await registry.findCandidates(orgId, { capability: 'sort' });
    const instanceId = candidate!.instanceId;
    const call = { orgId, agentId, instanceId, capability: 'sort', succeeded: true, latencyMs: 40, costUsd: 0 };
    await registry.recordCallStats([call, call]);
    await registry.recordBreaker({ orgId, instanceId, to: 'open' });
    const [learned] = await registry.findCandidates(orgId, { capability: 'sort' });
    expect(learned).toMatchObject({ breaker: 'open', latencyMs: 40 });
  });

  it('stores a value once and gives it back, and hands on what travels inline', async () => {
    const store = payloads(test.database);
    const runId = await acceptedRun(test.database, orgId);
    const stored = await store.store(orgId, runId, { text: 'x'.repeat(40_000) });
    expect(stored).toMatchObject({ ref: expect.any(String) });
    expect(await store.materialise(orgId, stored)).toEqual({ text: 'x'.repeat(40_000) });
    expect(await store.materialise(orgId, { inline: [1] })).toEqual([1]);
  });
});
