import { describe, expect, it } from '@jest/globals';
import type { RunEvent } from './events.js';
import { lifecycleEvents } from './lifecycle-events.js';

const run = { runId: 'r1', workflow: 'shop/order:1.2.0' };
const at = '2026-11-21T16:30:00.000Z';
const told = (type: RunEvent['type'], data: object = {}, key = '') =>
  lifecycleEvents(run, { id: 'r1:4', position: 4, at, type, data, key } as RunEvent & { key: string });
const typesOf = (...[type, data, key]: Parameters<typeof told>) => told(type, data, key).map((event) => event.type);

describe('lifecycle events', () => {
  it('say which run of which definition it is, when, and are the same however often they are made', () => {
    const [event] = told('run.started', { resumed: false });
    expect(event).toEqual({
      specversion: '1.0',
      id: 'r1:4:workflow.started',
      source: 'https://brikk.dev/runs/r1',
      type: 'io.serverlessworkflow.workflow.started.v1',
      time: at,
      data: {
        name: 'order-r1.shop',
        runId: 'r1',
        definition: { namespace: 'shop', name: 'order', version: '1.2.0' },
        startedAt: at,
      },
    });
    expect(told('step.finished', { path: '/do/0/pay', name: 'pay', outcome: 'completed' })).toMatchObject([
      { data: { workflow: 'order-r1.shop', task: '/do/0/pay', completedAt: at } },
    ]);
  });

  it.each([
    ['run.paused', {}, ['workflow.suspended']],
    ['run.resumed', {}, ['workflow.resumed']],
    ['run.finished', { status: 'partial' }, ['workflow.completed']],
    ['run.finished', { status: 'canceled' }, ['workflow.cancelled']],
    ['run.finished', { status: 'timed_out' }, ['workflow.faulted']],
    ['step.started', { path: '/do/0/a' }, ['task.created', 'task.started']],
    ['step.retried', { path: '/do/0/a', retry: 1 }, ['task.retried']],
    ['correlation.started', { path: '/do/0/a' }, ['workflow.correlation-started']],
    ['correlation.completed', { path: '/do/0/a', keys: {} }, ['workflow.correlation-completed']],
    ['step.finished', { path: '/do/0/a', outcome: 'failed' }, ['task.faulted']],
    ['step.finished', { path: '/do/0/a', outcome: 'canceled' }, ['task.cancelled']],
    ['decision', {}, []],
  ] as const)('of %s with %j are %j', (type, data, types) => {
    expect(typesOf(type, data)).toEqual(types.map((name) => `io.serverlessworkflow.${name}.v1`));
  });

  it('say why a task and a run failed, also when that was no error', () => {
    const error = { type: 'https://example.com/errors/empty', status: 422, title: 'Empty', instance: '/do/0/a' };
    expect(told('step.finished', { path: '/do/0/a', outcome: 'failed', error })).toMatchObject([
      { data: { task: '/do/0/a', faultedAt: at, error } },
    ]);
    const endedBy = (data: object) => (told('run.finished', data)[0]!.data as { error: unknown }).error;
    expect(
      endedBy({ status: 'failed', terminationReason: 'fault', error: { code: 'workflow.raised', ...error } }),
    ).toEqual({ code: 'workflow.raised', ...error });
    expect(endedBy({ status: 'timed_out', terminationReason: 'deadline' })).toEqual({
      type: 'https://open-workflow-specification.org/spec/1.0.0/errors/timeout',
      status: 408,
      title: 'The time is over',
    });
    expect(endedBy({ status: 'rejected', terminationReason: 'rejected' })).toMatchObject({
      type: 'https://brikk.dev/errors/rejected',
      status: 500,
    });
  });

  it('say what a run gave, when it completed', () => {
    const dataOf = (status: string) =>
      lifecycleEvents({ ...run, output: { ok: 1 } }, {
        id: 'r1:4',
        position: 4,
        at,
        type: 'run.finished',
        data: { status },
        key: '',
      } as unknown as RunEvent & { key: string })[0]?.data;
    expect(dataOf('completed')).toMatchObject({ output: { ok: 1 } });
    expect(dataOf('canceled')).not.toHaveProperty('output');
  });

  it('tell of each task that a pause holds, and that goes on after it', () => {
    const tasks = ['/do/0/a', '/do/0/a/do/1/b'];
    const of = (type: 'run.paused' | 'run.resumed') =>
      lifecycleEvents({ ...run, tasks }, { id: 'r1:4', position: 4, at, type, data: {}, key: '' });
    expect(
      of('run.paused').map(({ id, type, data }) => [id, type.slice(22), (data as { task?: string }).task]),
    ).toEqual([
      ['r1:4:workflow.suspended', 'workflow.suspended.v1', undefined],
      ['r1:4:task.suspended:1', 'task.suspended.v1', '/do/0/a'],
      ['r1:4:task.suspended:2', 'task.suspended.v1', '/do/0/a/do/1/b'],
    ]);
    expect(of('run.resumed').map(({ data }) => data)).toMatchObject([{}, { resumedAt: at }, { resumedAt: at }]);
    const keys = { order: 7 };
    expect(told('correlation.completed', { path: '/do/0/a', keys })).toMatchObject([
      { data: { name: 'order-r1.shop', task: '/do/0/a', completedAt: at, correlationKeys: keys } },
    ]);
  });

  it('do not take the end of a wait for the end of a pause', () => {
    expect(typesOf('run.resumed', {}, 'wait/1/over')).toEqual([]);
  });
});
