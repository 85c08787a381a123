import { afterAll, beforeAll, describe, expect, it, jest } from '@jest/globals';
import type { BudgetLimit } from '../../contracts/budget.js';
import type { Json } from '../../contracts/json.js';
import type { PatternName } from '../../contracts/patterns.js';
import { scriptedActivities } from '../../test/support/scripted-activities.js';
import { type Answer, ScriptedAgents, type Script } from '../../test/support/scripted-agents.js';
import { startRun } from '../../test/support/start-run.js';
import { startWorker, type TemporalWorker } from '../../test/support/temporal.js';

jest.setTimeout(60_000);

let worker: TemporalWorker;
let agents: ScriptedAgents;
beforeAll(async () => {
  worker = await startWorker({ activities: scriptedActivities(() => agents) });
});
afterAll(() => worker.stop());

async function run(pattern: PatternName, params: Json, script: Script = echo, input: Json = 'x') {
  agents = new ScriptedAgents(script, ['ann', 'bob', 'cat']);
  const handle = await startRun(worker, pattern, params, input);
  const status = await handle.result();
  const { terminationReason, json, degraded, error, warnings } = agents.end!;
  return { status, terminationReason, json, degraded, error, warnings };
}
const echo: Script = (_, input) => ({ output: input });
const refuse = (place: string, limit: BudgetLimit = 'costUsd'): Answer => ({
  fail: 'agent.budget',
  budget: { place, limit },
});
const exceeded = () => agents.events.filter(({ type }) => type === 'budget.exceeded').map(({ data }) => data);
const step = (name: string, more: object = {}) => ({ name, capability: 'echo', ...more });

describe('a budget', () => {
  it('travels with every call below it, the outermost first, and not with others', async () => {
    const inner = { capability: 'echo', budget: { calls: 2 } };
    await run('sequential', {
      budget: { costUsd: 5, wallClock: 'PT1H' },
      steps: [step('a'), { name: 'b', pattern: 'agent', with: inner }, step('c', { budget: { tokens: 9 } })],
    });
    const outer = { place: '', limits: { costUsd: 5 } };
    expect(agents.batches.map(({ terms }) => terms[0]?.budget?.levels)).toEqual([
      [outer],
      [outer, { place: 'steps/b', limits: { calls: 2 } }],
      [outer, { place: 'steps/c', limits: { tokens: 9 } }],
    ]);
    expect(agents.closed).toEqual(['steps/b', 'steps/c']);
    await run('sequential', { steps: [step('a')] });
    expect(agents.batches[0]?.terms[0]?.budget).toBeUndefined();
    expect(agents.closed).toEqual([]);
  });

  it('stops the run with what it has when a call is refused', async () => {
    const params = { budget: { costUsd: 1 }, steps: [step('a'), step('b'), step('c')] };
    const end = await run('sequential', params, (call, input) =>
      call.key === 'steps/b' ? refuse('/') : { output: `${input as string}!` },
    );
    expect(end).toMatchObject({
      status: 'budget_exceeded',
      terminationReason: 'budget',
      json: 'x!',
      error: { code: 'agent.budget', message: 'the budget of the run does not cover the rest: costUsd' },
    });
    expect(agents.keys).toEqual(['steps/a', 'steps/b']);
    expect(exceeded()).toEqual([{ path: '/', limit: 'costUsd', onExceeded: 'stop' }]);
  });

  it('completes with what is there under degrade: calls under way end, no new ones are made', async () => {
    const params = {
      budget: { costUsd: 1, onExceeded: 'degrade' },
      items: '${ . }',
      branch: { capability: 'echo' },
      maxInFlight: 2,
    };
    const end = await run(
      'concurrent',
      params,
      (call, input) => {
        if (call.key === 'items/2') return refuse('/');
        return { output: input, afterMs: call.key === 'items/3' ? 300 : 0 };
      },
      [0, 1, 2, 3, 4, 5],
    );
    expect(end).toMatchObject({ status: 'partial', terminationReason: 'budget', degraded: true });
    expect((end.json as Json[]).filter((value) => value !== null)).toEqual(expect.arrayContaining([0, 1]));
    expect(agents.canceled).toEqual([]);
    expect(agents.keys.length).toBeLessThan(6);
  });

  it('of a place ends that place alone', async () => {
    const nested = { pattern: 'sequential', with: { budget: { calls: 1 }, steps: [step('p'), step('q')] } };
    const params = { steps: [step('a'), { name: 'b', ...nested }, step('c')], onFailure: 'continue' };
    const end = await run('sequential', params, (call, input) =>
      call.key === 'steps/b/steps/q' ? refuse('/steps/b', 'calls') : { output: input },
    );
    expect(end).toMatchObject({ status: 'partial', json: 'x' });
    expect(end.warnings[0]).toMatch(/step b failed: the budget of \/steps\/b does not cover the rest: calls/);
    expect(agents.keys.at(-1)).toBe('steps/c');
    expect(agents.closed).toEqual([]);
  });

  it('cancels what is under way when its time is over', async () => {
    const params = { budget: { wallClock: 'PT0.3S' }, steps: [step('a'), step('b')] };
    const end = await run('sequential', params, (call, input) =>
      call.key === 'steps/b' ? { output: 1, afterMs: 20_000 } : { output: input },
    );
    expect(end).toMatchObject({ status: 'budget_exceeded', terminationReason: 'budget', json: 'x' });
    expect(exceeded()).toEqual([{ path: '/', limit: 'wallClock', onExceeded: 'stop' }]);
  });

  it('ends a pattern after so many rounds, with what they gave', async () => {
    const params = { budget: { rounds: 1 }, participants: [{ capability: 'a' }, { capability: 'b' }], maxRounds: 9 };
    const end = await run('groupChat', params, () => ({ output: 'hello' }));
    expect(end).toMatchObject({ status: 'budget_exceeded', terminationReason: 'budget', json: 'hello' });
    expect(agents.batches).toHaveLength(1);
    expect(exceeded()).toEqual([{ path: '/', limit: 'rounds', onExceeded: 'stop' }]);
  });

  it('leaves out patterns that would be too deep, and the rest goes on', async () => {
    const deep = {
      pattern: 'sequential',
      with: { steps: [{ name: 'x', pattern: 'sequential', with: { steps: [step('y')] } }] },
    };
    const params = {
      budget: { depth: 2, onExceeded: 'degrade' },
      branches: [{ capability: 'echo' }, deep, { capability: 'echo' }],
    };
    const end = await run('concurrent', params);
    expect(end).toMatchObject({ status: 'partial', terminationReason: 'budget', json: ['x', null, 'x'] });
    expect(agents.keys.toSorted()).toEqual(['branches/0', 'branches/2']);
    expect(exceeded()).toEqual([{ path: '/', limit: 'depth', onExceeded: 'degrade' }]);
  });

  it('lets undoing go on, counted but never refused', async () => {
    const params = {
      budget: { calls: 2 },
      onFailure: 'compensate',
      steps: [step('a', { compensate: { capability: 'undo' } }), step('b'), step('c')],
    };
    const end = await run('sequential', params, (call, input) =>
      call.key === 'steps/c' ? refuse('/', 'calls') : { output: input },
    );
    expect(end.status).toBe('budget_exceeded');
    const undo = agents.batches.at(-1);
    expect([undo?.calls[0]?.key, undo?.terms[0]?.budget?.isForced]).toEqual(['compensate/a', true]);
  });

  it.each<[PatternName, Json]>([
    ['agent', { capability: 'echo' }],
    ['sequential', { steps: [{ name: 's', capability: 'echo' }] }],
    ['concurrent', { branches: [{ name: 'b', capability: 'echo' }] }],
    ['adaptive', { candidates: ['a', 'b'].map((name) => ({ name, capability: 'echo' })) }],
    ['hierarchy', { manager: { capability: 'm' }, allow: ['x'] }],
    ['workers', { items: '${ [1, 2] }', worker: { capability: 'echo' } }],
    ['consensus', { voters: { agents: ['ann', 'bob'] } }],
    ['handoff', { targets: [{ capability: 'desk' }] }],
    ['groupChat', { participants: [{ capability: 'a' }], maxRounds: 3 }],
    ['groupChat', { makerChecker: { maker: { capability: 'w' }, checkers: [{ capability: 'c' }] } }],
    ['market', { task: { capability: 'sort' }, bidDeadline: 'PT1S' }],
    ['blackboard', { board: { sections: [{ name: 'b' }] }, sources: [{ capability: 's', maxActivations: 3 }] }],
    ['plan', { goal: 'g', planner: { capability: 'p' }, allow: ['x'] }],
  ])('ends %s budget_exceeded when nothing is covered', async (pattern, params) => {
    const end = await run(pattern, { ...(params as object), budget: { costUsd: 1 } } as Json, () => refuse('/'));
    expect([end.status, end.terminationReason]).toEqual(['budget_exceeded', 'budget']);
    expect(exceeded()).toHaveLength(1);
  });
});
