import { describe, expect, it } from '@jest/globals';
import type { DocumentOptions } from './definition-options.js';
import { pinnedRun } from './pinned-run.js';

const HOUR_MS = 3_600_000;
const from = (brikk: DocumentOptions) => ({
  definition: { document: { dsl: '1.0.3', namespace: 'a', name: 'b', version: '1.0.0', metadata: { brikk } }, do: [] },
  hash: 'h',
});

describe('a run of a definition', () => {
  it('is as the definition says where its start says nothing', () => {
    const options = from({
      priority: 'high',
      deadline: 'PT1H',
      retention: 'P7D',
      budget: { calls: 3, wallClock: 'PT1M' },
      maxInFlight: 2,
    });
    expect(pinnedRun(options, { input: 1 })).toMatchObject({
      priority: 'high',
      deadlineMs: HOUR_MS,
      retentionMs: 168 * HOUR_MS,
      with: { budget: { calls: 3, wallClockMs: 60_000, onExceeded: 'stop' }, maxInFlight: 2, interpreter: 1 },
    });
    expect(pinnedRun(options, { input: 1, priority: 'low', deadlineMs: 5 })).toMatchObject({
      priority: 'low',
      deadlineMs: 5,
    });
    expect(pinnedRun(from({}), { input: 1 })).toMatchObject({ priority: 'normal', deadlineMs: 168 * HOUR_MS });
  });

  it.each([
    [{ deadline: '${ .x }' }, 'document.metadata.brikk.deadline'],
    [{ retention: 'soon' }, 'document.metadata.brikk.retention'],
    [{ budget: { calls: 0 } }, 'document.metadata.brikk.budget.calls'],
    [{ budget: {} }, 'document.metadata.brikk.budget'],
  ])('is refused with options that cannot be read: %j', (options, path) => {
    expect(() => pinnedRun(from(options), { input: 1 })).toThrow(
      expect.objectContaining({ code: 'workflow.invalid', violations: [expect.objectContaining({ path })] }),
    );
  });
});
