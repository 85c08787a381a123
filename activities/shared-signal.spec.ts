import { getEventListeners } from 'node:events';
import { shareSignal } from './shared-signal.js';

describe('a shared signal', () => {
  it('aborts all calls with its reason, also those that come later', () => {
    const source = new AbortController();
    const { next } = shareSignal(source.signal);
    const calls = Array.from({ length: 100 }, next);
    source.abort(new Error('stop'));
    calls.push(next());
    expect(calls.map(({ aborted, reason }) => [aborted, (reason as Error).message])).toEqual(
      calls.map(() => [true, 'stop']),
    );
  });

  it('is the signal of few calls each, and leaves nothing at its source', () => {
    const source = new AbortController();
    const { next, release } = shareSignal(source.signal);
    const users = new Map<AbortSignal, number>();
    for (let call = 0; call < 1_000; call += 1) {
      const signal = next();
      users.set(signal, (users.get(signal) ?? 0) + 1);
    }
    expect(Math.max(...users.values())).toBeLessThan(50);
    release();
    expect(getEventListeners(source.signal, 'abort')).toEqual([]);
  });
});
