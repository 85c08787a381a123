import { describe, expect, it } from '@jest/globals';
import { scoreOfSettlement } from './settlement-scores.js';

const settled = (change: object = {}) => ({
  path: '/work/a',
  agent: 'a',
  agentId: 'a',
  outcome: 'kept' as const,
  priceUsd: 2,
  promised: { priceUsd: 2, etaMs: 100, confidence: null },
  real: { costUsd: null, elapsedMs: 80, confidence: null },
  deviation: { costUsd: null, timeMs: -20, confidence: null },
  ...change,
});
const real = (change: object) => ({ real: { costUsd: null, elapsedMs: 80, confidence: null, ...change } });

describe('the score of a settlement', () => {
  it.each<[string, object, number | undefined]>([
    ['1 for a promise that was kept', {}, 1],
    ['1 for a better deed than promised', real({ costUsd: 1, elapsedMs: 1 }), 1],
    ['0 for a winner that defaulted', { outcome: 'defaulted' }, 0],
    ['none for work that was canceled', { outcome: 'canceled' }, undefined],
    ['a half for twice the time', { outcome: 'late', ...real({ elapsedMs: 200 }) }, 0.5],
    ['a half for twice the cost', real({ costUsd: 4 }), 0.5],
    ['a quarter for both', real({ costUsd: 4, elapsedMs: 200 }), 0.25],
    [
      'a half for half the confidence',
      { ...real({ confidence: 0.4 }), promised: { priceUsd: 2, etaMs: 100, confidence: 0.8 } },
      0.5,
    ],
    [
      'little for a promise of no time',
      { ...real({ elapsedMs: 50 }), promised: { priceUsd: 2, etaMs: 0, confidence: null } },
      0.02,
    ],
  ])('is %s', (_, change, score) => {
    const rated = scoreOfSettlement(settled(change));
    if (score === undefined) expect(rated).toBeUndefined();
    else expect(rated).toBeCloseTo(score, 10);
  });
});
