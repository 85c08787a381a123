import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import type { Json } from '../../../contracts/json.js';
import { compile, run } from '../../language/jq/index.js';
import { difference, inputAt, type PlannedTask, type PlanRules, readPlan, results, SKELETON } from './plan-rules.js';

const firstOf = (program: string, answer: Json): Json =>
  [...run(compile(program, { variables: [] }), answer, {}, { now: 0 })][0] ?? null;
const rules = { allow: ['x', 'y'], maxTasks: 200, finished: new Set<string>() };
const read = (plan: Json, more: Partial<PlanRules> = {}) => readPlan(firstOf(SKELETON, plan), { ...rules, ...more });
const x = (id: string, ...dependsOn: string[]) => ({ id, capability: 'x', dependsOn });
const tasksOf = (plan: ReturnType<typeof read>): PlannedTask[] => ('tasks' in plan ? plan.tasks : []);

/** Each task depends on some of those before it; declared in any order. */
const graphs = fc
  .array(fc.array(fc.nat(), { maxLength: 4 }), { minLength: 1, maxLength: 60 })
  .map((wishes) => wishes.map((picks, at) => x(`t${at}`, ...(at === 0 ? [] : picks.map((pick) => `t${pick % at}`)))))
  .chain((tasks) => fc.shuffledSubarray(tasks, { minLength: tasks.length }));

describe('a plan', () => {
  it('is read with each task behind those it depends on, and none lost', () => {
    fc.assert(
      fc.property(graphs, (graph) => {
        const tasks = tasksOf(read({ tasks: graph }));
        expect(tasks.map(({ index }) => index).toSorted((one, other) => one - other)).toEqual(graph.map((_, at) => at));
        const seen = new Set<string>();
        for (const { id, dependsOn } of tasks) {
          for (const other of dependsOn) expect(seen).toContain(other);
          seen.add(id);
        }
      }),
    );
  });

  it('with a cycle is refused, and every step of the cycle that is named is one', () => {
    fc.assert(
      fc.property(graphs, (graph) => {
        const byId = new Map(graph.map((task) => [task.id, task]));
        const [first] = tasksOf(read({ tasks: graph }));
        const last = tasksOf(read({ tasks: graph })).findLast(({ dependsOn }) => dependsOn.length > 0);
        fc.pre(first !== undefined && last !== undefined);
        const back = byId.get(last.dependsOn[0] as string)!;
        const cyclic = graph.map((task) =>
          task === back ? { ...task, dependsOn: [...task.dependsOn, last.id] } : task,
        );
        const plan = read({ tasks: cyclic });
        const [error = ''] = 'errors' in plan ? plan.errors : [];
        expect(error).toContain('tasks wait for each other: ');
        const cycle = error.replace('tasks wait for each other: ', '').split(' → ');
        expect(cycle[0]).toBe(cycle.at(-1));
        for (const [at, id] of cycle.slice(0, -1).entries())
          expect(cyclic.find((task) => task.id === id)?.dependsOn).toContain(cycle[at + 1]);
      }),
    );
  });

  it.each<[string, Json, string]>([
    ['no list', { steps: [] }, 'the plan must be'],
    ['no tasks', { tasks: [] }, 'has no tasks'],
    ['a task that is no object', [1], 'task 1 must be an object'],
    ['no id', [{ capability: 'x' }], 'task 1: id must be'],
    ['an id that is a path', [{ id: 'a/b', capability: 'x' }], 'task 1: id must be'],
    ['an id twice', [x('a'), x('a')], 'task a: the id is given twice'],
    ['a capability that is not allowed', [{ id: 'a', capability: 'rm' }], 'task 1: capability must be one of x, y'],
    ['a dependency that is no task', [x('a', 'z')], 'task a depends on z, which is no task'],
    ['a dependency that is no id', [{ ...x('a'), dependsOn: [1] }], 'task 1: dependsOn must be a list of ids'],
    ['when that is no text', [{ ...x('a'), when: true }], 'task 1: when must be jq'],
    ['a task that waits for itself', [x('a', 'a')], 'tasks wait for each other: a → a'],
  ])('with %s is refused with the reason', (_, plan, reason) => {
    expect(read(plan)).toEqual({ errors: [expect.stringContaining(reason)] });
  });

  it('is refused when it has too many tasks or is too large', () => {
    expect(read([x('a'), x('b')], { maxTasks: 1 })).toEqual({ errors: ['the plan has 2 tasks, at most 1'] });
    expect(readPlan(undefined, rules)).toEqual({ errors: [expect.stringContaining('too large')] });
  });

  it('is refused when it needs more calls than the budget covers, finished work not counted', () => {
    const plan = [x('a'), x('b'), x('c')];
    const finished = new Set(['a']);
    expect(read(plan, { finished, maxCalls: 1 })).toEqual({
      errors: ['the plan needs 2 calls, and the budget covers 1'],
    });
    expect(tasksOf(read(plan, { finished, maxCalls: 2 }))).toHaveLength(3);
  });

  it('may say how urgent a task is and when it has to be done', () => {
    const [task] = tasksOf(read([{ ...x('a'), priority: 2, deadlineMs: 500 }]));
    expect(task).toMatchObject({ priority: 2, deadlineMs: 500 });
    expect(tasksOf(read([x('a')]))[0]).toMatchObject({ priority: 0 });
    expect(read([{ ...x('a'), priority: 'high', deadlineMs: 0 }])).toEqual({
      errors: ['task 1: priority must be a number', 'task 1: deadlineMs must be a number above 0'],
    });
  });

  it('may build on finished work', () => {
    expect(tasksOf(read([x('b', 'a')], { finished: new Set(['a']) }))).toHaveLength(1);
  });

  it('is read whatever a planner answers', () => {
    fc.assert(
      fc.property(fc.jsonValue(), (answer) => {
        const plan = read({ tasks: answer } as Json);
        expect('tasks' in plan || plan.errors.length > 0).toBe(true);
      }),
    );
  });

  it('keeps inputs out until they are needed', () => {
    const plan = { tasks: [x('a'), { ...x('b'), input: { n: 1 } }] };
    expect(tasksOf(read(plan)).map(({ hasInput }) => hasInput)).toEqual([false, true]);
    expect(firstOf(inputAt(1), plan)).toEqual({ n: 1 });
    expect(firstOf(inputAt(1), plan.tasks)).toEqual({ n: 1 });
  });
});

describe('what a plan came to', () => {
  it('is the finished tasks that no finished task builds on', () => {
    const tasks = tasksOf(read([x('a'), x('b', 'a'), x('c', 'a'), x('d', 'c')]));
    expect(results(tasks, new Set(['a', 'b', 'c', 'd']))).toEqual(['b', 'd']);
    expect(results(tasks, new Set(['a', 'c']))).toEqual(['c']);
    expect(results(tasks, new Set())).toEqual([]);
  });
});

describe('a new plan', () => {
  it('is told as what it adds, changes and removes', () => {
    const before = tasksOf(read([x('a'), x('b', 'a'), x('c', 'a'), x('d')]));
    const after = tasksOf(read([x('a'), { ...x('b', 'a'), capability: 'y' }, x('d'), x('e')]));
    expect(difference(before, after, new Set(['a']))).toEqual({
      added: ['e'],
      changed: ['b'],
      removed: ['c'],
      finished: ['a'],
    });
  });
});
