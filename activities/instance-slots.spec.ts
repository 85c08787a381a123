import { describe, expect, it } from '@jest/globals';
import { backoffMs } from './backoff.js';
import { InstanceSlots } from './instance-slots.js';

const never = new AbortController().signal;

describe('InstanceSlots', () => {
  it('passes a freed slot to the runs in turn, within a run in order', async () => {
    const slots = new InstanceSlots();
    slots.take('a');
    const served: string[] = [];
    const wait = (runId: string, name: string) =>
      slots.wait(runId, () => true, 1_000, never).then(() => served.push(name));
    const waits = [wait('long', 'long 1'), wait('long', 'long 2'), wait('long', 'long 3'), wait('short', 'short 1')];
    for (let index = 0; index < 4; index++) slots.release('a');
    await Promise.all(waits);
    expect(served).toEqual(['long 1', 'short 1', 'long 2', 'long 3']);
    expect(slots.slotOf('a').taken).toBe(1);
  });

  it('passes a slot only to who wants that instance', async () => {
    const slots = new InstanceSlots();
    slots.take('a');
    const waiting = slots.wait('run', (instanceId) => instanceId === 'b', 20, never);
    slots.release('a');
    expect(slots.slotOf('a').taken).toBe(0);
    expect(await waiting).toBeUndefined();
  });

  it('forgets who gave up', async () => {
    const slots = new InstanceSlots();
    slots.take('a');
    const canceled = new AbortController();
    const waiting = slots.wait('run', () => true, 1_000, canceled.signal);
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
