import { describe, expect, it } from '@jest/globals';
import { EventQueue } from './event-queue.js';
import { simulate } from './simulation.js';

/** A third of the benchmark's time; its targets are the same. */
const durationMs = 60_000;

describe('twenty agents of unequal speed, two slow and one failing fast', () => {
  const chosen = simulate('expected-completion', 1, { durationMs });
  const inTurn = simulate('round-robin', 1, { durationMs, balancer: 'plain' });

  it('are given calls that end within 230 ms 99 times of 100, and fail once in a thousand at most', () => {
    expect(chosen.calls).toBeGreaterThan(35_000);
    expect(chosen.p99Ms).toBeLessThan(230);
    expect(chosen.errorShare).toBeLessThan(0.001);
  });

  it('answer more than ten times as soon as when each has its turn, and fail far less often', () => {
    expect(inTurn.p99Ms).toBeGreaterThan(10 * chosen.p99Ms);
    expect(inTurn.errorShare).toBeGreaterThan(5 * chosen.errorShare);
  });

  it('are simulated alike each time', () => {
    expect(simulate('expected-completion', 1, { durationMs: 3_000 })).toEqual(
      simulate('expected-completion', 1, { durationMs: 3_000 }),
    );
  });
});

describe('the queue of events', () => {
  it('gives them by time', () => {
    const queue = new EventQueue<number>();
    const times = [5, 1, 4, 1, 9, 2, 6];
    for (const time of times) queue.add(time, time);
    const order = times.map(() => queue.next()?.event);
    expect(order).toEqual([1, 1, 2, 4, 5, 6, 9]);
    expect(queue.next()).toBeUndefined();
  });
});
