import { describe, expect, it } from '@jest/globals';
import type { Client } from '@temporalio/client';
import { pino } from 'pino';
import type { NumberedEvent } from '../../contracts/event-bus.js';
import type { DueDeliveries } from '../../database/event-deliveries.js';
import { until } from '../../test/support/until.js';
import { type BusRecord, EventBus } from './event-bus.js';

const numbered = (number: number, bytes = 1): NumberedEvent => ({
  number,
  event: { id: String(number), specversion: '1.0', source: '/s', type: 't', data: 'x'.repeat(bytes) },
});
const upTo = (n: number, bytes?: number) => Array.from({ length: n }, (_, index) => numbered(index + 1, bytes));
const dueFor = (listenerId: string, events: NumberedEvent[], isOver = false): DueDeliveries => ({
  orgId: 'o',
  listenerId,
  workflow: null,
  isEndpoint: false,
  isOver,
  events,
});

/** A bus over deliveries that come due once, and an engine that `signal` stands for. */
async function busOver(due: DueDeliveries[], signal: (id: string, events: NumberedEvent[]) => Promise<void>) {
  const settled: [string, number, string][] = [];
  const fired: string[] = [];
  const warned: string[] = [];
  let looks = 0;
  const record: BusRecord = {
    publishOutbox: async () => false,
    claimDeliveries: async () => {
      looks += 1;
      return due.splice(0);
    },
    fireSchedule: async ({ listenerId }) => {
      fired.push(listenerId);
      return [];
    },
    fanOut: async (orgId, endpoints) => void fired.push(`endpoints ${endpoints.join(' ')} of ${orgId}`),
    settleDeliveries: async ({ listenerId }, numbers, status) =>
      void settled.push([listenerId, numbers.length, status]),
    listen: async (onNews) => {
      onNews();
      return { close: async () => undefined };
    },
  };
  const client = {
    withDeadline: (_: number, work: () => Promise<unknown>) => work(),
    workflow: {
      getHandle: (id: string) => ({ signal: (_: string, events: NumberedEvent[]) => signal(id, events) }),
    },
  } as unknown as Client;
  const log = pino({ level: 'warn' }, { write: (line: string) => void warned.push(line) });
  const bus = new EventBus(record, client, log);
  await bus.start();
  await until(() => looks > 1 || warned.length > 0);
  await bus.stop();
  return { settled, fired, warned };
}

describe('the worker of the event bus', () => {
  it('tells runs in signals of a hundred events and half a mebibyte at most, and settles each that was heard', async () => {
    const sizes: number[] = [];
    const { settled } = await busOver([dueFor('r', upTo(250))], async (id, events) => {
      expect(id).toBe('org_o/r');
      sizes.push(events.length);
    });
    expect(sizes).toEqual([100, 100, 50]);
    expect(settled).toEqual(sizes.map((count) => ['r', count, 'delivered']));
    const large: number[] = [];
    await busOver([dueFor('r', upTo(5, 200_000))], async (_, events) => void large.push(events.length));
    expect(large).toEqual([2, 2, 1]);
  });

  it('drops what comes for a run that has ended, and lets a schedule look for itself', async () => {
    const due = [dueFor('ended', upTo(2), true), { ...dueFor('s', upTo(1)), workflow: 'n/w' }];
    const { settled, fired } = await busOver(due, async () => {
      throw new Error('nobody is to be told');
    });
    expect({ settled, fired }).toEqual({ settled: [['ended', 2, 'dropped']], fired: ['s'] });
  });

  it('leaves due what a run cannot be told yet, and says once that the engine is away', async () => {
    const missing = await busOver([dueFor('r', upTo(1))], async () => {
      throw Object.assign(new Error('no workflow'), { name: 'WorkflowNotFoundError' });
    });
    expect(missing).toMatchObject({ settled: [], warned: [] });
    const away = await busOver([dueFor('a', upTo(1)), dueFor('b', upTo(1))], async () => {
      throw new Error('connection refused');
    });
    expect(away.settled).toEqual([]);
    expect(away.warned).toHaveLength(1);
    expect(away.warned[0]).toMatch(/connection refused/);
  });
});
