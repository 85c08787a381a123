import type { Json } from '../../contracts/json.js';
import type { PatternName } from '../../contracts/patterns.js';
import type { Decision } from '../support/scripted-persons.js';
import type { Answer, Script } from '../support/scripted-agents.js';
import type { ScriptedMemory } from '../support/scripted-memory.js';
import { ENVELOPE_SCENARIOS } from './envelope-scenarios.js';
import { MARKET_SCENARIOS } from './market-scenarios.js';
import { PLANNED_SCENARIOS } from './planned-scenarios.js';

export interface Scenario {
  name: string;
  pattern: PatternName;
  params: Json;
  input: Json;
  script: Script;
  /** What others have left in the memory, and do there meanwhile. */
  others?: (memory: ScriptedMemory) => void;
  /** Whom a pattern finds that asks for candidates. */
  agents?: string[];
  /** It is canceled when so many calls have ended. */
  canceledAfter?: number;
  /** What a person says to each question in turn; nothing lets it fall due. */
  persons?: (Decision | undefined)[];
}

const echo: Script = (_, input) => ({ output: input });
const undo = { capability: 'undo' };

export const SCENARIOS: Scenario[] = [
  { name: 'agent', pattern: 'agent', params: { capability: 'echo' }, input: 'x', script: echo },
  {
    name: 'sequential-compensated',
    pattern: 'sequential',
    params: {
      steps: [
        { name: 'a', capability: 'x', compensate: undo },
        { name: 'b', capability: 'y' },
      ],
      onFailure: 'compensate',
    },
    input: 1,
    script: (call, input) => (call.key === 'steps/b' ? { fail: 'agent.permanent' } : { output: input }),
  },
  {
    name: 'budget-degraded',
    pattern: 'sequential',
    params: {
      budget: { calls: 9, wallClock: 'PT1M', onExceeded: 'degrade' },
      steps: [
        { name: 'a', capability: 'x', budget: { calls: 2 } },
        { name: 'b', capability: 'y' },
        { name: 'c', capability: 'z' },
      ],
    },
    input: 1,
    script: (call, input) =>
      call.key === 'steps/b' ? { fail: 'agent.budget', budget: { place: '/', limit: 'calls' } } : { output: input },
  },
  {
    name: 'care-and-context',
    pattern: 'sequential',
    params: {
      context: { pass: 'all', maxTokens: 30, compaction: { summarise: { capability: 'shorten' } } },
      steps: [
        { name: 'a', capability: 'x', gates: [{ rule: '. > 1' }, { judge: { capability: 'judge', threshold: 0.5 } }] },
        { name: 'b', capability: 'y', fallback: [{ capability: 'z' }, { value: 7 }] },
        { name: 'c', capability: 'x' },
      ],
    },
    input: 1,
    script: (call) => {
      if (call.kind === 'decide') return { output: 0.9 };
      if (call.target.capability === 'y' || call.target.capability === 'z') return { fail: 'agent.permanent' };
      return { output: call.key === 'steps/a' ? 1 : 2 };
    },
  },
  ...MARKET_SCENARIOS,
  ...PLANNED_SCENARIOS,
  ...ENVELOPE_SCENARIOS,
  {
    name: 'concurrent-items',
    pattern: 'concurrent',
    params: { items: '${ . }', branch: { capability: 'echo' } },
    input: Array.from({ length: 120 }, (_, index) => index),
    script: echo,
  },
  {
    name: 'concurrent-canceled',
    pattern: 'concurrent',
    params: { branches: ['a', 'b', 'c'].map((capability) => ({ capability })) },
    input: null,
    script: (call) => (call.target.capability === 'b' ? { output: 0, afterMs: 20_000 } : { output: 1 }),
    canceledAfter: 2,
  },
  {
    name: 'concurrent-any',
    pattern: 'concurrent',
    params: { branches: [{ capability: 'a' }, { capability: 'b' }], completion: 'any' },
    input: null,
    script: (call) => (call.key === 'branches/0' ? { output: 0, afterMs: 5_000 } : { output: 1 }),
  },
  {
    name: 'handoff-refused',
    pattern: 'handoff',
    params: { targets: [{ capability: 'desk' }, { capability: 'billing' }] },
    input: 'charged twice',
    script: (call) => {
      if (call.role === 'billing') return { output: 'refunded' };
      return { output: { handoff: { to: call.round === 1 ? 'nobody' : 'billing', reason: 'money', context: 1 } } };
    },
  },
  {
    name: 'consensus-two-rounds',
    pattern: 'consensus',
    params: { voters: { agents: ['ann', 'bob', 'cat'] } },
    input: 'which?',
    script: ({ target, round }) => ({ output: round === 2 ? 'a' : (target.agent ?? null) }),
  },
  {
    name: 'group-chat',
    pattern: 'groupChat',
    params: {
      participants: [{ capability: 'a' }, { capability: 'b' }],
      manager: { agent: 'chair' },
      maxRounds: 9,
      terminateWhen: '.messages | length == 3',
    },
    input: 'topic',
    script: (call) => {
      if (call.role !== 'manager') return call.round === 2 ? { fail: 'agent.permanent' } : { output: call.key };
      return { output: call.round === 1 ? { next: 'b' } : 'nobody' };
    },
  },
  {
    name: 'maker-checker',
    pattern: 'groupChat',
    params: { makerChecker: { maker: { capability: 'write' }, checkers: [{ agent: 'x' }, { agent: 'y' }] } },
    input: 'topic',
    script: (call) => {
      if (call.role === 'maker') return { output: call.key };
      return { output: call.round === 1 ? { approve: false, reasons: ['too long'] } : true };
    },
  },
  {
    name: 'workers-partitioned',
    pattern: 'workers',
    params: {
      items: '${ . }',
      worker: { capability: 'echo' },
      partitionKey: '. % 2',
      maxAttemptsPerItem: 2,
      addTasks: { expand: 'if . == 3 then [10, 11] else [] end', max: 1 },
    },
    input: [0, 1, 2, 3],
    script: (call, input) => (call.key === 'items/2' ? { fail: 'agent.permanent' } : { output: input }),
  },
  {
    name: 'blackboard-race',
    pattern: 'blackboard',
    params: {
      board: { sections: [{ name: 'board', entries: { count: 0 } }] },
      sources: [
        { name: 'a', capability: 'add', maxActivations: 1 },
        { name: 'b', capability: 'add', maxActivations: 2, when: 'true', cooldown: 'PT0.05S' },
        { name: 'c', capability: 'add', maxActivations: 1 },
      ],
      parallel: 3,
      cleaner: { capability: 'clean', when: '.board.count == 4' },
    },
    input: null,
    script: (call, input): Answer => {
      if (call.kind === 'decide') return { output: { remove: [] } };
      const { board } = input as { board: { board: { count: number } } };
      return { output: { writes: [{ key: 'count', value: board.board.count + 1 }] } };
    },
  },
  {
    name: 'blackboard-remembered',
    pattern: 'blackboard',
    params: {
      board: { memory: { scope: 'session', scopeId: 's', key: 'board', flushEvery: 1 } },
      sources: [
        { name: 'a', capability: 'add', maxActivations: 1 },
        { name: 'b', capability: 'add', when: '.board.theirs != null', maxActivations: 1 },
      ],
      consistency: 'eventual',
      conflict: { agent: 'judge' },
    },
    input: null,
    script: (call): Answer =>
      call.kind === 'decide'
        ? { output: { keep: 'proposed' } }
        : {
            output: {
              writes: [
                { key: 'x', value: call.key },
                { key: call.key, value: 'y'.repeat(20_000) },
              ],
            },
          },
    others: (memory) => {
      const place = { scope: 'session', scopeId: 's', key: 'board' } as const;
      const entry = { section: 'board', confidence: null, expiresAt: null, author: 'other' };
      const entries = ['x', 'theirs', 'large'].map((key) => ({ ...entry, key, value: key, stamp: `other/${key}` }));
      memory.meanwhile = (put) => {
        if (put === 0) memory.set(place, { entries: [...entries, { ...entry, key: 'z', value: 'z'.repeat(40_000) }] });
      };
    },
  },
  {
    name: 'hierarchy-escalated',
    pattern: 'hierarchy',
    params: { manager: { capability: 'lead' }, maxFanOut: 2 },
    input: 1,
    script: (call): Answer => {
      if (call.kind === undefined) return call.target.capability === 'y' ? { fail: 'agent.permanent' } : { output: 1 };
      if (call.key.includes('escalations')) return { output: { reassign: { capability: 'x' } } };
      const team = { id: 'team', team: { capability: 'under' }, input: 2 };
      const workers = ['a', 'b', 'c'].map((id) => ({ id, capability: id === 'b' ? 'y' : 'x' }));
      return { output: { subtasks: call.key === 'manager/0' ? [team, ...workers] : workers } };
    },
  },
  {
    name: 'approvals',
    pattern: 'sequential',
    params: {
      steps: [
        { name: 'a', capability: 'x', approval: { before: true }, compensate: undo },
        { name: 'b', capability: 'y', approval: { onFailure: true, after: true } },
        {
          name: 'c',
          capability: 'x',
          approval: {
            after: true,
            due: 'PT0.1S',
            onTimeout: 'escalate',
            escalateTo: [{ assignees: ['boss'], due: 'PT30S' }],
          },
        },
      ],
      onFailure: 'compensate',
    },
    input: 1,
    script: (call, input, asked) =>
      call.target.capability === 'y' && asked === 1 && !call.key.includes('approved')
        ? { fail: 'agent.permanent' }
        : { output: input },
    persons: [
      { decision: 'answer', data: 2 },
      { decision: 'approve' },
      { decision: 'approve' },
      { decision: 'reject', afterMs: 400 },
    ],
  },
];
