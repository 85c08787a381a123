import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { PRIORITIES, type Priority } from '../contracts/priority.js';
import { backoffMs } from './backoff.js';
import { InstanceSlots } from './instance-slots.js';

const never = new AbortController().signal;
const of = (runId: string, priority: Priority = 'normal') => ({ runId, priority });

describe('calls at once', () => {
  const agent = { instanceId: 'a', maxConcurrency: 8 };
  const taking = (slots: InstanceSlots, count: number) => Array.from({ length: count }, () => slots.take('a'));

  it('are halved where one is refused, so that freed slots go to nobody until there are few enough', async () => {
    const slots = new InstanceSlots();
    taking(slots, 8);
    slots.adapt(agent, 'agent.rate_limited', 1);
    expect(slots.slotOf('a').limit?.calls).toBe(4);
    let served = 0;
    const waits = [1, 2].map(() => slots.wait(of('run'), () => true, 60_000, never).then(() => (served += 1)));
    for (let freed = 0; freed < 4; freed += 1) slots.release('a');
    expect(slots.slotOf('a').taken).toBe(4);
    slots.release('a');
    await waits[0];
    expect([served, slots.slotOf('a').taken]).toEqual([1, 4]);
    slots.release('a');
    await waits[1];
  });

  it('are those that are declared where nothing was refused, unless the agent goes by latency', () => {
    const slots = new InstanceSlots();
    taking(slots, 8);
    slots.adapt(agent, undefined, 50);
    slots.adapt(agent, 'agent.transient', 50);
    expect(slots.slotOf('a').limit).toBeUndefined();
    for (let answer = 0; answer < 300; answer += 1)
      slots.adapt({ ...agent, adaptive: true }, undefined, answer < 200 ? 50 : 5_000);
    expect(slots.slotOf('a').limit?.calls).toBeLessThan(4);
  });
});

describe('InstanceSlots', () => {
  it('passes a freed slot to the runs in turn, within a run in order', async () => {
    const slots = new InstanceSlots();
    slots.take('a');
    const served: string[] = [];
    const wait = (runId: string, name: string) =>
      slots.wait(of(runId), () => true, 1_000, never).then(() => served.push(name));
    const waits = [wait('long', 'long 1'), wait('long', 'long 2'), wait('long', 'long 3'), wait('short', 'short 1')];
    for (let index = 0; index < 4; index++) slots.release('a');
    await Promise.all(waits);
    expect(served).toEqual(['long 1', 'short 1', 'long 2', 'long 3']);
    expect(slots.slotOf('a').taken).toBe(1);
  });

  it('passes a freed slot to the higher priority, whoever came first', async () => {
    const slots = new InstanceSlots(() => 0);
    slots.take('a');
    const served: Priority[] = [];
    const order: Priority[] = ['background', 'low', 'critical', 'normal', 'critical', 'high'];
    const waits = order.map((priority, index) =>
      slots.wait(of(`run-${index}`, priority), () => true, 1_000, never).then(() => served.push(priority)),
    );
    for (const _ of order) slots.release('a');
    await Promise.all(waits);
    expect(served).toEqual(['critical', 'critical', 'high', 'normal', 'low', 'background']);
  });

  it('serves everyone at last, however many calls of higher priority come', async () => {
    const priorities = Object.keys(PRIORITIES) as Priority[];
    await fc.assert(
      fc.asyncProperty(
        fc.constantFrom(...priorities),
        fc.integer({ min: 50, max: 1_000 }),
        async (priority, everyMs) => {
          let now = 0;
          const slots = new InstanceSlots(() => now);
          slots.take('a');
          const given: string[] = [];
          const wait = (runId: string, own: Priority) =>
            void slots.wait(of(runId, own), () => true, 1_000, never).then(() => given.push(runId));
          wait('patient', priority);
          for (let turn = 0; !given.includes('patient') && turn < 1_000; turn += 1) {
            wait(`urgent-${turn}`, 'critical');
            now += everyMs;
            slots.release('a');
            await Promise.resolve();
            await Promise.resolve();
          }
          expect(given).toContain('patient');
          expect(now).toBeLessThanOrEqual(PRIORITIES[priority] * 2_000 + 2 * everyMs);
          // Those that still wait are let go.
          for (let turn = 0; turn < 1_000; turn += 1) slots.release('a');
        },
      ),
      { numRuns: 30 },
    );
  });

  it('remembers for how long a run has waited although its calls ask again in between', async () => {
    let now = 0;
    const slots = new InstanceSlots(() => now);
    slots.take('a');
    const gone = new AbortController();
    const deferred = slots.wait(of('patient', 'background'), () => true, 1_000, gone.signal);
    now = 9_000;
    gone.abort();
    await deferred;
    const given: string[] = [];
    const waits = [of('urgent', 'critical'), of('patient', 'background')].map((run) =>
      slots.wait(run, () => true, 1_000, never).then(() => given.push(run.runId)),
    );
    now = 10_000;
    slots.release('a');
    slots.release('a');
    await Promise.all(waits);
    expect(given).toEqual(['patient', 'urgent']);
  });

  it('passes a slot only to who wants that instance', async () => {
    const slots = new InstanceSlots();
    slots.take('a');
    const waiting = slots.wait(of('run'), (instanceId) => instanceId === 'b', 20, never);
    slots.release('a');
    expect(slots.slotOf('a').taken).toBe(0);
    expect(await waiting).toBeUndefined();
  });

  it('forgets who gave up', async () => {
    const slots = new InstanceSlots();
    slots.take('a');
    const canceled = new AbortController();
    const waiting = slots.wait(of('run'), () => true, 1_000, canceled.signal);
    canceled.abort();
    expect(await waiting).toBeUndefined();
    slots.release('a');
    expect(slots.slotOf('a').taken).toBe(0);
  });
});

describe('backoffMs', () => {
  const retry = { maxAttempts: 9, initialMs: 100, factor: 2, maxMs: 500, jitter: 0.2, nonRetryable: [] };
  it('grows to its bound and is spread by the jitter', () => {
    expect([1, 2, 3, 4, 5].map((round) => backoffMs(retry, round, () => 0.5))).toEqual([100, 200, 400, 500, 500]);
    expect([0, 1].map((value) => backoffMs(retry, 1, () => value))).toEqual([80, 120]);
  });
});
