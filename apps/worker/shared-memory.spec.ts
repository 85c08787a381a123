import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
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
});
