import { describe, expect, it } from '@jest/globals';
import { FailureWindow } from './failure-window.js';

describe('what opens a breaker', () => {
  const opens = (ends: ('succeeded' | 'failed' | 'unreachable')[], everyMs = 10) => {
    const window = new FailureWindow();
    return ends.map((end, at) => window.add(end, at * everyMs));
  };

  it('is half of five calls, not of four', () => {
    expect(opens(['succeeded', 'succeeded', 'failed', 'failed', 'failed'])).toEqual([false, false, false, false, true]);
    expect(opens(['failed', 'failed', 'failed', 'failed'])).not.toContain(true);
  });

  it('is three connections in a row that were never made', () => {
    expect(opens(['unreachable', 'unreachable', 'unreachable'])).toEqual([false, false, true]);
    expect(opens(['unreachable', 'unreachable', 'succeeded', 'unreachable'])).not.toContain(true);
  });

  it('is no failure of more than ten seconds ago', () => {
    expect(opens(['failed', 'failed', 'failed', 'failed', 'failed'], 3_000)).not.toContain(true);
  });
});
