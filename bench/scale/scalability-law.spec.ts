import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { fitScalability, throughputOf } from './scalability-law.js';

const WORKERS = [1, 2, 4, 8];
const curve = (law: { lambda: number; sigma: number; kappa: number }, workers = WORKERS) =>
  workers.map((n) => ({ n, perSecond: throughputOf(law, n) }));
const law = fc.record({
  lambda: fc.double({ min: 1, max: 10_000, noNaN: true }),
  sigma: fc.double({ min: 0, max: 0.9, noNaN: true }),
  kappa: fc.double({ min: 0, max: 0.1, noNaN: true }),
});

describe('the fit of the Universal Scalability Law', () => {
  it('gives the parameters of a curve back, and where it has its peak', () => {
    const found = fitScalability(curve({ lambda: 240, sigma: 0.05, kappa: 0.01 }));
    expect(found.lambda).toBeCloseTo(240, 6);
    expect(found.sigma).toBeCloseTo(0.05, 9);
    expect(found.kappa).toBeCloseTo(0.01, 9);
    expect(found.best).toBeCloseTo(Math.sqrt(0.95 / 0.01), 6);
    expect(found.rSquared).toBeCloseTo(1, 9);
  });

  it('gives them back for every curve', () => {
    fc.assert(
      fc.property(law, (given) => {
        const found = fitScalability(curve(given));
        expect(found.lambda / given.lambda).toBeCloseTo(1, 6);
        expect(found.sigma).toBeCloseTo(given.sigma, 6);
        expect(found.kappa).toBeCloseTo(given.kappa, 6);
        expect(found.rSquared).toBeGreaterThan(1 - 1e-6);
      }),
    );
  });

  it('says of noisy figures neither a negative share nor more than they explain', () => {
    const noisy = fc.array(
      fc.record({ n: fc.integer({ min: 1, max: 64 }), perSecond: fc.integer({ min: 1, max: 999 }) }),
      {
        minLength: 2,
      },
    );
    fc.assert(
      fc.property(noisy, (seen) => {
        fc.pre(new Set(seen.map(({ n }) => n)).size > 1);
        const { lambda, sigma, kappa, best, rSquared } = fitScalability(seen);
        expect(Math.min(sigma, kappa)).toBeGreaterThanOrEqual(0);
        expect(lambda).toBeGreaterThan(0);
        expect(best).toBeGreaterThanOrEqual(1);
        expect(rSquared).toBeLessThanOrEqual(1);
      }),
    );
  });

  it('has no peak where nothing but contention limits it, and none of both where it is linear', () => {
    expect(fitScalability(curve({ lambda: 100, sigma: 0.2, kappa: 0 }, [1, 2]))).toMatchObject({
      kappa: 0,
      best: Infinity,
    });
    expect(
      fitScalability([
        { n: 1, perSecond: 100 },
        { n: 2, perSecond: 210 },
      ]),
    ).toMatchObject({ sigma: 0, kappa: 0 });
  });

  it('fails where no law can be told', () => {
    expect(() => fitScalability([{ n: 2, perSecond: 5 }])).toThrow(/two numbers of workers/);
    expect(() =>
      fitScalability([
        { n: 1, perSecond: 5 },
        { n: 2, perSecond: 0 },
      ]),
    ).toThrow(/above 0/);
  });
});
