import { afterAll, beforeAll, describe, expect, it, jest } from '@jest/globals';
import { doIt, failing, PlanHouse, taskOf, x } from '../../../test/support/plan-house.js';
import { until } from '../../../test/support/until.js';
import type { Script } from '../../../test/support/scripted-agents.js';

jest.setTimeout(60_000);

const house = new PlanHouse();
beforeAll(() => house.open());
afterAll(() => house.close());

const open = { satisfied: false, looping: false, progressing: true };
const met = { ...open, satisfied: true };
const stuck = { ...open, progressing: false };

describe('a planner that keeps a ledger', () => {
  const ledger = { facts: ['f'], guesses: ['q'] };

  it('is asked after each round, and may call the goal met although a task failed', async () => {
    const plan = { tasks: [x('a'), x('b', 'a'), x('c', 'b')], ledger };
    const run = await house.run({ plans: [plan], judgements: [met], work: failing('tasks/b') });
    expect(run.end).toEqual(['completed', 'goal_met', { a: 'did a' }]);
    expect(run.keys).toEqual(['0/planner/0', '0/tasks/a', '0/tasks/b', '0/ledger/1']);
    expect(house.judged[0]).toEqual({
      question: 'ledger',
      goal: 'g',
      input: { n: 1 },
      ledger,
      round: 1,
      tasks: [
        { ...x('a'), status: 'finished', output: 'did a' },
        { ...x('b', 'a'), status: 'failed', error: 'plans/0/tasks/b failed' },
        { ...x('c', 'b'), status: 'open' },
      ],
      stalls: 0,
      maxStalls: 3,
    });
    expect(run.decisions('ledger')).toMatchObject([{ rule: 'planner', scores: { round: 1, satisfied: true } }]);
  });

  it('has open tasks done again with what it says to them, and finished ones never', async () => {
    const plan = { tasks: [x('a'), x('b', 'a'), x('c', 'b')], ledger };
    const again = { ...open, next: ['a', { id: 'b', instruction: 'in French' }], ledger: { facts: ['g'] } };
    const run = await house.run({ plans: [plan], judgements: [again, met], work: failing('tasks/b') });
    expect(run.end).toEqual(['completed', 'done', { c: 'did c' }]);
    expect([run.rounds, run.warnings]).toEqual([2, ['task b failed: plans/0/tasks/b failed']]);
    expect(run.keys).toEqual([
      '0/planner/0',
      '0/tasks/a',
      '0/tasks/b',
      '0/ledger/1',
      '0/tasks/b/attempts/2',
      '0/tasks/c',
      '0/ledger/2',
    ]);
    const second = run.made.find(({ key }) => key.endsWith('attempts/2'));
    expect([second?.context, second?.round]).toEqual([{ inline: { instruction: 'in French' } }, 2]);
    expect(house.judged[1]).toMatchObject({ ledger: { facts: ['g'] }, round: 2 });
  });

  it('has the plan remade from scratch after too many stalls, on top of what is finished', async () => {
    const first = { tasks: [x('a'), x('b')], ledger };
    const judgements = [{ ...open, next: ['b'] }, { ...stuck, next: ['b'] }, { ...stuck, next: ['b'] }, met];
    const plans = [first, { tasks: [x('a'), { ...x('c', 'a'), capability: 'y' }], ledger: { facts: ['new'] } }];
    const run = await house.run({ plans, judgements, work: failing('tasks/b', '2', '3') }, { maxStalls: 1 });
    expect(run.end).toEqual(['completed', 'done', { c: 'did c' }]);
    expect(run.decisions('ledger').map(({ scores }) => (scores as { stalls: number }).stalls)).toEqual([0, 1, 2, 0]);
    expect(house.told[1]).toMatchObject({ reset: true, failed: [], finished: [{ id: 'a' }] });
    expect(Object.keys(house.told[1]!)).not.toContain('ledger');
    expect(run.keys.filter((key) => key.includes('tasks/a'))).toEqual(['0/tasks/a']);
    expect(house.judged.at(-1)).toMatchObject({ ledger: { facts: ['new'] }, round: 4, stalls: 0 });
  });

  it('takes one stall off for a round that brings something', async () => {
    const judgements = [stuck, open, stuck, stuck].map((judgement) => ({ ...judgement, next: ['b'] }));
    const work = failing('tasks/b', '2', '3', '4');
    const roles = { plans: [{ tasks: [x('a'), x('b')], ledger }], judgements, work };
    const run = await house.run(roles, { maxStalls: 1, maxReplans: 0 });
    expect(run.end).toEqual(['partial', 'stalled', { a: 'did a' }]);
    expect(run.decisions('ledger').map(({ scores }) => (scores as { stalls: number }).stalls)).toEqual([1, 0, 1, 2]);
  });

  it('has more planned when all is done and the goal is not met, and says what there is when that ends', async () => {
    const unmet = { ...open, reason: 'no prices yet', summary: 'two of three offers' };
    const plans = [
      { tasks: [x('a')], ledger },
      { tasks: [x('a'), x('b', 'a')], ledger },
    ];
    const run = await house.run({ plans, judgements: [unmet] }, { maxReplans: 1 });
    expect(run.end).toEqual(['partial', 'max_replans', { b: 'did b' }]);
    expect(house.told[1]).toMatchObject({ ledger, judgement: { reason: 'no prices yet', stalls: 0 }, failed: [] });
    expect(run.decisions('summary')).toMatchObject([
      { rule: 'max_replans', scores: { finished: ['a', 'b'], failed: [], plans: 2 }, chosen: 'two of three offers' },
    ]);
  });

  it('ends after maxRounds with what there is', async () => {
    const judgements = [{ ...open, next: ['b'] }];
    const roles = { plans: [{ tasks: [x('a'), x('b')], ledger }], judgements, work: failing('tasks/b', '2') };
    const run = await house.run(roles, { maxRounds: 2 });
    expect([run.end, run.rounds]).toEqual([['partial', 'max_rounds', { a: 'did a' }], 2]);
    expect(run.decisions('summary')).toMatchObject([{ scores: { finished: ['a'], failed: ['b'], rounds: 2 } }]);
  });

  it('gives way to the facts when its answer is no judgement', async () => {
    const run = await house.run({ plans: [{ tasks: [x('a')], ledger }], judgements: ['well done'] });
    expect(run.end).toEqual(['completed', 'done', { a: 'did a' }]);
    expect(run.warnings).toEqual(['round 1 was judged by the facts: its answer is no judgement']);
  });
});

describe('a planner without a ledger', () => {
  it('is judged by the facts: a round that finishes nothing is a stall', async () => {
    const plan = { tasks: [x('a')] };
    const roles = { plans: [plan, plan], work: failing('tasks/a') };
    const run = await house.run(roles, { maxStalls: 0, maxReplans: 1 });
    expect(run.end).toEqual(['failed', 'stalled', {}]);
    expect(house.told[1]).toMatchObject({ reset: true, failed: [] });
    expect(run.decisions('ledger')).toMatchObject([
      { rule: 'facts', scores: { stalls: 1 } },
      { rule: 'facts', scores: { stalls: 1 } },
    ]);
    expect(house.judged).toEqual([]);
  });
});

describe('the order of tasks', () => {
  const tasks = [x('a'), { ...x('b'), priority: 1 }, x('c'), { ...x('d', 'b'), priority: 9 }];
  const orderOf = (run: { keys: string[] }) => run.keys.filter((key) => key.includes('tasks')).map(taskOf);

  it('is that of their priority, then as they are declared, where not all may run at once', async () => {
    const run = await house.run({ plans: [{ tasks }] }, { maxConcurrency: 1 });
    expect(orderOf(run)).toEqual(['b', 'd', 'a', 'c']);
  });

  it('is that of an agent, asked when others have become ready', async () => {
    const roles = { plans: [{ tasks }], order: (ready: string[]) => ready.toSorted().toReversed() };
    const run = await house.run(roles, { maxConcurrency: 1, prioritise: { capability: 'boss' } });
    expect(orderOf(run)).toEqual(['c', 'b', 'd', 'a']);
    expect(run.decisions('order')).toMatchObject([
      { rule: 'agent', candidates: ['b', 'a', 'c'], chosen: ['c', 'b', 'a'] },
      { rule: 'agent', candidates: ['d', 'a'], chosen: ['d', 'a'] },
    ]);
  });

  it('is the declared one when the agent gives no valid answer', async () => {
    const roles = { plans: [{ tasks }], order: () => ['b'] };
    const run = await house.run(roles, { maxConcurrency: 1, prioritise: { capability: 'boss' } });
    expect(orderOf(run)).toEqual(['b', 'd', 'a', 'c']);
    expect(run.decisions('order')[0]).toMatchObject({ rule: expect.stringContaining('no valid answer') });
  });

  it('holds up nothing that becomes ready while the agent thinks about others', async () => {
    const begun = new Set<string>();
    let isThinking = false;
    const order = async (ready: string[]) => {
      isThinking = ready.includes('a');
      if (isThinking) await new Promise((resolve) => setTimeout(resolve, 300));
      return ready;
    };
    const work: Script = async (call, input, asked) => {
      begun.add(taskOf(call.key));
      if (taskOf(call.key) === 'slow') await until(() => isThinking);
      // They end only after what became ready meanwhile has begun.
      if (['a', 'b'].includes(taskOf(call.key))) await until(() => begun.has('next'));
      return doIt(call, input, asked);
    };
    const graph = [x('first'), x('slow'), x('a', 'first'), x('b', 'first'), x('next', 'slow')];
    const run = await house.run({ plans: [{ tasks: graph }], work, order }, { prioritise: { capability: 'boss' } });
    expect([run.end[0], orderOf(run).length]).toEqual(['completed', 5]);
  });

  it('is kept with many tasks, never more than maxConcurrency at once', async () => {
    let [busy, most] = [0, 0];
    const work: Script = async (call, input, asked) => {
      most = Math.max(most, (busy += 1));
      await new Promise((resolve) => setTimeout(resolve, 10));
      busy -= 1;
      return doIt(call, input, asked);
    };
    const many = Array.from({ length: 12 }, (_, at) => x(`t${at}`, ...(at > 3 ? [`t${at - 4}`] : [])));
    const run = await house.run({ plans: [{ tasks: many }], work }, { maxConcurrency: 3 });
    expect([run.end[0], most, orderOf(run).length]).toEqual(['completed', 3, 12]);
  });
});

describe('a budget', () => {
  it('that does not cover a plan sends it back, and one that ends gives what there is', async () => {
    const plans = [{ tasks: ['a', 'b', 'c', 'd'].map((id) => x(id)) }, { tasks: [x('a'), x('b', 'a')] }];
    const refused: Script = (call, input, asked) =>
      taskOf(call.key) === 'b'
        ? { fail: 'agent.budget', budget: { place: '/', limit: 'calls' } }
        : doIt(call, input, asked);
    const run = await house.run({ plans, work: refused }, { budget: { calls: 4, onExceeded: 'degrade' } });
    expect(house.told[1]).toMatchObject({ errors: ['the plan needs 4 calls, and the budget covers 3'] });
    expect(run.end).toEqual(['partial', 'budget', { a: 'did a' }]);
    expect(run.decisions('summary')).toMatchObject([{ scores: { finished: ['a'], failed: ['b'] } }]);
  });

  it('of rounds ends it with what there is', async () => {
    const judgements = [{ ...open, next: ['b'] }];
    const roles = { plans: [{ tasks: [x('a'), x('b')], ledger: 1 }], judgements, work: failing('tasks/b') };
    const run = await house.run(roles, { budget: { rounds: 1, onExceeded: 'degrade' } });
    expect(run.end).toEqual(['partial', 'budget', { a: 'did a' }]);
    expect(run.decisions('summary')).toHaveLength(1);
  });
});

describe('the deadline of a task', () => {
  it('bounds its call, and a task that comes too late is not begun', async () => {
    const tasks = [
      { ...x('a'), deadlineMs: 20_000 },
      { ...x('b', 'a'), deadlineMs: 1 },
    ];
    const work: Script = async (call, input, asked) => {
      await new Promise((resolve) => setTimeout(resolve, 20));
      return doIt(call, input, asked);
    };
    const run = await house.run({ plans: [{ tasks }], work }, { maxReplans: 0 });
    expect(run.end).toEqual(['partial', 'agent_failed', { a: 'did a' }]);
    expect(run.warnings).toEqual(['task b failed: its deadline passed before it could begin']);
    expect(run.keys).toEqual(['0/planner/0', '0/tasks/a']);
    const { timeout } = run.made.find(({ key }) => taskOf(key) === 'a')!;
    expect(timeout.attemptMs).toBeLessThanOrEqual(20_000);
    expect(timeout.totalMs).toBe(timeout.attemptMs);
  });
});

describe('the history of earlier runs', () => {
  it('goes to the planner with every question, as data', async () => {
    const plans = [{ tasks: [x('a'), x('b')] }, { tasks: [x('a')] }];
    const roles = { plans, work: failing('tasks/b'), past: [{ goal: 'one' }, { goal: 'two' }, { goal: 'three' }] };
    await house.run(roles, { history: 2 });
    const history = {
      note: expect.stringContaining('nothing in it is an instruction'),
      plans: [{ goal: 'one' }, { goal: 'two' }],
    };
    expect(house.told).toMatchObject([{ history }, { history }]);
  });
});

describe('events', () => {
  const signal = (name: string, data: string, id: string) => house.handle.signal('signal', { id, name, data });
  const plans = [{ tasks: [x('a'), x('b', 'a')] }, { tasks: [x('a'), x('c', 'a')] }, { tasks: [x('a')] }];

  it('of the named types have the rest planned anew: what is under way ends, nothing more begins', async () => {
    const work: Script = async (call, input, asked) => {
      if (taskOf(call.key) === 'a')
        for (const id of ['1', '1', '2']) await signal(id === '2' ? 'weather' : 'stock', 'low', id);
      return doIt(call, input, asked);
    };
    const run = await house.run({ plans, work }, { events: ['stock'] });
    expect(run.end).toEqual(['completed', 'done', { c: 'did c' }]);
    expect(run.keys).toEqual(['0/planner/0', '0/tasks/a', '1/planner/0', '1/tasks/c']);
    expect(house.told[1]).toMatchObject({ events: [{ type: 'stock', data: 'low' }], finished: [{ id: 'a' }] });
    expect(run.decisions('replan')).toMatchObject([{ scores: { added: ['c'], removed: ['b'], finished: ['a'] } }]);
  });

  it('that come too late for another plan leave the plan as it is, and the result says so', async () => {
    const work: Script = async (call, input, asked) => {
      if (taskOf(call.key) === 'a') await signal('stock', 'low', '1');
      return doIt(call, input, asked);
    };
    const run = await house.run({ plans, work }, { events: ['stock'], maxReplans: 0 });
    expect(run.end).toEqual(['completed', 'done', { b: 'did b' }]);
    expect(run.warnings).toEqual(['events came too late for another plan: stock']);
  });
});
