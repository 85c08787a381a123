import { describe, expect, it } from '@jest/globals';
import { fallbackSchema, gateSchema } from './care.js';
import { budgetSchema, capBudget } from './budget.js';

describe('a fallback', () => {
  it('is an agent, a value or a person, and the value may be null', () => {
    for (const option of [
      { capability: 'a' },
      { agent: 'b' },
      { capability: 'a', agent: 'b' },
      { value: null },
      { value: 0 },
    ])
      expect(fallbackSchema.parse(option)).toEqual(option);
    for (const option of [{}, { capability: 'a', value: 2 }, { agent: 'b', value: 1 }])
      expect(fallbackSchema.safeParse(option).success).toBe(false);
  });
});

describe('a gate', () => {
  it('sends back twice unless said, and checks exactly one thing', () => {
    expect(gateSchema.parse({ rule: '.ok' })).toEqual({ rule: '.ok', onFail: 'retry', maxRetries: 2 });
    expect(gateSchema.safeParse({ rule: '.ok', schema: {} }).success).toBe(false);
    expect(gateSchema.safeParse({ judge: { threshold: 0.5 } }).success).toBe(false);
  });

  it('may leave the last word to a person, in the usual terms unless said', () => {
    const usual = { dueMs: 86_400_000, onTimeout: 'reject' };
    expect(gateSchema.parse({ rule: '.ok', onFail: 'approval' })).toMatchObject({ approval: usual });
    expect(fallbackSchema.parse({ approval: { assignees: ['ann'] } })).toEqual({
      approval: { ...usual, assignees: ['ann'] },
    });
    expect(gateSchema.safeParse({ rule: '.ok', approval: {} }).success).toBe(false);
    expect(fallbackSchema.safeParse({ approval: { onTimeout: 'escalate' } }).success).toBe(false);
  });
});

describe('a budget', () => {
  it('needs a limit, and is capped by the one around it', () => {
    expect(budgetSchema.safeParse({ onExceeded: 'degrade' }).success).toBe(false);
    expect(budgetSchema.parse({ calls: 1, onExceeded: 'approval' })).toEqual({
      calls: 1,
      onExceeded: 'approval',
      approval: { dueMs: 86_400_000, onTimeout: 'reject' },
    });
    expect(budgetSchema.safeParse({ calls: 1, approval: { due: 'PT1M' } }).success).toBe(false);
    const outer = budgetSchema.parse({ calls: 5, wallClock: 'PT1M' });
    const inner = budgetSchema.parse({ calls: 9, costUsd: 2, onExceeded: 'degrade' });
    expect(outer).toEqual({ calls: 5, wallClockMs: 60_000, onExceeded: 'stop' });
    expect(capBudget(outer, inner)).toEqual({ calls: 5, costUsd: 2, wallClockMs: 60_000, onExceeded: 'degrade' });
    expect([capBudget(outer, undefined), capBudget(undefined, undefined)]).toEqual([outer, undefined]);
  });
});
