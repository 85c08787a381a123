import type { Scenario } from './scenarios.js';

export const MARKET_SCENARIOS: Scenario[] = [
  {
    name: 'market-english-default',
    pattern: 'market',
    params: { task: { capability: 'sort' }, mechanism: 'english', tieBreak: 'seeded', eligible: '.agent != "d"' },
    input: 'x',
    agents: ['a', 'b', 'c', 'd'],
    script: (call, input) => {
      const who = call.target.agent ?? '';
      if (call.kind === 'bid') {
        const price = 10 + 'abc'.indexOf(who) - 3 * (call.round ?? 0);
        return { output: { bid: { price, etaMs: 1_000 } } };
      }
      return call.role === 'winner' && call.key === 'work/a' ? { fail: 'agent.permanent' } : { output: input };
    },
  },
  {
    name: 'market-split-fallback',
    pattern: 'market',
    params: {
      task: { capability: 'sort', fallback: [{ capability: 'desk' }] },
      award: { count: 2, split: '[.[:1], .[1:]]' },
      onDefault: 'fallback',
    },
    input: [1, 2, 3],
    agents: ['a', 'b', 'c'],
    script: (call, input) => {
      const price = 1 + 'abc'.indexOf(call.target.agent ?? '');
      if (call.kind === 'bid') return { output: { bid: { price, etaMs: 1_000 } } };
      return call.key === 'work/a' ? { fail: 'agent.permanent' } : { output: input };
    },
  },
  {
    name: 'market-exchange',
    pattern: 'market',
    params: {
      task: { capability: 'sort' },
      mechanism: 'exchange',
      items: '${ . }',
      limit: '.',
      onNoBids: 'raiseReserve',
    },
    input: [9, 8, 4],
    agents: ['a', 'b', 'c'],
    script: (call, input) => {
      const price = 2 + 'abc'.indexOf(call.target.agent ?? '') * 3;
      if (call.kind === 'bid') return { output: { bid: { price, etaMs: 1_000, quantity: 1 } } };
      return call.key === 'items/1/b' ? { fail: 'agent.permanent' } : { output: input };
    },
  },
  {
    name: 'market-solve',
    pattern: 'market',
    params: {
      task: { capability: 'think' },
      mechanism: 'solve',
      score: '.answer',
      aggregate: { capability: 'boss', input: '${ [.answers[].answer] }' },
    },
    input: 'x',
    agents: ['a', 'b', 'c'],
    script: (call, input) => {
      if (call.role !== 'solver') return { output: input };
      const round = call.round ?? 1;
      return call.target.agent === 'c' && round > 1 ? { fail: 'agent.permanent' } : { output: 10 - round };
    },
  },
];
