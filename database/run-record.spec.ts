import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { asOwner, type TestDatabase, withDatabase } from '../test/support/postgres.js';
import { acceptedRun, finishedCall } from '../test/support/runs.js';
import { finishRun } from './finish-run.js';
import { Journal } from './journal.js';
import { RunNotifications } from './notifications.js';
import { readEvents, RunEventWriter } from './run-events.js';
import { findStartableRun, listRuns, loadRun } from './runs.repository.js';
import { requestSteering } from './steering.repository.js';
import { uuidv7 } from './uuid.js';
import { writeRunRecords } from './write-run-records.js';

describe('the record of a run', () => {
  const orgId = uuidv7();
  let test: TestDatabase;
  let journal: Journal;
  let events: RunEventWriter;
  const eventsOf = (id: string) => test.database.inOrg(orgId, (tx) => readEvents(tx, id, { limit: 5_000 }));
  const end = (runId: string) => ({
    orgId,
    runId,
    status: 'completed' as const,
    terminationReason: 'done' as const,
    degraded: false,
    rounds: 0,
    warnings: [],
    output: { inline: { ok: true } },
    events: [],
  });
  beforeAll(async () => {
    test = await withDatabase();
    journal = new Journal(test.database);
    events = new RunEventWriter(test.database);
  }, 90_000);
  afterAll(() => test.close());

  it('has no gap and no duplicate under fifty concurrent writers', async () => {
    const runs = await Promise.all([1, 2, 3].map(() => acceptedRun(test.database, orgId)));
    const write = async (writer: number) => {
      for (const runId of runs) {
        await events.append(orgId, runId, [
          { key: `step/${writer % 25}`, type: 'step.started', data: { path: '/s', name: `s${writer % 25}` } },
        ]);
        await journal.record(orgId, runId, finishedCall(`call/${writer % 25}`, `from ${writer}`));
      }
    };
    await Promise.all(Array.from({ length: 50 }, (_, writer) => write(writer)));
    for (const runId of runs) {
      const stream = await eventsOf(runId);
      expect(stream.map(({ position }) => position)).toEqual(Array.from({ length: 51 }, (_, at) => at + 1));
      expect(stream.filter(({ type }) => type === 'call.finished')).toHaveLength(25);
      const times = stream.map(({ at }) => at);
      expect([...times].sort()).toEqual(times);
    }
  });

  it('answers a repeated call with the stored outcome', async () => {
    const runId = await acceptedRun(test.database, orgId);
    const [first, twin] = await Promise.all([
      journal.record(orgId, runId, finishedCall('a', 'first')),
      journal.record(orgId, runId, finishedCall('a', 'twin')),
    ]);
    expect(twin).toEqual(first);
    expect(await journal.record(orgId, runId, finishedCall('a', 'later'))).toEqual(first);
    expect(await journal.outcomes(orgId, runId, ['a', 'b'])).toEqual(new Map([['a', first.call]]));
  });

  it('tells with each record whether somebody asked the run to pause or to cancel', async () => {
    const runId = await acceptedRun(test.database, orgId);
    const isHeld = async (key: string) => (await journal.record(orgId, runId, finishedCall(key))).isHeld;
    const ask = (kind: 'pause' | 'resume' | 'cancel') =>
      test.database.inOrg(orgId, (tx) => requestSteering(tx, runId, kind));
    expect(await isHeld('a')).toBe(false);
    await ask('pause');
    expect([await isHeld('b'), await isHeld('b')]).toEqual([true, true]);
    await ask('resume');
    expect(await isHeld('c')).toBe(false);
    await ask('cancel');
    expect(await isHeld('d')).toBe(true);
  });

  it('follows the status, ends once, and drops what comes after the end', async () => {
    const runId = await acceptedRun(test.database, orgId);
    await events.append(orgId, runId, [{ key: 'run/started', type: 'run.started', data: { resumed: false } }]);
    await journal.record(orgId, runId, finishedCall('a'));
    expect(await test.database.inOrg(orgId, (tx) => loadRun(tx, runId))).toMatchObject({ status: 'running' });
    await Promise.all([finishRun(test.database, end(runId)), finishRun(test.database, end(runId))]);
    await journal.record(orgId, runId, finishedCall('late'));
    const stream = await eventsOf(runId);
    expect(stream.map(({ type }) => type)).toEqual(['run.accepted', 'run.started', 'call.finished', 'run.finished']);
    expect(events.dropped).toBeGreaterThan(0);
    expect(await test.database.inOrg(orgId, (tx) => loadRun(tx, runId))).toMatchObject({
      status: 'completed',
      output: { ok: true },
      usage: { inputTokens: 2, costUsd: 0.5, calls: 1 },
      contributions: [{ callKey: 'a', output: 'done' }],
      finishedAt: expect.any(String),
    });
  });

  it('judges each record of a batch by those before it', async () => {
    const [runId, nobody] = [await acceptedRun(test.database, orgId), uuidv7()];
    const finished = {
      key: 'run/finished',
      type: 'run.finished',
      data: { status: 'failed', terminationReason: 'deadline' },
    } as const;
    const records = [
      { runId, call: finishedCall('a', 'first') },
      { runId, call: finishedCall('a', 'twin') },
      { runId: nobody, call: finishedCall('a') },
      { runId, event: finished },
      { runId, event: finished },
      { runId, call: finishedCall('late') },
    ];
    const { outcomes } = await test.database.inOrg(orgId, (tx) => writeRunRecords(tx, orgId, records));
    expect(outcomes).toEqual(['written', 'known', 'missing', 'written', 'known', 'dropped']);
    expect((await eventsOf(runId)).map(({ type }) => type)).toEqual(['run.accepted', 'call.finished', 'run.finished']);
    expect(await journal.outcomes(orgId, runId, ['a'])).toMatchObject(
      new Map([['a', { output: { inline: 'first' } }]]),
    );
  });

  it('rebuilds what the workflow starts with', async () => {
    const runId = await acceptedRun(test.database, orgId);
    expect(await test.database.inOrg(orgId, (tx) => findStartableRun(tx, runId))).toMatchObject({
      pattern: 'agent',
      input: {
        orgId,
        runId,
        input: { inline: { n: 1 } },
        priority: 'normal',
        resumed: false,
        with: { capability: 'triage', onFailure: 'fail' },
      },
    });
  });

  it('refuses a run that does not exist', async () => {
    await expect(journal.record(orgId, uuidv7(), finishedCall('a'))).rejects.toMatchObject({ code: 'run.not_found' });
  });

  it('wakes whoever listens to the run', async () => {
    const runId = await acceptedRun(test.database, orgId);
    const notifications = new RunNotifications(test.database);
    await notifications.start();
    const woken = new Promise((resolve) => notifications.onRun(runId, resolve));
    await finishRun(test.database, end(runId));
    expect(await woken).toBe('completed');
    await notifications.close();
  });

  it('lists by label, agent and status, page by page', async () => {
    const list = (filter: object) => test.database.inOrg(orgId, (tx) => listRuns(tx, { limit: 2, ...filter }));
    const first = await list({ label: 'team=ops' });
    expect(first.items).toHaveLength(2);
    const second = await list({ label: 'team', cursor: first.nextCursor });
    expect(second.items[0]!.id < first.items[1]!.id).toBe(true);
    expect((await list({ agent: 'triage', status: 'completed' })).items.length).toBeGreaterThan(0);
    await expect(list({ cursor: 'none' })).rejects.toMatchObject({ code: 'request.invalid' });
  });

  it('keeps each run in the partition of its month, and what has none in the default one', async () => {
    const old = uuidv7(Date.UTC(2020, 0));
    await acceptedRun(test.database, orgId, old);
    const place = await asOwner(test.ownerUrl, (client) =>
      client.query('SELECT DISTINCT run_id = $1 AS old, tableoid::regclass::text AS name FROM run_event ORDER BY 1', [
        old,
      ]),
    );
    const month = new Date().toISOString().slice(0, 7).replace('-', '_');
    expect(place.rows).toEqual([
      { old: false, name: `run_event_${month}` },
      { old: true, name: 'run_event_default' },
    ]);
  });
});
