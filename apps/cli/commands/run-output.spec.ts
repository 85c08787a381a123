import { describe, expect, it } from '@jest/globals';
import type { Run } from '../../../contracts/runs.js';
import { runDetail, runsTable } from './run-output.js';

const run = {
  id: 'run-1',
  pattern: 'agent',
  status: 'completed',
  terminationReason: 'done',
  labels: { team: 'ops', day: 'mo' },
  acceptedAt: '2026-01-01T00:00:00.000Z',
  startedAt: '2026-01-01T00:00:00.100Z',
  finishedAt: '2026-01-01T00:00:02.000Z',
  output: { severity: 'high' },
  usage: { calls: 3 },
  contributions: [],
  warnings: [],
  feedback: [],
  error: null,
} as unknown as Run;

describe('runs on the terminal', () => {
  it('are a table with a way to more of them', () => {
    const text = runsTable({ items: [run], nextCursor: 'abc' });
    expect(text).toMatch(/^run-1 {2}agent {4}completed {2}2\.0 s {2}\S+ +team=ops day=mo$/m);
    expect(text).toMatch(/\n\nMore with --cursor abc$/);
  });

  it('are a hint when there are none', () => {
    expect(runsTable({ items: [], nextCursor: null })).toMatch(/^No runs yet\. Start one with/);
  });

  it('show what they came to', () => {
    expect(runDetail(run)).toMatch(
      /^status {4}completed \(done\)$[^]*^calls {5}3$[^]*\n\n\{\n {2}"severity": "high"\n\}$/m,
    );
  });

  it('say when somebody or something stood in', () => {
    expect(runDetail({ ...run, degraded: true })).toMatch(/^status {4}completed \(done\), degraded$/m);
  });

  it('show what of their budget is used, and what calls under way hold', () => {
    const budget = {
      limits: { costUsd: 1, rounds: 3, onExceeded: 'stop' as const },
      used: { costUsd: 0.3 },
      reserved: { costUsd: 0.1 },
      left: { costUsd: 0.6 },
    };
    expect(runDetail({ ...run, budget })).toMatch(/^budget {4}costUsd 0\.3 of 1 \(0\.1 held\), rounds at most 3$/m);
  });

  it('show error and warnings of one that failed, and no output of one that has not ended', () => {
    const error = { code: 'agent.failed', message: 'nobody answered' };
    const failed = runDetail({ ...run, status: 'failed', error, warnings: ['late'], labels: {} });
    expect(failed).toMatch(/^error {5}nobody answered \(agent\.failed\)$/m);
    expect(failed).toMatch(/^warning {3}late$/m);
    expect(failed).toMatch(/^labels {4}–$/m);
    const open = runDetail({ ...run, status: 'running', terminationReason: null, finishedAt: null, output: null });
    expect(open).toMatch(/^took {6}–$/m);
    expect(open).not.toMatch(/null/);
  });
});
