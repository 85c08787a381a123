import { describe, expect, it } from '@jest/globals';
import { startRunSchema } from '../../../contracts/runs.js';
import { violationsOf } from './violations.js';

const of = (value: unknown) => violationsOf(startRunSchema, value, startRunSchema.safeParse(value).error?.issues ?? []);
const steps = (...list: unknown[]) => ({ pattern: 'sequential', with: { steps: list } });

describe('violations', () => {
  it('writes paths as people read them', () => {
    expect(of(steps({ name: 'a', capability: 'x' }, { capability: 'x' }))).toEqual([
      { path: 'with.steps[1].name', message: 'is required' },
    ]);
  });

  it('names every place, with what is allowed and what was probably meant', () => {
    const value = { pattern: 'agent', with: { capability: 'x', select: 'randm' }, lables: {} };
    expect(of(value)).toMatchObject([
      {
        path: 'with.select',
        allowed: expect.arrayContaining(['expected-completion', 'random', 'sticky', 'delegated']) as unknown,
        didYouMean: 'random',
      },
      { path: 'lables', didYouMean: 'labels' },
    ]);
  });

  it('tells of the branch of a union that was meant', () => {
    const value = steps({ name: 'n', pattern: 'agnet', with: {} });
    expect(of(value)).toMatchObject([{ path: 'with.steps[0].pattern', didYouMean: 'agent' }]);
  });

  it('offers only fields of the pattern that was named', () => {
    const [violation] = of({ pattern: 'agent', with: { capability: 'x', timeuot: 'PT1S' } });
    expect(violation).toMatchObject({ path: 'with.timeuot', message: 'is not a known field', didYouMean: 'timeout' });
    expect(violation?.allowed).toContain('outputSchema');
    expect(violation?.allowed).not.toContain('steps');
    const [inner] = of(steps({ name: 'n', pattern: 'concurrent', with: { capability: 'x', count: 2, stpes: [] } }));
    expect(inner?.allowed).toEqual(expect.arrayContaining(['branches', 'completion']));
    expect(inner?.allowed).not.toContain('steps');
  });

  it('counts in the singular where there is one', () => {
    expect(of(steps())).toEqual([{ path: 'with.steps', message: 'must have at least 1 item', allowed: { min: 1 } }]);
  });
});
