import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { InstanceBreakers } from '../../activities/instance-breakers.js';
import { registerAgentSchema } from '../../contracts/agents.js';
import { breakerMovesOfAll } from '../../database/breaker-changes.js';
import { loadAgent, registerAgent } from '../../database/agents.repository.js';
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
    await register('sorter', ['sort']);
    await register('librarian', ['lend', 'find']);
  }, 60_000);
  afterAll(async () => {
    await other?.close();
    await test?.close();
  });

  const register = (name: string, capabilities: string[]) => {
    const agent = registerAgentSchema.parse({
      name,
      version: '1.0.0',
      protocol: 'http',
      endpoint: 'http://127.0.0.1:9001',
      capabilities: capabilities.map((capability) => ({ name: capability })),
    });
    return test.database.inOrg(orgId, (tx) => registerAgent(tx, keyless, orgId, agent));
  };

  /** Two workers that share nothing but Postgres. */
  const startWorkers = () => {
    const workers = [test.database, other].map((database) => {
      const registry = agentRegistry(database);
      const breakers = new InstanceBreakers(registry, { warn: () => undefined }, new Ejections());
      return {
        breakers,
        read: async (capability: string) => (await registry.findCandidates(orgId, { capability }))[0]!,
      };
    });
    return workers as [(typeof workers)[0], (typeof workers)[0]];
  };
  const letTimePass = (table: string, key: string, id: string) =>
    asOwner(test.ownerUrl, (owner) =>
      owner.query(`UPDATE ${table} SET breaker_until = now() - interval '1 ms' WHERE ${key} = $1`, [id]),
    );

  it('is open on both when one has opened it, lets one call of both through, and is closed on both by that', async () => {
    const [one, two] = startWorkers();
    const stateOn = async (worker: typeof one) => (await worker.read('sort')).breaker;

    const well = await one.read('sort');
    for (let failure = 0; failure < 3; failure += 1) one.breakers.report(orgId, well, 'agent.unavailable');
    expect(one.breakers.isOpen(well)).toBe(true);
    await until(async () => (await stateOn(two)) === 'open');
    expect(two.breakers.isOpen(await two.read('sort'))).toBe(true);

    await letTimePass('agent_instance', 'id', well.instanceId);
    const trials = [one, two].flatMap(({ breakers, read }) =>
      Array.from({ length: 8 }, async () => breakers.winTrial(orgId, await read('sort'), 60_000)),
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

  it('is one of each capability, so that what fails alone is passed over alone, and tried by one call of both', async () => {
    const [one, two] = startWorkers();
    const states = async (worker: typeof one) => {
      const [lend, find] = [await worker.read('lend'), await worker.read('find')];
      return { lend: lend.breaker, find: find.breaker };
    };
    const lend = await one.read('lend');
    for (let failure = 0; failure < 5; failure += 1) one.breakers.report(orgId, lend, 'agent.transient');
    expect([one.breakers.isOpen(lend), one.breakers.isOpen(await one.read('find'))]).toEqual([true, false]);
    await until(async () => (await two.read('lend')).breaker === 'open');
    expect(await states(two)).toEqual({ lend: 'open', find: 'closed' });
    const shown = await test.database.inOrg(orgId, (tx) => loadAgent(tx, lend.agentId));
    expect(shown).toMatchObject({
      state: 'initializing',
      instances: [{ breaker: 'closed', statistics: [{ capability: 'lend', calls: 0, breaker: 'open' }] }],
    });
    expect(lend).toMatchObject({ successRate: null });
    expect(await two.read('lend')).toMatchObject({ successRate: null });

    await letTimePass('capability_stat', 'instance_id', lend.instanceId);
    const trials = [one, two].flatMap(({ breakers, read }) =>
      Array.from({ length: 8 }, async () => breakers.winTrial(orgId, await read('lend'), 60_000)),
    );
    expect((await Promise.all(trials)).filter((won) => won)).toHaveLength(1);
    expect(await states(one)).toEqual({ lend: 'open', find: 'closed' });

    const halfOpen = { ...lend, breaker: 'half-open', capabilityBreaker: 'half-open' } as const;
    two.breakers.report(orgId, halfOpen, 'agent.transient');
    const openedTwice = () =>
      asOwner(test.ownerUrl, async (owner) => {
        const { rows } = await owner.query(
          'SELECT breaker, breaker_opened FROM capability_stat WHERE instance_id = $1',
          [lend.instanceId],
        );
        return rows[0]?.breaker === 'open' && rows[0]?.breaker_opened === 2;
      });
    await until(openedTwice);
    await letTimePass('capability_stat', 'instance_id', lend.instanceId);
    expect(await one.breakers.winTrial(orgId, await one.read('lend'), 60_000)).toBe(true);
    one.breakers.report(orgId, halfOpen, undefined);
    await until(async () => (await states(two)).lend === 'closed');
    expect(await states(two)).toEqual({ lend: 'closed', find: 'closed' });
  });

  it('is the instance that cannot be reached for all it can do, and one trial decides about both', async () => {
    const [one, two] = startWorkers();
    const [lend, find] = [await one.read('lend'), await one.read('find')];
    for (let failure = 0; failure < 5; failure += 1) one.breakers.report(orgId, lend, 'agent.transient');
    await until(async () => (await two.read('lend')).breaker === 'open');
    for (let failure = 0; failure < 3; failure += 1) one.breakers.report(orgId, find, 'agent.unavailable');
    await until(async () => (await two.read('find')).breaker === 'open');
    expect(one.breakers.isOpen(lend)).toBe(true);

    await letTimePass('agent_instance', 'id', lend.instanceId);
    expect(await two.breakers.winTrial(orgId, await two.read('lend'), 60_000)).toBe(false);
    await letTimePass('capability_stat', 'instance_id', lend.instanceId);
    const tried = await two.read('lend');
    const third = startWorkers()[0];
    expect(await third.breakers.winTrial(orgId, tried, 60_000)).toBe(true);
    third.breakers.report(orgId, tried, undefined);
    await until(
      async () => (await one.read('find')).breaker === 'closed' && (await one.read('lend')).breaker === 'closed',
    );
  });
});
