import { describe, expect, it } from '@jest/globals';
import type { FailedCall } from '../../../contracts/failed-calls.js';
import { failedCallsTable } from './failed-calls.js';

const call: FailedCall = {
  runId: 'run-1',
  pattern: 'sequential',
  workflow: null,
  runStatus: 'failed',
  key: 'a',
  path: '/steps/a',
  role: null,
  capability: 'sort',
  agent: null,
  agentId: null,
  attempts: 3,
  error: { code: 'agent.timeout', message: 'The agent was silent' },
  startedAt: '2026-11-23T08:00:00.000Z',
  failedAt: new Date().toISOString(),
  replay: { path: '/v1/runs/run-1/rerun', body: { calls: 'failed' } },
};

describe('failed calls on the terminal', () => {
  it('are a table, with what makes them again once for each run', () => {
    const text = failedCallsTable({ items: [call, { ...call, key: 'b' }], nextCursor: 'next' });
    expect(text).toMatch(/^run-1 +sequential +\/steps\/a +sort +– +3 +agent\.timeout +0 s ago$/m);
    expect(text).toMatch(
      /More with --cursor next\n\nAgain with:\n {2}brikk runs rerun run-1 --calls failed --reason "…"$/,
    );
  });

  it('are made again by their items where the run is one of many, and not before it has ended', () => {
    const replay = { path: '/v1/runs/run-1/rerun', body: { items: 'failed' as const } };
    expect(failedCallsTable({ items: [{ ...call, replay }], nextCursor: null })).toMatch('rerun run-1 --items failed');
    expect(failedCallsTable({ items: [{ ...call, replay: null }], nextCursor: null })).not.toMatch('rerun');
  });

  it('are nothing where none has failed', () => {
    expect(failedCallsTable({ items: [], nextCursor: null })).toBe('No call has failed for good.');
  });
});
