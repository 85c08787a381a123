import { afterAll, beforeAll, describe, expect, it, jest } from '@jest/globals';
import type { Json } from '../../contracts/json.js';
import { unpackCalls } from '../../activities/unpack-calls.js';
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

const x = (id: string, ...dependsOn: string[]) => ({ id, capability: 'x', dependsOn });
/** What goes out together may begin in any order. */
const inOrder = <Call extends { key: string }>(calls: Call[]): Call[] =>
  calls.toSorted((one, other) => (one.key < other.key ? -1 : 1));
const idOf = (key: string) => key.split('/').at(-1) as string;

/** A planner with these plans, one after another, and workers. */
function house(plans: Json[], work: Script): Script & { inputs: Json[] } {
  const inputs: Json[] = [];
  const script: Script = (call, input, asked) => {
    if (call.role !== 'planner') return work(call, input, asked);
    inputs.push(input);
    return { output: plans[inputs.length - 1] ?? null };
  };
  return Object.assign(script, { inputs });
}
const doIt: Script = ({ key }) => ({ output: `did ${idOf(key)}` });
const failing =
  (...keys: string[]): Script =>
  (call, input, asked) =>
    keys.some((key) => call.key.endsWith(key)) ? { fail: 'agent.permanent' } : doIt(call, input, asked);

async function run(script: Script, more: object = {}, options: RunOptions = {}) {
  agents = new ScriptedAgents(script);
  const params = { goal: 'g', planner: { capability: 'planner' }, allow: ['x', 'y'], ...more };
  const handle = await startRun(worker, 'plan', params, { n: 1 }, options);
  const status = await handle.result();
  const calls = agents.batches.flatMap((batch) => unpackCalls(batch));
  const decisions = agents.events.flatMap(({ type, data }) => (type === 'decision' ? [data] : []));
  return { status, end: agents.end, calls, decisions };
}

describe('plan', () => {
  it('asks the planner, runs its tasks behind those they depend on, and gives what they came to', async () => {
    const inputs: Record<string, Json> = {};
    const script = house(
      [{ tasks: [x('c', 'a', 'b'), x('a'), { ...x('b'), input: 'about ${ .input.n }' }] }],
      (call, input) => {
        inputs[idOf(call.key)] = input;
        return doIt(call, input, 1);
      },
    );
    const { status, end, calls, decisions } = await run(script);
    expect([status, end?.terminationReason, end?.rounds, end?.json]).toEqual(['completed', 'done', 1, { c: 'did c' }]);
    expect(inOrder(calls).map(({ key, kind, role, round }) => [key, kind, role, round])).toEqual([
      ['plans/0/planner/0', 'plan', 'planner', 1],
      ['plans/0/tasks/a', undefined, 'worker', 1],
      ['plans/0/tasks/b', undefined, 'worker', 1],
      ['plans/0/tasks/c', undefined, 'worker', 1],
    ]);
    expect(script.inputs[0]).toEqual({
      goal: 'g',
      input: { n: 1 },
      allow: ['x', 'y'],
      maxTasks: 20,
      errors: [],
      finished: [],
      failed: [],
    });
    expect(inputs).toMatchObject({
      a: { goal: 'g', input: { n: 1 }, results: {} },
      b: 'about 1',
      c: { results: { a: 'did a', b: 'did b' } },
    });
    expect(decisions).toHaveLength(1);
    expect(decisions[0]).toMatchObject({ what: 'plan', rule: 'planner', scores: { added: ['a', 'b', 'c'] } });
  });

  it('runs 200 tasks with any dependencies in order and at full parallelism', async () => {
    let seed = 7;
    const next = (below: number) => (seed = (seed * 48_271) % 2_147_483_647) % below;
    const tasks = Array.from({ length: 200 }, (_, at) => {
      const others = at === 0 ? [] : Array.from({ length: next(4) }, () => `t${next(at)}`);
      return x(`t${at}`, ...new Set(others));
    });
    const levels = new Map<string, number>();
    for (const { id, dependsOn } of tasks)
      levels.set(id, 1 + Math.max(-1, ...dependsOn.map((other) => levels.get(other)!)));
    const sizes = new Map<number, number>();
    for (const level of levels.values()) sizes.set(level, (sizes.get(level) ?? 0) + 1);

    // No task of a level answers before all of its level were asked: one that had to wait would hold up all.
    const asked = new Map<number, number>();
    const answered = new Set<string>();
    const work: Script = async ({ key }) => {
      const id = idOf(key);
      const { dependsOn } = tasks[Number(id.slice(1))]!;
      for (const other of dependsOn) if (!answered.has(other)) throw new Error(`${id} ran before ${other}`);
      const level = levels.get(id)!;
      asked.set(level, (asked.get(level) ?? 0) + 1);
      await until(() => asked.get(level) === sizes.get(level));
      answered.add(id);
      return { output: level };
    };
    const { status, calls } = await run(house([{ tasks: tasks.toReversed() }], work), { maxTasks: 200 });
    expect([status, calls.length, answered.size]).toEqual(['completed', 201, 200]);
  });

  it('returns a plan that cannot work with the reasons, until one can', async () => {
    const script = house([{ tasks: [x('a', 'b'), x('b', 'a')] }, 'a plan', { tasks: [x('a')] }], doIt);
    const { status, end, calls } = await run(script);
    expect([status, end?.json]).toEqual(['completed', { a: 'did a' }]);
    expect(script.inputs[1]).toMatchObject({ errors: ['tasks wait for each other: a → b → a'] });
    expect(end?.warnings).toHaveLength(2);
    expect(calls.map(({ key }) => key).slice(0, 3)).toEqual([
      'plans/0/planner/0',
      'plans/0/planner/1',
      'plans/0/planner/2',
    ]);
  });

  it('fails when no plan can work after all repairs, with the last reasons', async () => {
    const bad = { tasks: [{ id: 'a', capability: 'rm' }] };
    const { status, end, calls } = await run(house([bad, bad], doIt), { repair: 1 });
    expect([status, end?.terminationReason, calls.length]).toEqual(['failed', 'invalid_output', 2]);
    expect(end?.error?.message).toContain('capability must be one of x, y');
  });

  it('fails when the planner fails', async () => {
    const { status, end } = await run(() => ({ fail: 'agent.permanent' }));
    expect([status, end?.terminationReason, end?.error?.path]).toEqual(['failed', 'agent_failed', '/plans/0']);
  });

  it('plans the rest anew when a task fails, on top of what is finished', async () => {
    const first = { tasks: [x('a'), x('b', 'a'), x('c', 'b'), x('d')] };
    const second = { tasks: [x('a'), { ...x('b', 'a'), capability: 'y' }, x('e', 'b', 'd')] };
    const script = house([first, second], failing('plans/0/tasks/b'));
    const { status, end, calls, decisions } = await run(script);
    expect([status, end?.terminationReason, end?.rounds, end?.json]).toEqual(['completed', 'done', 2, { e: 'did e' }]);
    expect(end?.warnings).toEqual(['task b failed: plans/0/tasks/b failed']);
    expect(inOrder(calls).map(({ key }) => key)).toEqual([
      'plans/0/planner/0',
      'plans/0/tasks/a',
      'plans/0/tasks/b',
      'plans/0/tasks/d',
      'plans/1/planner/0',
      'plans/1/tasks/b',
      'plans/1/tasks/e',
    ]);
    expect(script.inputs[1]).toMatchObject({
      finished: [
        { id: 'a', capability: 'x', output: 'did a' },
        { id: 'd', capability: 'x', output: 'did d' },
      ],
      failed: [{ id: 'b', capability: 'x', error: 'plans/0/tasks/b failed' }],
    });
    expect(decisions[1]).toMatchObject({
      what: 'replan',
      scores: { added: ['e'], changed: ['b'], removed: ['c'], finished: ['a', 'd'] },
    });
  });

  it('ends partial with what there is after maxReplans', async () => {
    const plan = { tasks: [x('a'), x('b', 'a'), x('c', 'b')] };
    const { status, end, calls } = await run(house([plan, plan], failing('tasks/b')), { maxReplans: 1 });
    expect([status, end?.terminationReason, end?.rounds, end?.json]).toEqual([
      'partial',
      'agent_failed',
      2,
      { a: 'did a' },
    ]);
    expect(calls.map(({ key }) => key).filter((key) => key.endsWith('tasks/a'))).toHaveLength(1);
  });

  it('ends partial with what there is when the planner has no second plan', async () => {
    const plan = { tasks: [x('a'), x('b')] };
    const { status, end } = await run(house([plan], failing('tasks/b')), { repair: 0 });
    expect([status, end?.terminationReason, end?.json]).toEqual(['partial', 'invalid_output', { a: 'did a' }]);
  });

  it('fails when everything fails', async () => {
    const { status, end } = await run(house([[x('a')]], failing('tasks/a')), { maxReplans: 0 });
    expect([status, end?.terminationReason, end?.json]).toEqual(['failed', 'agent_failed', {}]);
    expect(end?.error).toMatchObject({ code: 'agent.permanent', path: '/plans/0/tasks/a' });
  });

  it('leaves a task out whose condition does not hold', async () => {
    const tasks = [x('a'), { ...x('b', 'a'), when: '{} | .missing' }, x('c', 'b')];
    const { status, end, calls } = await run(house([{ tasks }], doIt));
    expect([status, end?.json]).toEqual(['completed', { c: 'did c' }]);
    expect(calls.map(({ key }) => idOf(key))).toEqual(['0', 'a', 'c']);
    expect(agents.events.find(({ type }) => type === 'step.skipped')?.data).toMatchObject({
      name: 'b',
      reason: 'when',
    });
  });

  it('takes an expression of the planner that fails for a failed task', async () => {
    const plans = [{ tasks: [{ ...x('a'), input: '${ .goal.x }' }] }, { tasks: [{ ...x('a'), when: '(((' }] }];
    const { status, end } = await run(house(plans, doIt), { maxReplans: 1 });
    expect([status, end?.error?.code, end?.error?.path]).toEqual(['failed', 'expression.failed', '/plans/1/tasks/a']);
  });

  const slow = (): Script =>
    house([{ tasks: [x('a'), x('b', 'a')] }], (call, input, asked) =>
      idOf(call.key) === 'b' ? { output: 'late', afterMs: 20_000 } : doIt(call, input, asked),
    );

  it('ends canceled with what there is', async () => {
    agents = new ScriptedAgents(slow());
    const handle = await startRun(worker, 'plan', { goal: 'g', planner: { agent: 'p' }, allow: ['x'] });
    await until(() => agents.keys.includes('plans/0/tasks/b'));
    await handle.cancel();
    expect(await handle.result()).toBe('canceled');
    expect(agents.end).toMatchObject({ terminationReason: 'canceled', json: { a: 'did a' } });
  });

  it('ends timed_out with what there is when the deadline passes', async () => {
    const { status, end } = await run(slow(), {}, { deadlineMs: 4_000 });
    expect([status, end?.terminationReason, end?.json]).toEqual(['timed_out', 'deadline', { a: 'did a' }]);
  });

  it('carries a plan with large inputs', async () => {
    const big = 'x'.repeat(40_000);
    const tasks = [
      { ...x('a'), input: { text: big } },
      { ...x('b', 'a'), input: '${ .results.a }' },
    ];
    const script = house([{ tasks }], ({ key }, input) => ({
      output: idOf(key) === 'a' ? (input as { text: string }).text.length : input,
    }));
    expect((await run(script)).end?.json).toEqual({ b: 40_000 });
  });
});
