import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { FADING_MS, leftAfter, TrackRecord } from './track-record.js';

const seen = (record: TrackRecord) => ({ ms: record.sumMs / record.answers, calls: record.answers + record.failures });

describe('a track record', () => {
  it('is the mean of answers; a failure counts for success alone', () => {
    const record = new TrackRecord();
    record.learn(true, 100, 1_000);
    record.learn(true, 200, 1_000);
    record.learn(false, 2, 1_000);
    expect(record).toMatchObject({ answers: 2, failures: 1, sumMs: 300, at: 1_000 });
  });

  it('keeps a third of what it knew after the fading time', () => {
    const record = new TrackRecord();
    for (let call = 0; call < 30; call += 1) record.learn(true, 100, 0);
    record.learn(true, 100, FADING_MS);
    expect(record.answers).toBeCloseTo(30 / Math.E + 1);
    expect(leftAfter(FADING_MS)).toBeCloseTo(1 / Math.E);
    expect(leftAfter(-5)).toBe(1);
  });

  it('never counts as more than a hundred calls, so that a slowdown shows within a few of them', () => {
    const record = new TrackRecord();
    for (let call = 0; call < 5_000; call += 1) record.learn(true, 50, 0);
    expect(seen(record).calls).toBeCloseTo(100);
    for (let call = 0; call < 20; call += 1) record.learn(true, 500, 0);
    expect(seen(record).ms).toBeGreaterThan(100);
  });

  it('stays between the fastest and the slowest answer, whatever comes when', () => {
    const call = fc.record({ succeeded: fc.boolean(), ms: fc.integer({ min: 1, max: 1e4 }), after: fc.nat(60_000) });
    fc.assert(
      fc.property(fc.array(call, { minLength: 1, maxLength: 300 }), (calls) => {
        const record = new TrackRecord();
        let now = 0;
        for (const { succeeded, ms, after } of calls) record.learn(succeeded, ms, (now += after));
        const answers = calls.filter(({ succeeded }) => succeeded).map(({ ms }) => ms);
        const { calls: weight } = seen(record);
        expect(weight).toBeGreaterThanOrEqual(1);
        expect(weight).toBeLessThanOrEqual(100.001);
        if (answers.length === 0 || record.answers < 1e-9) return;
        expect(seen(record).ms).toBeGreaterThanOrEqual(Math.min(...answers) * 0.999);
        expect(seen(record).ms).toBeLessThanOrEqual(Math.max(...answers) * 1.001);
      }),
    );
  });
});
