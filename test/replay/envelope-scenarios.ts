import type { Scenario } from './scenarios.js';

const AT = { scope: 'session', scopeId: 's' } as const;

/** What the parameters that all patterns have alike make of a run. */
export const ENVELOPE_SCENARIOS: Scenario[] = [
  {
    name: 'budget-raised',
    pattern: 'sequential',
    params: {
      budget: { calls: 2, wallClock: 'PT1M', onExceeded: 'approval' },
      steps: ['a', 'b', 'c'].map((name) => ({ name, capability: 'x' })),
    },
    input: 1,
    script: (call, input) =>
      call.key === 'steps/b' || call.key === 'steps/c'
        ? { fail: 'agent.budget', budget: { place: '/', limit: 'calls' } }
        : { output: input },
    persons: [{ decision: 'answer', data: { calls: 3 } }, { decision: 'reject' }],
  },
  {
    name: 'blackboard-drained',
    pattern: 'blackboard',
    params: {
      budget: { costUsd: 1 },
      sources: ['refused', 'late'].map((name) => ({ name, capability: 'x' })),
      parallel: 2,
      until: '.board.x == 2',
    },
    input: null,
    script: (call) =>
      call.key.startsWith('sources/late')
        ? { output: { writes: [{ key: 'x', value: 1 }] }, afterMs: 200 }
        : { fail: 'agent.budget', budget: { place: '/', limit: 'costUsd' } },
  },
  {
    name: 'questions-and-memory',
    pattern: 'sequential',
    params: {
      context: { pass: 'auto', compaction: 'keep-tools' },
      steps: [
        { name: 'a', capability: 'x' },
        { name: 'b', capability: 'y' },
        { name: 'keep', call: 'memory.put', with: { ...AT, key: 'k', update: '. // 0 | . + 1' } },
        { name: 'read', call: 'memory.get', with: { ...AT, key: 'k', consistency: 'snapshot' } },
        { name: 'c', capability: 'x', fallback: [{ value: 7 }] },
      ],
    },
    input: 1,
    script: (call, input) =>
      call.key === 'steps/b' || call.key === 'steps/b/answers/1'
        ? { fail: 'agent.input_required', asked: { question: 'Which?', agentId: 'agent-1' } }
        : { output: { role: 'tool', tool_call_id: 't', content: input } },
    persons: [{ decision: 'answer', data: 'one' }, { decision: 'approve' }],
  },
  {
    name: 'recalled',
    pattern: 'sequential',
    params: {
      context: {
        pass: 'auto',
        compaction: { summarise: { capability: 'shorten' } },
        recall: { ...AT, keys: ['k', 'l'] },
      },
      steps: [
        { name: 'a', capability: 'x' },
        { name: 'b', pattern: 'concurrent', with: { items: [1, 2], branch: { capability: 'y' } } },
        { name: 'c', capability: 'x', context: { maxTokens: 30, recall: { query: '${ $input.words }' } } },
      ],
    },
    input: { words: 'gold' },
    script: ({ key }) => ({ output: key }),
    others: (memory) => {
      memory.set({ ...AT, key: 'k' }, 'gold is heavy');
      memory.set({ ...AT, key: 'l' }, 'gold '.repeat(5_000));
    },
  },
];
