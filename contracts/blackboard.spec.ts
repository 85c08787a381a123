import { describe, expect, it } from '@jest/globals';
import { PATTERN_PARAMS } from './patterns.js';

const schema = PATTERN_PARAMS.blackboard;
const source = { capability: 'x' };
const sections = [{ name: 'a' }, { name: 'b' }];
const messages = (params: object) =>
  schema.safeParse(params).error?.issues.map(({ path, message }) => `${path.join('.')}: ${message}`) ?? [];

describe('the parameters of a blackboard', () => {
  it('are strong, one activation at a time, by priority, unless said', () => {
    expect(schema.parse({ sources: [source] })).toEqual({
      board: { sections: [] },
      sources: [{ name: 'x', capability: 'x', priority: 0, cost: 0 }],
      control: 'priority',
      parallel: 1,
      consistency: 'strong',
      conflict: 'reject',
      maxCycles: 100,
      maxActivations: 500,
    });
  });

  it('name a source after its agent or pattern, and count its cooldown in milliseconds', () => {
    const steps = [{ name: 's', capability: 'x' }];
    const { sources } = schema.parse({
      sources: [
        { agent: 'ann', cooldown: 'PT2S' },
        { pattern: 'sequential', with: { steps } },
      ],
      control: { agent: 'chair' },
    });
    expect(sources.map(({ name, cooldownMs }) => [name, cooldownMs])).toEqual([
      ['ann', 2_000],
      ['sequential', undefined],
    ]);
  });

  it.each<[string, object, RegExp]>([
    ['two sources of one name', { sources: [source, source] }, /^sources: two sources/],
    [
      'a name that the board uses itself',
      { sources: [{ agent: 'cleaner' }] },
      /^sources\.0\.name: must not be cleaner/,
    ],
    ['two sections of one name', { board: { sections: [{ name: 'a' }, { name: 'a' }] } }, /^board\.sections: /],
    ['a section that is not there', { board: { sections }, sources: [{ ...source, writes: ['c'] }] }, /a, b$/],
    ['a goal in no section', { board: { sections }, until: { consensus: 1, section: 'c' } }, /^until\.section: /],
    ['more voices than sources', { until: { consensus: 2, section: 'a' } }, /^until\.consensus: .*sources, 1$/],
    ['merging under strong', { conflict: 'lastWriter' }, /^conflict: must be reject under strong/],
    [
      'values from a pattern',
      {
        control: 'highestValue',
        sources: [{ pattern: 'sequential', with: { steps: [{ name: 's', capability: 'x' }] } }],
      },
      /^sources\.0: must be an agent call/,
    ],
  ])('refuse %s', (_, params, wanted) => {
    expect(messages({ sources: [source], ...params })).toEqual([expect.stringMatching(wanted)]);
  });
});
