import { describe, expect, it } from '@jest/globals';
import type { RunEvent } from '../../../contracts/events.js';
import { eventLine } from './event-line.js';

const at = '2026-01-02T03:04:05.678Z';
const line = (type: string, data: object) =>
  eventLine({ runId: 'run-1', position: 1, at, type, data } as unknown as RunEvent);
const error = { code: 'agent.failed', message: 'no luck', retryable: true };

describe('the line of an event', () => {
  it('starts with the time and the type', () => {
    expect(line('run.accepted', { pattern: 'agent' })).toBe('03:04:05.678  run.accepted          agent');
    expect(line('run.paused', {})).toBe('03:04:05.678  run.paused');
  });

  it.each([
    ['run.started', { resumed: true }, 'resumed'],
    ['run.signalled', { name: 'approve' }, 'approve'],
    ['run.finished', { status: 'failed', terminationReason: 'agent_failed', error }, 'failed (agent_failed): no luck'],
    ['step.started', { path: '/a' }, '/a'],
    ['step.finished', { path: '/a', outcome: 'completed' }, '/a completed'],
    ['step.compensated', { path: '/a', outcome: 'failed' }, '/a failed'],
    ['step.skipped', { path: '/a', reason: 'when is false' }, '/a: when is false'],
    ['call.started', { callKey: 'k', agent: 'triage', attempt: 2 }, 'k → triage (attempt 2)'],
    ['call.hedged', { callKey: 'k', agent: 'b', attempt: 2, afterMs: 90 }, 'k → b as well, no answer after 90 ms'],
    [
      'call.progress',
      { callKey: 'k', agent: 'b', attempt: 1, fraction: 0.426, message: 'reading', data: { page: 4 }, text: 'The' },
      'k: 43 %, reading, {"page":4}, The',
    ],
    ['call.retried', { callKey: 'k', agent: null, error }, 'k: no agent failed, no luck'],
    [
      'call.finished',
      { callKey: 'k', agent: 'b', status: 'completed', execMs: 5, attempts: 1 },
      'k ← b completed in 5 ms',
    ],
    [
      'call.finished',
      { callKey: 'k', agent: null, status: 'failed', execMs: 1_500, attempts: 3, error },
      'k ← nobody failed in 1.5 s after 3 attempts: no luck',
    ],
    ['decision', { what: 'winner', rule: 'first', chosen: { a: 1 } }, 'winner by first: {"a":1}'],
    ['decision', { what: 'winner', rule: 'first' }, 'winner by first'],
    [
      'budget.refused',
      { callKey: 'k', place: '/', limit: 'costUsd', estimate: 0.5, left: 0.2, agent: 'b' },
      'k was not made: it may take 0.5 costUsd, and / has 0.2 left',
    ],
    ['budget.raised', { path: '/a', limit: 'calls', by: 5 }, '/a: calls by 5'],
    ['budget.exceeded', { path: '/a', limit: 'calls', onExceeded: 'degrade' }, '/a: calls, degrade'],
    [
      'bulk.progress',
      { counts: { total: 9, accepted: 4, running: 2, completed: 3 } },
      '3 of 9 items: 2 running, 3 completed',
    ],
    ['approval.opened', { path: '/a', question: 'Pay?', approvalId: 'i' }, '/a: Pay? (i)'],
    [
      'approval.decided',
      { path: '/a', decision: 'reject', by: { name: 'ann' }, comment: 'no' },
      '/a: reject by ann: no',
    ],
    ['approval.expired', { path: '/a', outcome: 'approve' }, '/a: nobody decided in time: approve'],
    [
      'approval.expired',
      { path: '/a', outcome: 'escalate', assignees: ['a', 'b'] },
      '/a: nobody decided in time: escalate to a, b',
    ],
    ['payload.stored', { bytes: 9, ref: 'r' }, '9 bytes as r'],
  ])('tells of %s what matters: %j', (type, data, text) => {
    expect(line(type, data).slice(36)).toBe(text);
  });
});
