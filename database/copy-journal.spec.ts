import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { type TestDatabase, withDatabase } from '../test/support/postgres.js';
import { acceptedRun, finishedCall } from '../test/support/runs.js';
import { copyJournal } from './copy-journal.js';
import { Journal } from './journal.js';
import { readEvents } from './run-events.js';
import { loadRun } from './runs.repository.js';
import { uuidv7 } from './uuid.js';

describe('the journal of a rerun', () => {
  const orgId = uuidv7();
  let test: TestDatabase;
  let journal: Journal;
  beforeAll(async () => {
    test = await withDatabase();
    journal = new Journal(test.database);
  }, 90_000);
  afterAll(() => test.close());

  const copy = (fromRunId: string, toRunId: string, keys: (key: string, path: string) => boolean, org = orgId) =>
    test.database.inOrg(org, (tx) => copyJournal(tx, { fromRunId, toRunId, keys }));

  it('has the completed calls that are kept, with their results and at no cost', async () => {
    const [from, to] = [await acceptedRun(test.database, orgId), await acceptedRun(test.database, orgId)];
    await journal.record(orgId, from, { ...finishedCall('a', 'kept'), role: 'bidder', round: 2, confidence: 0.5 });
    await journal.record(orgId, from, finishedCall('b', 'not wanted'));
    const error = { code: 'agent.permanent', message: 'no', retryable: false };
    await journal.record(orgId, from, { ...finishedCall('c'), status: 'failed', output: undefined, error });

    expect(await copy(from, to, (key, path) => key !== 'b' && path.startsWith('/'))).toBe(1);
    const known = await journal.outcomes(orgId, to, ['a', 'b', 'c']);
    expect([...known.keys()]).toEqual(['a']);
    expect(known.get('a')).toMatchObject({ status: 'completed', output: { inline: 'kept' }, confidence: 0.5 });
    const run = await test.database.inOrg(orgId, (tx) => loadRun(tx, to));
    expect(run.contributions).toMatchObject([{ callKey: 'a', role: 'bidder', round: 2, usage: { calls: 0 } }]);
    const events = await test.database.inOrg(orgId, (tx) => readEvents(tx, to));
    expect(events.map(({ position, type }) => [position, type])).toEqual([
      [1, 'run.accepted'],
      [2, 'call.finished'],
    ]);
  });

  it('is copied once, however often', async () => {
    const [from, to] = [await acceptedRun(test.database, orgId), await acceptedRun(test.database, orgId)];
    await journal.record(orgId, from, finishedCall('a'));
    expect([await copy(from, to, () => true), await copy(from, to, () => true)]).toEqual([1, 0]);
  });

  it('takes nothing of another organisation', async () => {
    const [from, to] = [await acceptedRun(test.database, orgId), await acceptedRun(test.database, orgId)];
    await journal.record(orgId, from, finishedCall('a'));
    expect(await copy(from, to, () => true, uuidv7())).toBe(0);
    expect(await copy(uuidv7(), to, () => true)).toBe(0);
  });
});
