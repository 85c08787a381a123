import { describe, expect, it } from '@jest/globals';
import type { Schedule } from '../../../contracts/schedules.js';
import { nameOf, schedulesTable } from './schedules.js';

const schedule: Schedule = {
  namespace: 'a',
  name: 'b',
  version: '1.0.0',
  kind: 'cron',
  cron: '0 6 * * *',
  periodMs: null,
  state: 'active',
  nextDueAt: '2026-11-23T06:00:00.000Z',
  lastRunId: null,
  lastDueAt: null,
  fires: 4,
  skipped: 1,
  missed: 0,
};

describe('brikk schedules', () => {
  it('shows when each workflow begins by itself', () => {
    expect(schedulesTable([schedule])).toMatch(
      /a\/b +1\.0\.0 +cron 0 6 \* \* \* +active +2026-11-23T06:00:00\.000Z +4 +1 +0/,
    );
    const after: Schedule = { ...schedule, kind: 'after', cron: null, periodMs: 90_000, nextDueAt: null };
    expect(schedulesTable([after])).toMatch(/after 90 s/);
    expect(schedulesTable([])).toMatch(/schedule\.every/);
  });

  it('takes the name of a workflow without a version', () => {
    expect(nameOf('a/b')).toEqual(['a', 'b']);
    expect(() => nameOf('a/b:1.0.0')).toThrow(/namespace\/name/);
  });
});
