import { describe, expect, it } from '@jest/globals';
import type { EventStrategy } from '../contracts/definition-events.js';
import type { CloudEvent } from '../contracts/event-bus.js';
import type { EventGroup } from '../contracts/event-schedules.js';
import type { Json } from '../contracts/json.js';
import { hearScheduled, readEvents } from './event-matches.js';

const eventOf = (type: string, data: Json = null): CloudEvent => ({
  id: `${type}-${JSON.stringify(data)}`,
  specversion: '1.0',
  source: '/s',
  type,
  data,
});

/** The data of the events of each run that would start, and how many events go on waiting. */
async function runsOf(
  on: EventStrategy,
  events: CloudEvent[],
  before: EventGroup[] = [],
): Promise<{ runs: Json[]; waiting: number }> {
  let groups = before;
  const runs: Json[] = [];
  for (const event of events) {
    const next = await hearScheduled({ version: '1.0.0', on, read: 'data' }, groups, event);
    // As Postgres keeps them.
    groups = JSON.parse(JSON.stringify(next.groups)) as EventGroup[];
    if (next.match) runs.push(readEvents(next.match, 'data'));
  }
  return { runs, waiting: groups.reduce((sum, { heard }) => sum + heard.length, 0) };
}
const typed = (type: string) => ({ with: { type } });

describe('events that start runs', () => {
  it('start one each when one is enough, and none when they do not fit', async () => {
    const events = [eventOf('a', 1), eventOf('b', 2), eventOf('c', 3)];
    expect(await runsOf({ one: typed('a') }, events)).toEqual({ runs: [[1]], waiting: 0 });
    expect(await runsOf({ any: [typed('a'), typed('c')] }, events)).toEqual({ runs: [[1], [3]], waiting: 0 });
    expect(await runsOf({ any: [] }, events)).toEqual({ runs: [[1], [2], [3]], waiting: 0 });
    const large = { one: { with: { type: '[ab]', data: '${ . > 1 }' } } };
    expect(await runsOf(large, events)).toEqual({ runs: [[2]], waiting: 0 });
  });

  it('wait for those that go with them, each group for its own', async () => {
    const correlate = { order: { from: '.data.order' } };
    const all = ['made', 'paid'].map((type) => ({ with: { type }, correlate }));
    const [made, paid] = ['made', 'paid'].map((type) => (order: number) => eventOf(type, { order, type })) as [
      (order: number) => CloudEvent,
      (order: number) => CloudEvent,
    ];
    const { runs, waiting } = await runsOf({ all }, [made(1), made(2), paid(2), paid(3), paid(1), made(2)]);
    expect(
      runs.map((run) => (run as { order: number; type: string }[]).map(({ order, type }) => type + order)),
    ).toEqual([
      ['made2', 'paid2'],
      ['made1', 'paid1'],
    ]);
    expect(waiting).toBe(2);
  });

  it('gather until something holds or happens, which is no part of the input', async () => {
    const events = [eventOf('m', 1), eventOf('m', 2), eventOf('m', 3), eventOf('end'), eventOf('m', 4)];
    expect(await runsOf({ any: [typed('m')], until: 'length == 2' }, events)).toEqual({
      runs: [
        [1, 2],
        [3, 4],
      ],
      waiting: 0,
    });
    const until = { one: typed('end') };
    expect(await runsOf({ any: [typed('m')], until }, events)).toEqual({ runs: [[1, 2, 3]], waiting: 1 });
    const both = { all: [typed('end'), typed('stop')] };
    expect(await runsOf({ any: [typed('m')], until: both }, [...events, eventOf('stop')])).toEqual({
      runs: [[1, 2, 3, 4]],
      waiting: 0,
    });
  });

  it('do not fit where an expression fails, and at most a thousand groups wait', async () => {
    const failing = { one: { with: { type: 'a', data: '${ error("no") }' } } };
    expect(await runsOf(failing, [eventOf('a', 1)])).toEqual({ runs: [], waiting: 0 });
    expect(await runsOf({ any: [typed('a')], until: 'error("no")' }, [eventOf('a', 1)])).toEqual({
      runs: [],
      waiting: 1,
    });
    const all = ['x', 'y'].map((type) => ({ with: { type }, correlate: { n: { from: '.data' } } }));
    const before = Array.from({ length: 999 }, (_, n): EventGroup => ({
      heard: [eventOf('x', n)],
      met: [0],
      correlated: [['n', n]],
    }));
    const late = [5_000, 5_001, 5_002].map((n) => eventOf('x', n));
    const { waiting, runs } = await runsOf({ all }, [...late, eventOf('y', 0), eventOf('y', 998)], before);
    // The oldest were given up, so that one has nobody to join.
    expect({ waiting, runs }).toEqual({ waiting: 999, runs: [[998, 998]] });
  });
});
