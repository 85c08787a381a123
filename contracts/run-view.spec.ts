import { describe, expect, it } from '@jest/globals';
import type { RunEvent } from './events.js';
import { reduceRunView, viewRun } from './run-view.js';

const who = { agent: 'triage', agentId: 'a', instanceId: 'i' };
const error = { code: 'agent.transient', message: 'busy', retryable: true };
const events = (
  [
    ['run.accepted', { pattern: 'sequential' }],
    ['run.started', { resumed: false }],
    ['step.started', { path: '/steps/a', name: 'a' }],
    ['call.started', { callKey: 'a', ...who, attempt: 1 }],
    ['call.retried', { callKey: 'a', ...who, attempt: 1, error }],
    [
      'call.finished',
      { callKey: 'a', ...who, status: 'completed', attempts: 2, usage: {}, queueMs: 1, execMs: 2, output: 7 },
    ],
    ['step.finished', { path: '/steps/a', name: 'a', outcome: 'completed' }],
    ['step.skipped', { path: '/steps/b', name: 'b', reason: 'skip_if' }],
    ['run.paused', {}],
    ['run.resumed', {}],
    ['step.compensated', { path: '/steps/a', name: 'a', outcome: 'completed' }],
    ['decision', { what: 'route', rule: 'least-busy' }],
    ['run.finished', { status: 'failed', terminationReason: 'agent_failed' }],
  ] as const
).map(([type, data], index) => ({
  id: `r:${index + 1}`,
  position: index + 1,
  at: `t${index}`,
  type,
  data,
})) as unknown as RunEvent[];

describe('the view of a run', () => {
  const view = viewRun('r', events);
  it('tells how the run ended', () => {
    expect(view).toMatchObject({ status: 'failed', terminationReason: 'agent_failed', pattern: 'sequential' });
  });
  it('tells the outcome of each step, its undoing too', () => {
    expect(view.steps).toMatchObject([
      { name: 'a', outcome: 'completed', undone: 'completed' },
      { name: 'b', outcome: 'skipped', reason: 'skip_if' },
    ]);
  });
  it('keeps one entry for a call over its attempts', () => {
    expect(view.calls).toMatchObject([{ status: 'completed', attempts: 2, output: 7, retries: [{ error }] }]);
  });
  it('keeps what an agent said last of a call that goes on, and nothing of it once it has ended', () => {
    const progress = (position: number, said: object) =>
      ({ position, at: 't', type: 'call.progress', data: { callKey: 'a', ...who, attempt: 1, ...said } }) as RunEvent;
    const said = [progress(1, { fraction: 0.1, message: 'reading' }), progress(2, { fraction: 0.5, text: 'The' })];
    const going = viewRun('r', said);
    expect(going.calls).toMatchObject([{ status: 'running', agent: 'triage', attempts: 1 }]);
    expect(going.calls[0]?.progress).toEqual({ fraction: 0.5, message: 'reading' });
    const ended = reduceRunView(going, { ...events[5]!, position: 3 });
    expect(ended.calls).toMatchObject([{ status: 'completed', progress: undefined }]);
  });
  it('keeps the latest counts of a bulk run', () => {
    const progress = (position: number, completed: number) =>
      ({ position, at: 't', type: 'bulk.progress', data: { shard: 0, counts: { total: 3, completed } } }) as RunEvent;
    expect(viewRun('r', [progress(1, 1), progress(2, 3)]).items).toEqual({ total: 3, completed: 3 });
  });
  it('ignores an event it has seen', () => {
    expect(reduceRunView(view, events[3] as RunEvent)).toBe(view);
  });
  it('does not change the view it was given', () => {
    const before = viewRun('r', events.slice(0, 3));
    reduceRunView(before, events[3] as RunEvent);
    expect(before.calls).toEqual([]);
  });
});

describe('the view of a run that asks persons', () => {
  const opened = { kind: 'before', question: 'Pay?', assignees: ['ann'], dueAt: 't9' };
  const story = (...told: [string, object][]) =>
    viewRun(
      'r',
      told.map(([type, data], index) => ({
        id: `r:${index + 1}`,
        position: index + 1,
        at: `t${index}`,
        type,
        data,
      })) as unknown as RunEvent[],
    );
  const asked = (id: string): [string, object] => ['approval.opened', { approvalId: id, path: `/${id}`, ...opened }];

  it('tells who decided what, what nobody decided, and what is open', () => {
    const by = { id: 'k', name: 'ann' };
    const { approvals } = story(
      asked('a'),
      asked('b'),
      asked('c'),
      ['approval.decided', { approvalId: 'a', path: '/a', decision: 'answer', by, comment: 'less' }],
      ['approval.expired', { approvalId: 'b', path: '/b', outcome: 'reject' }],
      [
        'approval.expired',
        { approvalId: 'c', path: '/c', outcome: 'escalate', assignees: ['ann', 'bob'], dueAt: 't20' },
      ],
    );
    expect(approvals).toMatchObject([
      { id: 'a', status: 'answered', decidedBy: 'ann', comment: 'less', openedAt: 't0', closedAt: 't3' },
      { id: 'b', status: 'expired', outcome: 'reject', closedAt: 't4' },
      { id: 'c', status: 'pending', assignees: ['ann', 'bob'], dueAt: 't20', closedAt: null },
    ]);
  });

  it('tells that the run waits, and goes on', () => {
    expect(story(['run.started', {}], asked('a'), ['run.waiting', {}]).status).toBe('waiting');
    expect(story(['run.started', {}], ['run.waiting', {}], ['run.resumed', {}]).status).toBe('running');
  });
});
