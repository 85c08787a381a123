import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { InstanceBreakers } from '../../activities/instance-breakers.js';
import { registerAgentSchema } from '../../contracts/agents.js';
import { breakerMovesOfAll } from '../../database/breaker-changes.js';
import { registerAgent } from '../../database/agents.repository.js';
import { Database } from '../../database/database.js';
import { uuidv7 } from '../../database/uuid.js';
import { Ejections } from '../../selection/ejections.js';
import { asOwner, type TestDatabase, withDatabase } from '../../test/support/postgres.js';
import { until } from '../../test/support/until.js';
import { agentRegistry } from './record.js';
import { keyless } from '../../test/support/vaults.js';

describe('the breaker of an instance, over two workers', () => {
  const orgId = uuidv7();
  let test: TestDatabase;
  let other: Database;
  beforeAll(async () => {
    test = await withDatabase();
    other = await Database.open({ appUrl: test.appUrl, dispatchUrl: test.dispatchUrl });
    const agent = registerAgentSchema.parse({
      name: 'sorter',
      version: '1.0.0',
      protocol: 'http',
      endpoint: 'http://127.0.0.1:9001',
      capabilities: [{ name: 'sort' }],
    });
    await test.database.inOrg(orgId, (tx) => registerAgent(tx, keyless, orgId, agent));
  }, 60_000);
  afterAll(async () => {
    await other?.close();
    await test?.close();
  });

  it('is open on both when one has opened it, lets one call of both through, and is closed on both by that', async () => {
    const workers = [test.database, other].map((database) => {
      const registry = agentRegistry(database);
      const breakers = new InstanceBreakers(registry, { warn: () => undefined }, new Ejections());
      return { breakers, read: async () => (await registry.findCandidates(orgId, { capability: 'sort' }))[0]! };
    });
    const [one, two] = workers as [(typeof workers)[0], (typeof workers)[0]];
    const stateOn = async (worker: typeof one) => (await worker.read()).breaker;

    const well = await one.read();
    for (let failure = 0; failure < 3; failure += 1) one.breakers.report(orgId, well, 'agent.unavailable');
    expect(one.breakers.isOpen(well)).toBe(true);
    await until(async () => (await stateOn(two)) === 'open');
    expect(two.breakers.isOpen(await two.read())).toBe(true);

    await asOwner(test.ownerUrl, (owner) =>
      owner.query(`UPDATE agent_instance SET breaker_until = now() - interval '1 ms' WHERE id = $1`, [well.instanceId]),
    );
    const trials = workers.flatMap(({ breakers, read }) =>
      Array.from({ length: 8 }, async () => breakers.winTrial(orgId, await read(), 60_000)),
    );
    expect((await Promise.all(trials)).filter((won) => won)).toHaveLength(1);
    expect([await stateOn(one), await stateOn(two)]).toEqual(['open', 'open']);

    two.breakers.report(orgId, { ...well, breaker: 'half-open' }, undefined);
    await until(async () => (await stateOn(one)) === 'closed');
    const moves = await breakerMovesOfAll(test.database);
    expect(moves.map(({ kind, state, count }) => `${kind} ${state} ${count}`).sort()).toEqual([
      'agent closed 1',
      'agent open 1',
    ]);
  });
});
