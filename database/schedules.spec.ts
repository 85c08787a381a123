import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import type { ScheduleTerms } from '../contracts/schedules.js';
import { type TestDatabase, withDatabase } from '../test/support/postgres.js';
import { publishDefinition } from './definitions.repository.js';
import { finishRun } from './finish-run.js';
import { loadRun } from './runs.repository.js';
import { findSchedule, listSchedules, pauseSchedule, setSchedule, triggerSchedule } from './schedules.repository.js';
import { sweepSchedules } from './sweep-schedules.js';
import { uuidv7 } from './uuid.js';

const MINUTE_MS = 60_000;
const every: ScheduleTerms = { kind: 'every', periodMs: MINUTE_MS };
const hourly: ScheduleTerms = { kind: 'cron', cron: '0 * * * *' };
const after: ScheduleTerms = { kind: 'after', periodMs: MINUTE_MS };

describe('schedules', () => {
  const orgId = uuidv7();
  let test: TestDatabase;
  beforeAll(async () => {
    test = await withDatabase();
  }, 90_000);
  afterAll(() => test?.close());

  const at = (name: string) => ({ namespace: 'test', name });
  const publish = (name: string, terms: ScheduleTerms | undefined, version = '1.0.0') =>
    test.database.inOrg(orgId, async (tx) => {
      const document = { dsl: '1.0.3', namespace: 'test', name, version };
      await publishDefinition(tx, { orgId, hash: version, definition: { document, do: [] } });
      await setSchedule(tx, { orgId, ...document }, terms);
    });
  const find = (name: string) => test.database.inOrg(orgId, (tx) => findSchedule(tx, at(name)));
  const dueOf = async (name: string) => Date.parse((await find(name)).nextDueAt!);
  const pause = (name: string, paused: boolean) =>
    test.database.inOrg(orgId, (tx) => pauseSchedule(tx, at(name), paused));
  /** Runs of this schedule that a sweep at that time accepts. */
  const sweep = async (name: string, nowMs: number) => {
    const runs = await sweepSchedules(test.database, nowMs);
    return runs.flatMap(({ input }) =>
      'with' in input && JSON.stringify(input.with).includes(`"name":"${name}"`) ? [input.runId] : [],
    );
  };
  const end = (runId: string) =>
    finishRun(test.database, {
      orgId,
      runId,
      status: 'completed',
      terminationReason: 'done',
      degraded: false,
      rounds: 0,
      warnings: [],
      output: { inline: 1 },
      events: [],
    });

  it('accept a run for each time, once whoever sweeps, with the same id for the same time', async () => {
    await publish('ticks', every);
    const due = await dueOf('ticks');
    expect(await sweep('ticks', due - 1)).toEqual([]);
    const swept = await Promise.all([1, 2, 3].map(() => sweep('ticks', due + 2 * MINUTE_MS)));
    const ids = swept.flat();
    expect(ids).toHaveLength(3);
    const hex = (id: string) => Number.parseInt(id.replaceAll('-', '').slice(0, 12), 16);
    expect(ids.map(hex)).toEqual([due, due + MINUTE_MS, due + 2 * MINUTE_MS]);
    expect(await find('ticks')).toMatchObject({ fires: 3, lastRunId: ids[2], version: '1.0.0' });
    const run = await test.database.inOrg(orgId, (tx) => loadRun(tx, ids[0]!));
    expect(run).toMatchObject({ status: 'accepted', workflow: 'test/ticks:1.0.0', labels: { schedule: 'test.ticks' } });
    expect(await dueOf('ticks')).toBe(due + 3 * MINUTE_MS);
  });

  it('go on although one of them cannot be carried out', async () => {
    const document = { dsl: '1.0.3', namespace: 'test', name: 'broken', version: '1.0.0' };
    const definition = { document: { ...document, metadata: { brikk: { deadline: 'soon' } } }, do: [] };
    const setBroken = (terms: ScheduleTerms | undefined) =>
      test.database.inOrg(orgId, (tx) => setSchedule(tx, { orgId, ...document }, terms));
    await test.database.inOrg(orgId, (tx) => publishDefinition(tx, { orgId, hash: 'broken', definition }));
    await setBroken({ kind: 'every', periodMs: MINUTE_MS / 2 });
    await publish('sound', every);
    const due = await dueOf('sound');
    await expect(sweep('sound', due)).rejects.toThrow('document.metadata.brikk.deadline');
    expect(await find('sound')).toMatchObject({ fires: 1 });
    await setBroken(undefined);
    expect(await sweep('sound', due + MINUTE_MS)).toHaveLength(1);
  });

  it('leave out the times of a cron expression while the run before goes on', async () => {
    await publish('hourly', hourly);
    const due = await dueOf('hourly');
    const [first] = await sweep('hourly', due);
    expect(await sweep('hourly', due + 60 * MINUTE_MS)).toEqual([]);
    expect(await find('hourly')).toMatchObject({ fires: 1, skipped: 1, lastRunId: first });
    await end(first!);
    expect(await sweep('hourly', due + 120 * MINUTE_MS)).toHaveLength(1);
  });

  it('begin again so long after the last end', async () => {
    await publish('again', after);
    const due = await dueOf('again');
    const [first] = await sweep('again', due);
    expect(await sweep('again', due + 100 * MINUTE_MS)).toEqual([]);
    await end(first!);
    const { finishedAt } = await test.database.inOrg(orgId, (tx) => loadRun(tx, first!));
    const ended = Date.parse(finishedAt!);
    expect(await sweep('again', ended + MINUTE_MS - 1)).toEqual([]);
    expect(await sweep('again', ended + MINUTE_MS)).toHaveLength(1);
  });

  it('are as the newest version says, paused or not', async () => {
    await publish('changing', every);
    const due = await dueOf('changing');
    await pause('changing', true);
    expect(await sweep('changing', due + MINUTE_MS)).toEqual([]);
    await publish('changing', { kind: 'every', periodMs: 2 * MINUTE_MS }, '2.0.0');
    await publish('changing', after, '1.5.0');
    expect(await find('changing')).toMatchObject({ version: '2.0.0', periodMs: 2 * MINUTE_MS, state: 'paused' });
    await pause('changing', false);
    const later = await dueOf('changing');
    await publish('changing', { kind: 'every', periodMs: 2 * MINUTE_MS }, '2.1.0');
    expect(await find('changing')).toMatchObject({ version: '2.1.0', nextDueAt: new Date(later).toISOString() });
    await publish('changing', undefined, '3.0.0');
    await expect(find('changing')).rejects.toMatchObject({ code: 'schedule.not_found' });
  });

  it('start a run when somebody asks for one, and count the end of it', async () => {
    await publish('asked', after);
    const due = await dueOf('asked');
    const { input } = await test.database.inOrg(orgId, (tx) => triggerSchedule(tx, at('asked')));
    expect(await sweep('asked', due + MINUTE_MS)).toEqual([]);
    expect(await find('asked')).toMatchObject({ fires: 1, lastRunId: input.runId, nextDueAt: null });
    const { items } = await test.database.inOrg(orgId, (tx) => listSchedules(tx, { limit: 200 }));
    expect(items.map(({ name }) => name)).toEqual(['again', 'asked', 'hourly', 'sound', 'ticks']);
  });
});
