import { describe, expect, it } from '@jest/globals';
import { ANSWER_SCHEMAS } from './agent-protocol.js';

describe('the answer of an agent', () => {
  const read = (kind: 'task' | 'bid' | 'plan' | 'decide', body: unknown) => ANSWER_SCHEMAS[kind].safeParse(body);

  it('becomes an output whatever was asked for', () => {
    const usage = { costUsd: 0.1 };
    expect(read('task', { output: null, confidence: 0.5, more: 1 }).data).toEqual({ output: null, confidence: 0.5 });
    expect(read('bid', { bid: { price: 1, etaMs: 20 }, usage }).data).toEqual({
      output: { bid: { price: 1, etaMs: 20 } },
      usage,
    });
    expect(read('bid', { refuse: { reason: 'busy' } }).data).toEqual({ output: { refuse: { reason: 'busy' } } });
    expect(read('plan', { plan: { tasks: [] } }).data).toEqual({ output: { tasks: [] } });
    expect(read('decide', { decision: 'left', confidence: 1 }).data).toEqual({ output: 'left', confidence: 1 });
  });

  it.each([
    ['task', {}],
    ['bid', { bid: { price: -1, etaMs: 0 } }],
    ['bid', { output: 1 }],
    ['plan', { decision: 1 }],
    ['decide', {}],
  ] as const)('to a %s is refused when it is %j', (kind, body) => {
    expect(read(kind, body).success).toBe(false);
  });
});
