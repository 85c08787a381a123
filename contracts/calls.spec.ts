import { describe, expect, it } from '@jest/globals';
import { timeoutSchema } from './calls.js';

describe('the times of a call', () => {
  it('are 30 s an attempt and 5 minutes in all, and silence has no limit of its own', () => {
    expect(timeoutSchema.parse({})).toEqual({ attemptMs: 30_000, totalMs: 300_000 });
    expect(timeoutSchema.parse({ attempt: 'PT2S', total: 'PT9S' })).toEqual({ attemptMs: 2_000, totalMs: 9_000 });
  });

  it('leave an attempt all the time of the call where silence is what ends it, unless said', () => {
    expect(timeoutSchema.parse({ idle: 'PT5S' })).toEqual({ attemptMs: 300_000, totalMs: 300_000, idleMs: 5_000 });
    expect(timeoutSchema.parse({ attempt: 'PT1M', idle: { seconds: 5 } })).toMatchObject({ attemptMs: 60_000 });
    expect(timeoutSchema.safeParse({ idle: 'PT0S' }).success).toBe(false);
  });
});
