import { unpackCalls } from '../../activities/unpack-calls.js';
import { afterAll, beforeAll, describe, expect, it, jest } from '@jest/globals';
import { ApplicationFailure } from '@temporalio/common';
import type { Json } from '../../contracts/json.js';
import { scriptedActivities } from '../../test/support/scripted-activities.js';
import { ScriptedAgents, type Script } from '../../test/support/scripted-agents.js';
import { startRun, type RunOptions } from '../../test/support/start-run.js';
import { startWorker, type TemporalWorker } from '../../test/support/temporal.js';
import { until } from '../../test/support/until.js';

jest.setTimeout(60_000);

let worker: TemporalWorker;
let agents: ScriptedAgents;
beforeAll(async () => {
  worker = await startWorker({ activities: scriptedActivities(() => agents) });
});
afterAll(() => worker.stop());

async function runSequential(script: Script, params: Json, input: Json = null, options: RunOptions = {}) {
  agents = new ScriptedAgents(script);
  const handle = await startRun(worker, 'sequential', params, input, options);
  return { status: await handle.result(), handle, agents, end: agents.end };
}

const addLetter: Script = (call, input) => ({ output: `${input as string}${call.key.slice(-1)}` });
const steps = (...names: string[]) => names.map((name) => ({ name, capability: 'letters' }));
const undoable = (...names: string[]) =>
  names.map((name) => ({ name, capability: 'letters', compensate: { capability: 'undo' } }));

describe('sequential', () => {
  it('gives each step the output of the one before, in one activity and one local activity', async () => {
    const { status, end, handle } = await runSequential(addLetter, { steps: steps('a', 'b', 'c') }, '>');
    expect(status).toBe('completed');
    expect(end).toMatchObject({ json: '>abc', terminationReason: 'done', warnings: [] });
    const events = (await handle.fetchHistory()).events ?? [];
    const count = (name: string) => events.filter((event) => name in event && event[name as keyof typeof event]).length;
    expect(count('activityTaskScheduledEventAttributes')).toBe(1);
    expect(count('markerRecordedEventAttributes')).toBe(1);
    expect(count('timerStartedEventAttributes')).toBe(0);
    expect(count('workflowTaskCompletedEventAttributes')).toBe(2);
  });

  it('tells each step in events, written as the next one begins', async () => {
    const { agents: asked } = await runSequential(addLetter, { steps: steps('a', 'b') }, '>');
    expect(asked.events.map(({ key }) => key)).toEqual([
      'run/started',
      'step/steps/a/started',
      'step/steps/a/finished',
      'step/steps/b/started',
      'step/steps/b/finished',
    ]);
    expect(asked.keys).toEqual(['steps/a', 'steps/b']);
  });

  it('chains all outputs by name and evaluates inputs', async () => {
    const [a, b] = steps('a', 'b');
    const params = { chain: 'full', steps: [a, { ...b, input: 'Got ${ .a } of ${ $input.x }' }] };
    const { end } = await runSequential(addLetter, params as Json, { x: 1 });
    expect(end?.json).toEqual({ a: '[object Object]a', b: 'Got [object Object]a of 1b' });
  });

  it('skips a step whose skipIf holds and ends at exitIf', async () => {
    const [a, b, c, d] = steps('a', 'b', 'c', 'd');
    const params = { steps: [a, { ...b, skipIf: '. == ">a"' }, { ...c, exitIf: '${ endswith("c") }' }, d] };
    const { status, end, agents: asked } = await runSequential(addLetter, params as Json, '>');
    expect([status, end?.terminationReason, end?.json]).toEqual(['completed', 'exit_if', '>ac']);
    expect(asked.keys).toEqual(['steps/a', 'steps/c']);
    expect(asked.events.some(({ type }) => type === 'step.skipped')).toBe(true);
  });

  it('takes a condition that gives null for one that does not hold', async () => {
    const [a, b] = steps('a', 'b');
    const params = {
      steps: [
        { ...a, exitIf: 'null' },
        { ...b, skipIf: 'null' },
      ],
    };
    const { end, agents: asked } = await runSequential(addLetter, params as Json, '>');
    expect([end?.terminationReason, asked.keys]).toEqual(['done', ['steps/a', 'steps/b']]);
  });

  const breaksAtB: Script = (call, input) =>
    call.key === 'steps/b' ? { fail: 'agent.permanent' } : { output: `${input as string}${call.key.slice(-1)}` };

  it('fails with the best so far at a failed step', async () => {
    const { status, end } = await runSequential(breaksAtB, { steps: steps('a', 'b', 'c') }, '>');
    expect(status).toBe('failed');
    expect(end).toMatchObject({ terminationReason: 'agent_failed', json: '>a' });
    expect(end?.error).toMatchObject({ code: 'agent.permanent', path: '/steps/b' });
  });

  it('leaves a failed step out and says so under continue', async () => {
    const { status, end } = await runSequential(breaksAtB, { steps: steps('a', 'b', 'c'), onFailure: 'continue' }, '>');
    expect([status, end?.json]).toEqual(['partial', '>ac']);
    expect(end?.warnings).toEqual(['step b failed: steps/b failed']);
  });

  it('undoes completed steps in reverse order and reports an undo that fails', async () => {
    const script: Script = (call, input) => {
      if (call.key === 'steps/c' || call.key === 'compensate/a') return { fail: 'agent.permanent' };
      return { output: `${input as string}${call.key.slice(-1)}` };
    };
    const {
      status,
      end,
      agents: asked,
    } = await runSequential(script, { steps: undoable('a', 'b', 'c'), onFailure: 'compensate' }, '>');
    expect(status).toBe('failed');
    expect(asked.keys.slice(3)).toEqual(['compensate/b', 'compensate/a']);
    expect(end?.warnings.at(-1)).toContain('step a could not be undone');
    const undone = asked.events.filter(({ type }) => type === 'step.compensated');
    expect(undone.map(({ data }) => data)).toEqual([
      { path: '/steps/b', name: 'b', outcome: 'completed' },
      { path: '/steps/a', name: 'a', outcome: 'failed' },
    ]);
  });

  it('undoes after a cancel, and ends canceled with what it had', async () => {
    agents = new ScriptedAgents((call) => ({ output: call.key, afterMs: call.key === 'steps/b' ? 20_000 : 0 }));
    const handle = await startRun(worker, 'sequential', { steps: undoable('a', 'b'), onFailure: 'compensate' });
    await until(() => agents.keys.includes('steps/b'));
    await handle.cancel();
    expect(await handle.result()).toBe('canceled');
    expect(agents.keys).toEqual(['steps/a', 'steps/b', 'compensate/a']);
    expect(agents.end).toMatchObject({ status: 'canceled', terminationReason: 'canceled', json: 'steps/a' });
    await until(() => agents.canceled.includes('steps/b'));
  });

  it('ends timed_out with the best so far when the deadline passes, and still undoes', async () => {
    const slow: Script = (call) => ({ output: call.key, afterMs: call.key === 'steps/b' ? 20_000 : 0 });
    const params = { steps: undoable('a', 'b'), onFailure: 'compensate' };
    const { status, end, agents: asked } = await runSequential(slow, params, null, { deadlineMs: 800 });
    expect([status, end?.terminationReason, end?.json]).toEqual(['timed_out', 'deadline', 'steps/a']);
    expect(asked.keys.at(-1)).toBe('compensate/a');
  });

  it('asks again after a deferred answer', async () => {
    const {
      status,
      end,
      agents: asked,
    } = await runSequential((_, __, count) => (count === 1 ? { deferMs: 30 } : { output: 'later' }), {
      steps: steps('a'),
    });
    expect([status, end?.json, asked.keys]).toEqual(['completed', 'later', ['steps/a', 'steps/a']]);
  });

  it('makes the input of each step from the output before it, in the same activity', async () => {
    const [a, b, c] = steps('a', 'b', 'c');
    const params = { steps: [a, { ...b, input: { text: '${ . } of ${ $input }' } }, { ...c, input: 'known' }] };
    const { end, agents: asked } = await runSequential((_, input) => ({ output: input }), params as Json, '>');
    expect(end?.json).toBe('known');
    expect(asked.batches).toHaveLength(1);
    const { end: texts } = await runSequential(
      (_, input) => ({ output: input }),
      { steps: params.steps.slice(0, 2) } as Json,
      '>',
    );
    expect(texts?.json).toEqual({ text: '> of >' });
  });

  it('waits for the free agent of a later step outside of an activity, and repeats no step before it', async () => {
    const script: Script = (call, input, asked) =>
      call.key === 'steps/b' && asked <= 2 ? { deferMs: 30 } : addLetter(call, input, asked);
    const { end, agents: asked } = await runSequential(script, { steps: steps('a', 'b', 'c') }, '>');
    expect([end?.json, asked.keys]).toEqual(['>abc', ['steps/a', 'steps/b', 'steps/b', 'steps/b', 'steps/c']]);
  });

  it('knows from the journal what was done before an activity broke', async () => {
    const script: Script = (call, input, asked) => {
      if (call.key === 'steps/b' && asked === 1) throw ApplicationFailure.nonRetryable('broken', 'internal');
      return addLetter(call, input, asked);
    };
    const { end, agents: asked } = await runSequential(script, { steps: steps('a', 'b', 'c') }, '>');
    expect([end?.json, asked.keys]).toEqual(['>abc', ['steps/a', 'steps/b', 'steps/b', 'steps/c']]);
  });

  it('holds new calls while paused and goes on when resumed', async () => {
    let finishFirst = () => undefined as void;
    const first = new Promise<void>((resolve) => (finishFirst = resolve));
    agents = new ScriptedAgents(async (call) => {
      if (call.key === 'steps/a') await first;
      return { output: call.key };
    });
    const handle = await startRun(worker, 'sequential', { steps: steps('a', 'b') });
    await until(() => agents.keys.length === 1);
    agents.isHeld = true;
    await handle.signal('pause');
    finishFirst();
    await until(() => agents.events.some(({ key }) => key === 'pause/1'));
    expect(agents.keys).toEqual(['steps/a']);
    agents.isHeld = false;
    await handle.signal('resume');
    expect(await handle.result()).toBe('completed');
    expect(agents.events.map(({ type }) => type).filter((type) => type.startsWith('run.'))).toEqual([
      'run.started',
      'run.paused',
      'run.resumed',
    ]);
  });

  it('ends timed_out also when the call notices the deadline before the engine does', async () => {
    const deadlineMs = 700;
    const endsAt = Date.now() + deadlineMs;
    const overdue: Script = () => ({ fail: 'agent.timeout', afterMs: endsAt - Date.now() + 20 });
    const { status, end } = await runSequential(overdue, { steps: steps('a', 'b') }, null, { deadlineMs });
    expect([status, end?.terminationReason]).toEqual(['timed_out', 'deadline']);
  });

  it('ends a paused run at its deadline', async () => {
    agents = new ScriptedAgents(() => ({ deferMs: 50 }));
    const handle = await startRun(worker, 'sequential', { steps: steps('a') }, null, { deadlineMs: 700 });
    await handle.signal('pause');
    expect(await handle.result()).toBe('timed_out');
  });

  it('names the place of an expression that fails, after undoing', async () => {
    const [a] = undoable('a');
    const params = { onFailure: 'compensate', steps: [a, { name: 'b', capability: 'x', input: '${ .a.b }' }] };
    const { status, end, agents: asked } = await runSequential(addLetter, params as Json, '>');
    expect([status, end?.terminationReason]).toEqual(['failed', 'invalid_expression']);
    expect(end?.error).toMatchObject({ code: 'expression.failed', path: '/steps/b' });
    expect(asked.keys).toEqual(['steps/a', 'compensate/a']);
  });

  it('fails with invalid_output when the output breaks outputSchema', async () => {
    const params = { steps: steps('a'), outputSchema: { type: 'number' } };
    const { status, end } = await runSequential(addLetter, params, '>');
    expect([status, end?.terminationReason, end?.json]).toEqual(['failed', 'invalid_output', '>a']);
  });

  it('runs patterns as steps, with their options inherited', async () => {
    const inner = { pattern: 'concurrent', with: { branches: [{ capability: 'x' }, { capability: 'y' }] } };
    const params = { idempotent: true, steps: [{ name: 'fan', ...inner }, ...steps('z')] };
    const { status, end, agents: asked } = await runSequential((call) => ({ output: call.key }), params as Json);
    expect([status, end?.json]).toEqual(['completed', 'steps/z']);
    expect(asked.keys).toEqual(['steps/fan/branches/0', 'steps/fan/branches/1', 'steps/z']);
    expect(asked.batches.map((batch) => unpackCalls(batch).map(({ idempotent }) => idempotent))).toEqual([
      [true, true],
      [true],
    ]);
  });

  it('carries a large value as a reference and evaluates over it', async () => {
    const big = 'x'.repeat(40_000);
    const [a, b] = steps('a', 'b');
    const params = { steps: [a, { ...b, input: '${ length }' }] };
    const { end } = await runSequential(
      (call, input) => ({ output: call.key === 'steps/a' ? big : input }),
      params as Json,
    );
    expect(end?.json).toBe(40_000);
  });
});
