import { describe, expect, it } from '@jest/globals';
import { viewRun } from '../../../contracts/run-view.js';
import type { RunEvent } from '../../../contracts/events.js';
import type { Run } from '../../../contracts/runs.js';
import { runDetail, runStory, runsTable } from './run-output.js';

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
  error: null,
} as unknown as Run;

const story = (...events: [type: string, data: object][]) =>
  runStory(
    viewRun(
      'run-1',
      events.map(([type, data], index) => {
        const at = new Date(Date.parse(run.acceptedAt) + index * 1_000).toISOString();
        return { runId: 'run-1', position: index + 1, at, type, data } as unknown as RunEvent;
      }),
    ),
  );

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

describe('the story of a run', () => {
  it('tells of steps, calls and decisions, and why it ended', () => {
    const error = { code: 'agent.failed', message: 'no luck', retryable: false };
    const call = { path: '/a', instanceId: 'i', queueMs: 1, usage: {} };
    const text = story(
      ['run.accepted', { pattern: 'sequential' }],
      ['run.started', {}],
      ['step.started', { path: '/a', name: 'a' }],
      ['decision', { what: 'instance', rule: 'least expected latency', chosen: 'i-1', at: run.acceptedAt }],
      [
        'call.finished',
        { ...call, callKey: 'a/1', agent: 'x', status: 'completed', attempts: 2, execMs: 5, output: 'hi' },
      ],
      ['step.finished', { path: '/a', outcome: 'completed' }],
      ['step.skipped', { path: '/b', name: 'b', reason: 'when is false' }],
      ['call.finished', { ...call, callKey: 'c/1', agent: null, status: 'failed', attempts: 1, execMs: 5, error }],
      ['run.finished', { status: 'failed', terminationReason: 'agent_failed', error }],
    );
    expect(text.split('\n')).toEqual([
      'Run of pattern sequential, failed after 8.0 s, agent_failed.',
      '',
      'Steps',
      '  ✓ /a completed (3.0 s)',
      '  – /b skipped (when is false)',
      '',
      'Calls',
      '  ✓ a/1 by x in 5 ms, 2 attempts: hi',
      '  ✗ c/1 by nobody in 5 ms: no luck',
      '',
      'Decisions',
      '  · instance by least expected latency: i-1',
      '',
      'It ended with: no luck (agent.failed)',
    ]);
  });

  it('is short while nothing has happened', () => {
    expect(story(['run.accepted', { pattern: 'agent' }])).toBe('Run of pattern agent, accepted.');
  });
});
