import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import type { Json } from '../../../contracts/json.js';
import { compile, run } from '../../language/jq/index.js';
import { draw, propensities, readOutcomes, SUMMARY } from './choose-candidate.js';

const summary = (outcomes: Json, features: Json = null) =>
  readOutcomes([...run(compile(SUMMARY, { variables: [] }), { outcomes, features }, {}, { now: 0 })][0]);
const outcome = (name: string, reward: number, features: Json = null) => ({ name, reward, features });

const record = fc.option(fc.record({ count: fc.nat(), mean: fc.double({ min: 0, max: 1, noNaN: true }) }), {
  nil: undefined,
});
const records = fc.array(record, { minLength: 1, maxLength: 20 });
const share = fc.double({ min: 0, max: 1, noNaN: true });

describe('propensities', () => {
  it('are those of all candidates together 1, never below the explored share, highest for the best', () => {
    fc.assert(
      fc.property(records, share, (known, explore) => {
        const shares = propensities(known, explore);
        expect(shares.reduce((sum, one) => sum + one, 0)).toBeCloseTo(1, 9);
        const values = known.map((outcomes) => outcomes?.mean ?? 1);
        for (const [at, one] of shares.entries()) {
          expect(one).toBeGreaterThanOrEqual(explore / known.length - 1e-12);
          if (values[at] === Math.max(...values)) expect(one).toBeCloseTo(Math.max(...shares), 12);
        }
      }),
    );
  });

  it('give what was never tried a try, and share the task among equals', () => {
    expect(propensities([{ count: 9, mean: 0.9 }, undefined], 0)).toEqual([0, 1]);
    expect(propensities([undefined, undefined], 0.2)).toEqual([0.5, 0.5]);
    expect(
      propensities(
        [
          { count: 1, mean: 0.5 },
          { count: 1, mean: 0.2 },
        ],
        0.1,
      ),
    ).toEqual([expect.closeTo(0.95), expect.closeTo(0.05)]);
  });

  it('are how often each is drawn', () => {
    fc.assert(
      fc.property(records, share, fc.double({ min: 0, max: 0.999_999, noNaN: true }), (known, explore, at) => {
        const shares = propensities(known, explore);
        const index = draw(shares, at);
        const before = shares.slice(0, index).reduce((sum, one) => sum + one, 0);
        expect(before).toBeLessThanOrEqual(at + 1e-9);
        expect(before + (shares[index] ?? 0)).toBeGreaterThan(at - 1e-9);
      }),
    );
  });
});

describe('outcomes', () => {
  it('count by name, those of the same features where there are any', () => {
    const outcomes = [
      outcome('a', 1, 'long'),
      outcome('a', 0, 'short'),
      outcome('b', 0.5, 'short'),
      outcome('b', 0, 'short'),
    ];
    expect(summary(outcomes, 'long')).toEqual(
      new Map([
        ['a', { count: 1, mean: 1 }],
        ['b', { count: 2, mean: 0.25 }],
      ]),
    );
    expect(summary(outcomes, 'other').get('a')).toEqual({ count: 2, mean: 0.5 });
  });

  it('are read from whatever stands in the memory', () => {
    expect(summary(null)).toEqual(new Map());
    expect(summary({ a: 1 })).toEqual(new Map());
    fc.assert(
      fc.property(fc.jsonValue(), (kept) => {
        for (const { mean } of summary([kept as Json, outcome('a', 1)]).values())
          expect(Number.isFinite(mean)).toBe(true);
      }),
    );
  });
});
