import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import type { Json } from '../../contracts/json.js';
import type { RecallRequest } from '../../contracts/memory-activities.js';
import type { RunRef } from '../../contracts/values.js';
import { putMemory } from '../../database/memory.repository.js';
import { createOrganisation } from '../../database/organisations.repository.js';
import { uuidv7 } from '../../database/uuid.js';
import { type TestDatabase, withDatabase } from '../../test/support/postgres.js';
import { acceptedRun } from '../../test/support/runs.js';
import type { SharedMemory } from '../../activities/dependencies.js';
import { memoryActivities } from '../../activities/memory.activities.js';
import { payloads } from './record.js';
import { sharedMemory } from './shared-memory.js';

describe('shared memory for workflows', () => {
  let test: TestDatabase;
  let memory: SharedMemory;
  let run: { orgId: string; runId: string };
  beforeAll(async () => {
    test = await withDatabase();
    memory = sharedMemory(test.database);
    const { id: orgId } = await test.database.outsideOrgs((tx) => createOrganisation(tx, 'runs'));
    run = { orgId, runId: await acceptedRun(test.database, orgId) };
  }, 90_000);
  afterAll(() => test.close());

  const activities = () =>
    memoryActivities({ memory, payloads: payloads(test.database), findSimilarPlans: () => Promise.resolve([]) });
  const at = (key: string) => ({ scope: 'run' as const, scopeId: run.runId, key });
  const append = (operation: string) =>
    activities().memoryAppend({ ...run, ...at('log'), operation, item: { inline: operation } });

  it('appends once for an operation, also when it is repeated at the same time', async () => {
    const outcomes = await Promise.all([append('a'), append('a'), append('a'), append('b')]);
    expect(outcomes.slice(0, 3)).toEqual(Array.from({ length: 3 }, () => outcomes[0]));
    const { value, updatedBy } = (await memory.read(run.orgId, at('log'))) as never;
    expect([(value as string[]).toSorted(), updatedBy]).toEqual([['a', 'b'], { type: 'run', id: run.runId }]);
  });

  it('keeps the outcome of a compare-and-set: its repeat is not in its own way', async () => {
    const set = (operation: string, ifVersion: number) =>
      activities().memoryPut({ ...run, ...at('counter'), operation, value: { inline: 1 }, ifVersion });
    expect([await set('first', 0), await set('first', 0)]).toEqual([
      { written: true, version: 1 },
      { written: true, version: 1 },
    ]);
    expect(await set('second', 0)).toMatchObject({ written: false, reason: 'conflict' });
    expect(await activities().memoryGet({ ...run, ...at('counter') })).toEqual({ value: { inline: 1 }, version: 1 });
  });

  it('has nothing of runs that do not exist, and says so to writers', async () => {
    const nowhere = { scope: 'run' as const, scopeId: uuidv7(), key: 'x' };
    expect(await activities().memoryGet({ ...run, ...nowhere })).toBeNull();
    expect(await activities().memoryGet({ ...run, ...at('none') })).toBeNull();
    expect(await activities().memoryPut({ ...run, ...nowhere, operation: 'p', value: { inline: 1 } })).toMatchObject({
      written: false,
      reason: 'no_such_run',
    });
    expect(await activities().memorySearch({ ...run, query: 'nothing', limit: 5 })).toEqual([]);
  });

  describe('recalled for calls', () => {
    const place = { scope: 'session' as const, scopeId: 'case-7' };
    const keep = (key: string, value: Json, orgId = run.orgId) =>
      test.database.inOrg(orgId, (tx) => putMemory(tx, { ...place, key }, { type: 'api-key', id: 'k' }, { value }));
    const recall = (more: object, orgId = run.orgId) =>
      activities().memoryRecall({
        ...run,
        ...place,
        orgId,
        limit: 20,
        maxBytes: 10_000,
        maxLeftBytes: 0,
        ...more,
      } as RunRef & RecallRequest);
    const told = (key: string, value: Json) => ({ ...place, key, version: 1, value });
    beforeAll(async () => {
      await keep('fact.gold', { text: 'gold is heavy', n: 1 });
      await keep('fact.tin', 'tin is light');
      await keep('rules', ['be brief']);
      await keep('long', 'golden '.repeat(3_000));
    });

    it('gives entries in the order asked for, by keys, prefix and words, with their values', async () => {
      const [gold, tin, rules] = [
        told('fact.gold', { text: 'gold is heavy', n: 1 }),
        told('fact.tin', 'tin is light'),
        told('rules', ['be brief']),
      ];
      expect(await recall({ keys: ['rules', 'nothing', 'fact.tin'] })).toEqual({
        kept: { inline: [rules, tin] },
        names: ['rules@1', 'fact.tin@1'],
        omitted: 0,
      });
      expect((await recall({ prefix: 'fact.' })).kept).toEqual({ inline: [gold, tin] });
      expect((await recall({ prefix: 'fact.', limit: 1 })).kept).toEqual({ inline: [gold] });
      expect((await recall({ scope: undefined, scopeId: undefined, query: 'heavy' })).kept).toEqual({ inline: [gold] });
    });

    it('keeps out what does not fit, however large, and gives it to whoever summarises', async () => {
      const keys = ['long', 'rules', 'fact.tin'];
      const { kept, left, omitted } = await recall({ keys, maxBytes: 130 });
      expect([kept, left, omitted]).toEqual([{ inline: [told('rules', ['be brief'])] }, undefined, 2]);
      const all = await recall({ keys, maxBytes: 130, maxLeftBytes: 1_000 });
      expect([all.left, all.omitted]).toEqual([{ inline: [told('fact.tin', 'tin is light')] }, 2]);
      expect((await recall({ keys: ['long', 'rules'], maxBytes: 40_000 })).kept).toEqual({
        inline: [told('long', 'golden '.repeat(3_000)), told('rules', ['be brief'])],
      });
    });

    it('sees nothing of other organisations, of runs that do not exist', async () => {
      const { id: other } = await test.database.outsideOrgs((tx) => createOrganisation(tx, 'others'));
      await keep('rules', 'theirs', other);
      expect((await recall({ keys: ['rules', 'fact.tin'] }, other)).kept).toEqual({
        inline: [told('rules', 'theirs')],
      });
      expect((await recall({ scope: undefined, scopeId: undefined, query: 'heavy' }, other)).names).toEqual([]);
      expect((await recall({ scope: 'run', scopeId: uuidv7(), prefix: 'a' })).names).toEqual([]);
    });
  });
});
