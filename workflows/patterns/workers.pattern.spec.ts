import { afterAll, beforeAll, describe, expect, it, jest } from '@jest/globals';
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

const BASE = { items: '${ . }', worker: { capability: 'echo' } };
const numbers = (count: number) => Array.from({ length: count }, (_, index) => index);
const double: Script = (_, input) => ({ output: Number(input) * 2 });
const work = () =>
  agents.events.flatMap(({ type, data }) =>
    type === 'decision' && data.what === 'work' ? [data.scores as Record<string, Json>] : [],
  )[0]!;

async function runWorkers(script: Script, params: object, input: Json = null, options: RunOptions = {}) {
  agents = new ScriptedAgents(script);
  const handle = await startRun(worker, 'workers', { ...BASE, ...params } as Json, input, options);
  const status = await handle.result();
  return { status, output: agents.end?.json, reason: agents.end?.terminationReason, warnings: agents.end?.warnings };
}

describe('workers', () => {
  it('do 1,000 items exactly and in order', async () => {
    const end = await runWorkers(double, {}, numbers(1_000));
    expect(end).toEqual({
      status: 'completed',
      output: numbers(1_000).map((n) => n * 2),
      reason: 'done',
      warnings: [],
    });
    expect(agents.keys).toHaveLength(1_000);
    expect(work()).toMatchObject({ total: 1_000, completed: 1_000, reassigned: 0, deadLetterCount: 0 });
  });

  it('do nothing without items', async () => {
    expect(await runWorkers(double, {}, [])).toMatchObject({ status: 'completed', output: [] });
  });

  it('do what a planner says, and refuse a plan that is no list', async () => {
    const script: Script = (call, input) =>
      call.kind === 'plan' ? { output: ['a', 'b'] } : { output: `${JSON.stringify(input)}!` };
    const params = { items: undefined, plan: { capability: 'split' } };
    expect(await runWorkers(script, params, 'ab')).toMatchObject({ status: 'completed', output: ['"a"!', '"b"!'] });
    expect(agents.keys[0]).toBe('plan');
    const wrong = await runWorkers(() => ({ output: 'no list' }), params, 'ab');
    expect(wrong).toMatchObject({ status: 'failed', reason: 'invalid_output' });
    const none = await runWorkers(() => ({ fail: 'agent.unavailable' }), params, 'ab');
    expect(none).toMatchObject({ status: 'failed', reason: 'no_candidate' });
  });

  it('are never more than maxConcurrency at once', async () => {
    let busy = 0;
    let most = 0;
    const script: Script = async (_, input) => {
      most = Math.max(most, (busy += 1));
      await new Promise((resolve) => setTimeout(resolve, 20));
      busy -= 1;
      return { output: input };
    };
    await runWorkers(script, { maxConcurrency: 3 }, numbers(12));
    expect(most).toBe(3);
    expect(work()).toMatchObject({ total: 12, completed: 12 });
  });

  it('keep the order of a key, and none of another one', async () => {
    const order: string[] = [];
    const busy = new Set<string>();
    const script: Script = async (_, input) => {
      const { key, n } = input as { key: string; n: number };
      expect(busy.has(key)).toBe(false);
      busy.add(key);
      await new Promise((resolve) => setTimeout(resolve, key === 'slow' ? 40 : 5));
      busy.delete(key);
      order.push(`${key}${n}`);
      return n === 1 && key === 'slow' ? { fail: 'agent.permanent' } : { output: n };
    };
    const items = numbers(8).map((n) => ({ key: n % 2 ? 'slow' : 'fast', n }));
    const end = await runWorkers(script, { partitionKey: '.key', maxAttemptsPerItem: 2 }, items);
    expect(end).toMatchObject({ status: 'partial', output: [0, null, 2, 3, 4, 5, 6, 7] });
    const of = (key: string) => order.filter((entry) => entry.startsWith(key));
    expect(of('slow')).toEqual(['slow1', 'slow1', 'slow3', 'slow5', 'slow7']);
    expect(of('fast')).toEqual(['fast0', 'fast2', 'fast4', 'fast6']);
  });

  it('give an item that failed out again, under a key of its own', async () => {
    const script: Script = (call, input) => (call.key === 'items/1' ? { fail: 'agent.permanent' } : { output: input });
    const end = await runWorkers(script, { maxAttemptsPerItem: 3 }, ['a', 'b']);
    expect(end).toMatchObject({ status: 'completed', output: ['a', 'b'] });
    expect(agents.keys).toContain('items/1/attempts/2');
    expect(work()).toMatchObject({ reassigned: 1, items: [{ item: 'items/1', attempts: 2 }, { item: 'items/0' }] });
  });

  it('of a group share the items, keep keys, and take over what another member failed at', async () => {
    const script: Script = ({ target }, input) =>
      target.agent === 'bad' && input === 3 ? { fail: 'agent.permanent' } : { output: target.agent ?? null };
    const params = { group: ['bad', 'good'], maxAttemptsPerItem: 2 };
    const end = await runWorkers(script, { ...params, partitionKey: '. % 2' }, [0, 1, 2, 3, 4]);
    expect(end).toMatchObject({ status: 'completed' });
    const owners = end.output as string[];
    expect(owners[0]).toBe(owners[2]);
    expect(owners[0]).toBe(owners[4]);
    expect(owners[3]).toBe('good');
    expect(await runWorkers(script, params, [3])).toMatchObject({ status: 'completed', output: ['good'] });
    expect(work()).toMatchObject({ reassigned: 1, items: [{ item: 'items/0', attempts: 2, member: 'good' }] });
  });

  it('leave a gap for a dead letter and report it, or end with the first one', async () => {
    const script: Script = (call, input) =>
      call.key.startsWith('items/1') ? { fail: 'agent.permanent' } : { output: input };
    const reported = await runWorkers(script, { maxAttemptsPerItem: 2 }, ['a', 'b', 'c']);
    expect(reported).toMatchObject({ status: 'partial', output: ['a', null, 'c'], reason: 'agent_failed' });
    expect(reported.warnings).toEqual(['items/1 failed 2 times: items/1/attempts/2 failed']);
    expect(work()).toMatchObject({ deadLetters: ['items/1'], completed: 2 });

    const ended = await runWorkers(script, { deadLetter: 'fail', maxConcurrency: 1 }, ['a', 'b', 'c']);
    expect(ended).toMatchObject({ status: 'failed', output: ['a', null, null], reason: 'agent_failed' });
    expect(agents.keys).not.toContain('items/2');
  });

  it('fail when every item does', async () => {
    const end = await runWorkers(() => ({ fail: 'agent.permanent' }), {}, ['a', 'b']);
    expect(end).toMatchObject({ status: 'failed', output: [null, null], reason: 'agent_failed' });
  });

  it('add tasks of their own up to the cap', async () => {
    const script: Script = (_, input) => ({
      output: { n: input, more: Number(input) > 0 ? [Number(input) - 1] : null },
    });
    const addTasks = { expand: '.more', max: 5 };
    const end = await runWorkers(script, { addTasks, synthesize: { expr: 'map(.n)' } }, [3]);
    expect(end).toMatchObject({ status: 'completed', output: [3, 2, 1, 0] });
    const capped = await runWorkers(script, { addTasks, synthesize: { expr: 'map(.n)' } }, [9]);
    expect(capped).toMatchObject({ status: 'partial', output: [9, 8, 7, 6, 5, 4], reason: 'max_tasks' });
    expect(capped.warnings).toEqual(['1 further tasks of workers were over the cap']);
  });

  it('go on when the further tasks of an output cannot be read', async () => {
    const end = await runWorkers((_, input) => ({ output: input }), { addTasks: { expand: '.more', max: 5 } }, [
      'text',
    ]);
    expect(end).toMatchObject({ status: 'completed', output: ['text'] });
    expect(end.warnings).toEqual(['items/0: its further tasks could not be read']);
  });

  it('have their outputs put together by an agent or an aggregator', async () => {
    const script: Script = (call, input) => (call.role === 'reducer' ? { output: { all: input } } : { output: input });
    expect(await runWorkers(script, { synthesize: { capability: 'sum' } }, [1, 2])).toMatchObject({
      output: { all: [1, 2] },
    });
    expect(await runWorkers(script, { synthesize: { numeric: 'mean' } }, [1, 2])).toMatchObject({ output: 1.5 });
  });

  it('may run a pattern for each item', async () => {
    const steps = [
      { name: 'one', capability: 'x' },
      { name: 'two', capability: 'y', input: '${ [., $item, $index] }' },
    ];
    const end = await runWorkers(
      (_, input) => ({ output: input }),
      { worker: { pattern: 'sequential', with: { steps } } },
      [7],
    );
    expect(end).toMatchObject({ status: 'completed', output: [[7, 7, 0]] });
  });

  it('keep what is done when the deadline passes or the run is canceled', async () => {
    const hanging: Script = (call, input) =>
      call.key === 'items/1' ? { output: 'late', afterMs: 20_000 } : { output: input };
    const late = await runWorkers(hanging, { maxConcurrency: 2 }, ['a', 'b', 'c'], { deadlineMs: 6_000 });
    expect(late).toMatchObject({ status: 'timed_out', output: ['a', null, 'c'] });

    agents = new ScriptedAgents(hanging);
    const handle = await startRun(worker, 'workers', { ...BASE, maxConcurrency: 2 }, ['a', 'b', 'c']);
    await until(() => agents.keys.length === 3);
    await handle.cancel();
    expect(await handle.result()).toBe('canceled');
    expect(agents.end?.json).toEqual(['a', null, 'c']);
  });
});
