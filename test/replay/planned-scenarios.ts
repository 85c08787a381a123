import type { Json } from '../../contracts/json.js';
import type { Answer } from '../support/scripted-agents.js';
import type { Scenario } from './scenarios.js';

export const PLANNED_SCENARIOS: Scenario[] = [
  {
    name: 'plan-replanned',
    pattern: 'plan',
    params: { goal: 'g', planner: { capability: 'planner' }, allow: ['x', 'y'] },
    input: 1,
    script: (call) => {
      if (call.role !== 'planner') return call.target.capability === 'y' ? { fail: 'agent.permanent' } : { output: 1 };
      const b = { id: 'b', capability: call.round === 1 ? 'y' : 'x', dependsOn: ['a'], input: '${ .results.a }' };
      if (call.key === 'plans/0/planner/0') return { output: { tasks: [b] } };
      return { output: { tasks: [{ id: 'a', capability: 'x' }, b] } };
    },
  },
  {
    name: 'plan-list',
    pattern: 'plan',
    params: { goal: 'g', planner: { capability: 'planner' }, allow: ['x', 'y', 'wait'] },
    input: 1,
    script: (call): Answer => {
      if (call.role !== 'planner') return call.target.capability === 'y' ? { fail: 'agent.permanent' } : { output: 1 };
      const last = call.key === 'plans/0/planner/0' ? 'y' : 'x';
      const list: Json[] = [
        { first: { call: 'agent', with: { capability: 'x', input: '${ .input }' } } },
        { pause: { wait: { milliseconds: 10 } } },
        { last: { call: 'agent', with: { capability: last } } },
      ];
      return { output: { do: list } };
    },
  },
  {
    name: 'workers-speculated',
    pattern: 'workers',
    params: {
      items: '${ . }',
      worker: { capability: 'x', idempotent: true },
      maxConcurrency: 2,
      speculate: { max: 2 },
    },
    input: [0, 1, 2, 3, 4, 5],
    script: ({ key }, input): Answer => (key === 'items/0' ? { output: 0, afterMs: 30_000 } : { output: input }),
  },
  {
    name: 'adaptive-switched',
    pattern: 'adaptive',
    params: {
      by: 'learned',
      key: 'k',
      explore: 0.5,
      features: '. > 0',
      candidates: [
        { name: 'a', capability: 'x' },
        { name: 'b', pattern: 'sequential', with: { steps: [{ name: 's', capability: 'x' }] } },
        { name: 'c', capability: 'x', when: 'false' },
      ],
    },
    input: 1,
    script: (): Answer => ({ fail: 'agent.permanent' }),
  },
  {
    name: 'plan-judged',
    pattern: 'plan',
    params: {
      goal: 'g',
      planner: { capability: 'planner' },
      allow: ['x'],
      prioritise: { capability: 'first' },
      maxConcurrency: 2,
      maxStalls: 0,
      history: 1,
    },
    input: 1,
    script: ({ key, role }): Answer => {
      const tasks = ['a', 'b', 'c'].map((id) => ({ id, capability: 'x', dependsOn: id === 'c' ? ['a'] : [] }));
      if (role === 'planner') return { output: { tasks, ledger: { facts: [key] } } };
      if (role === 'prioritiser') return { output: ['b', 'a'] };
      if (role !== 'ledger') return key === 'plans/0/tasks/b' ? { fail: 'agent.permanent' } : { output: 1 };
      const satisfied = key.startsWith('plans/1');
      return { output: { satisfied, looping: !satisfied, progressing: true, next: ['b'] } };
    },
  },
];
