import { once } from 'node:events';
import { setTimeout as wait } from 'node:timers/promises';
import { describe, expect, it } from '@jest/globals';
import { runningTimeout } from './running-timeout.js';

const stall = (ms: number) => {
  const end = performance.now() + ms;
  while (performance.now() < end);
};

describe('runningTimeout', () => {
  it('ends after its time', async () => {
    const begin = performance.now();
    await new Promise<void>((resolve) => runningTimeout(120, resolve));
    expect(performance.now() - begin).toBeGreaterThanOrEqual(119);
  });

  it('does not count a stall of the event loop', async () => {
    const late = new EventTarget();
    const begin = performance.now();
    runningTimeout(200, () => late.dispatchEvent(new Event('late')));
    stall(400);
    await once(late, 'late');
    expect(performance.now() - begin).toBeGreaterThanOrEqual(545);
  });

  it('never ends once it is stopped', async () => {
    let ended = false;
    const stop = runningTimeout(20, () => (ended = true));
    stop();
    await wait(60);
    expect(ended).toBe(false);
  });
});
