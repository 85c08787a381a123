import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import type { Definition, Schedule } from '../contracts/definition.js';
import type { CloudEvent } from '../contracts/event-bus.js';
import { type TestDatabase, withDatabase } from '../test/support/postgres.js';
import type { Tx } from './database.js';
import { publishDefinition } from './definitions.repository.js';
import { publishEvents } from './event-bus.repository.js';
import { type EventHearing, fireEventSchedule, setEventSchedule } from './event-schedules.js';
import { publishOutbox } from './event-outbox.js';
import { RunEventWriter } from './run-events.js';
import { findSchedule, pauseSchedule, setSchedule, triggerSchedule } from './schedules.repository.js';
import { sweepSchedules } from './sweep-schedules.js';
import { uuidv7 } from './uuid.js';

/** Two events each start a run. */
const inPairs: EventHearing = {
  hear: async (_, groups, event) => {
    const [waiting] = groups;
    if (waiting) return { groups: [], match: [...waiting.heard, event] };
    return { groups: [{ heard: [event], met: [], correlated: [] }], match: undefined };
  },
  read: (events) => events.map(({ data = null }) => data),
};

describe('a schedule that goes by events', () => {
  let test: TestDatabase;
  beforeAll(async () => {
    test = await withDatabase();
  }, 90_000);
  afterAll(() => test.close());

  const publish = (orgId: string, version: string, schedule?: Schedule) =>
    test.database.inOrg(orgId, async (tx) => {
      const document = { dsl: '1.0.3', namespace: 'n', name: 'pairs', version };
      const definition: Definition = { document, ...(schedule && { schedule }), do: [] };
      await publishDefinition(tx, { orgId, definition, hash: version });
      await setEventSchedule(tx, orgId, definition);
      await setSchedule(tx, { orgId, ...document }, schedule && { kind: 'on' });
      const [listener] = await tx<{ id: string }>('SELECT id FROM bus_listener WHERE workflow IS NOT NULL');
      return listener?.id;
    });
  const on = (type: string): Schedule => ({ on: { one: { with: { type } } } });
  const eventOf = (type: string, data: number): CloudEvent => ({
    id: uuidv7(),
    specversion: '1.0',
    source: '/s',
    type,
    data,
  });
  const send = async (orgId: string, ...events: CloudEvent[]) =>
    test.database.inOrg(orgId, (tx) =>
      publishEvents(
        tx,
        orgId,
        events.map((event) => ({ event })),
      ),
    );
  const fire = (orgId: string, listenerId: string) =>
    test.database.inOrg(orgId, (tx) => fireEventSchedule(tx, { orgId, listenerId }, inPairs));

  it('has one run for each match, however many look at once, and keeps what goes on waiting', async () => {
    const orgId = uuidv7();
    const listener = (await publish(orgId, '1.0.0', on('a')))!;
    await send(orgId, ...[1, 2, 3, 4, 5].map((n) => eventOf('a', n)), eventOf('b', 9));
    const runs = (await Promise.all([1, 2, 3].map(() => fire(orgId, listener)))).flat();
    expect(runs.map(({ input }) => ('input' in input ? input.input : undefined))).toEqual([
      { inline: [1, 2] },
      { inline: [3, 4] },
    ]);
    await send(orgId, eventOf('a', 6));
    expect(await fire(orgId, listener)).toMatchObject([{ pattern: 'workflow', input: { input: { inline: [5, 6] } } }]);
    expect(await fire(orgId, listener)).toEqual([]);
    const rows = await test.database.inOrg(orgId, (tx) => tx<{ labels: object }>('SELECT labels FROM run'));
    expect(rows).toHaveLength(3);
    expect(rows[0]!.labels).toEqual({ schedule: 'n.pairs', 'brikk.hops': '1' });
  });

  it('is that of the newest version; what waits is forgotten when it says something else', async () => {
    const orgId = uuidv7();
    const listener = (await publish(orgId, '1.1.0', on('a')))!;
    await send(orgId, eventOf('a', 1));
    await fire(orgId, listener);
    expect(await publish(orgId, '1.0.0', on('old'))).toBe(listener);
    expect(await send(orgId, eventOf('old', 1))).toEqual([{ deliveries: 0 }]);
    await publish(orgId, '1.2.0', on('a'));
    await send(orgId, eventOf('a', 2));
    expect(await fire(orgId, listener)).toMatchObject([
      { input: { with: { hash: '1.2.0' }, input: { inline: [1, 2] } } },
    ]);
    await send(orgId, eventOf('a', 3));
    await fire(orgId, listener);
    await publish(orgId, '1.3.0', on('b'));
    await send(orgId, eventOf('b', 4));
    expect(await fire(orgId, listener)).toEqual([]);
    expect(await publish(orgId, '1.4.0')).toBeUndefined();
    expect(await send(orgId, eventOf('b', 5))).toEqual([{ deliveries: 0 }]);
  });

  it('is shown, paused and triggered like those that go by time, which do not start it', async () => {
    const orgId = uuidv7();
    const at = { namespace: 'n', name: 'pairs' };
    const inOrg = <T>(work: (tx: Tx) => Promise<T>) => test.database.inOrg(orgId, work);
    const listener = (await publish(orgId, '1.0.0', on('a')))!;
    await send(orgId, eventOf('a', 1), eventOf('a', 2));
    const [run] = await fire(orgId, listener);
    const { runId } = run!.input;
    const shown = await inOrg((tx) => findSchedule(tx, at));
    expect(shown).toMatchObject({ kind: 'on', version: '1.0.0', state: 'active', fires: 1, lastRunId: runId });
    expect(shown).toMatchObject({ nextDueAt: null, cron: null, periodMs: null });

    await inOrg((tx) => tx(`UPDATE run SET status = 'completed', finished_at = now() WHERE id = $1`, [runId]));
    expect(await sweepSchedules(test.database)).toEqual([]);

    await inOrg((tx) => pauseSchedule(tx, at, true));
    await send(orgId, eventOf('a', 3), eventOf('a', 4));
    expect(await fire(orgId, listener)).toEqual([]);
    await inOrg((tx) => pauseSchedule(tx, at, false));
    await send(orgId, eventOf('a', 5), eventOf('a', 6));
    expect(await fire(orgId, listener)).toMatchObject([{ input: { input: { inline: [5, 6] } } }]);

    const triggered = await inOrg((tx) => triggerSchedule(tx, at));
    expect(triggered).toMatchObject({ input: { input: { inline: [] } } });
    expect(await inOrg((tx) => findSchedule(tx, at))).toMatchObject({ fires: 3, lastRunId: triggered.input.runId });
  });

  it('ends a chain of runs that events start: sixteen behind each other, no more', async () => {
    const orgId = uuidv7();
    const listener = (await publish(orgId, '1.0.0', on('a')))!;
    const writer = new RunEventWriter(test.database);
    await send(orgId, eventOf('a', 0), eventOf('a', 0));
    let started = await fire(orgId, listener);
    let length = 0;
    for (; started.length > 0 && length < 50; length += 1) {
      const { runId } = started[0]!.input;
      for (const n of [1, 2]) {
        const data = { path: '/do/0/tell', id: `${runId}${n}`, type: 'a', source: '/run' };
        await writer.append(orgId, runId, [{ key: `event/${n}`, type: 'event.emitted', data }]);
      }
      await publishOutbox(test.database);
      started = await fire(orgId, listener);
    }
    expect(length).toBe(16);
  });
});
