import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { neededBranches, verdict } from './completion.js';
import { countVotes } from './count-votes.js';
import { mergeObjects } from './merge-objects.js';
import { statistic } from './numeric.js';
import { canonical } from './canonical.js';

const rule = fc.oneof(
  fc.constantFrom('all' as const, 'any' as const),
  fc.integer({ min: 1, max: 20 }).map((quorum) => ({ quorum })),
  fc.integer({ min: 1, max: 20 }).map((bestOf) => ({ bestOf })),
);

describe('completion', () => {
  it('is decided once every branch has ended, and a decision never turns', () => {
    fc.assert(
      fc.property(rule, fc.array(fc.boolean(), { minLength: 1, maxLength: 20 }), (completion, outcomes) => {
        const tally = { total: outcomes.length, completed: 0, failed: 0 };
        let decided = verdict(completion, tally);
        for (const completed of outcomes) {
          tally[completed ? 'completed' : 'failed'] += 1;
          const now = verdict(completion, tally);
          if (decided !== 'open') expect(now).toBe(decided);
          decided = now;
        }
        const enough = tally.completed >= neededBranches(completion, tally.total);
        expect(decided).toBe(enough ? 'met' : 'unreachable');
      }),
    );
  });
});

describe('votes', () => {
  const ballots = fc.array(
    fc.record({ choices: fc.array(fc.constantFrom('a', 'b', 'c'), { minLength: 1, maxLength: 3 }) }),
    { minLength: 1, maxLength: 15 },
  );

  it('gives every ballot to the leader or the dissenters', () => {
    fc.assert(
      fc.property(ballots, (cast) => {
        const { agreement, dissenters } = countVotes('plurality', cast, 'first');
        expect(Math.round(agreement * cast.length) + dissenters.length).toBe(cast.length);
      }),
    );
  });

  it('knows a majority only above one half', () => {
    const two = [{ choices: ['a'] }, { choices: ['b'] }];
    expect(countVotes('majority', two, 'first')).toMatchObject({ winner: undefined, leader: 'a', tied: true });
    expect(countVotes('majority', [...two, { choices: ['b'] }], 'first').winner).toBe('b');
  });

  it('weighs by confidence and breaks a tie by the surest backer', () => {
    const cast = [
      { choices: ['a'], confidence: 0.2 },
      { choices: ['b'], confidence: 0.9 },
    ];
    expect(countVotes('weighted', cast, 'first').winner).toBe('b');
    expect(countVotes('plurality', cast, 'highestConfidence').winner).toBe('b');
    expect(countVotes('plurality', cast, 'first').winner).toBe('a');
  });

  it('counts points of rankings for borda', () => {
    const cast = [{ choices: ['a', 'b', 'c'] }, { choices: ['b', 'c', 'a'] }, { choices: ['b', 'a', 'c'] }];
    expect(countVotes('borda', cast, 'first')).toMatchObject({ winner: 'b', scores: { a: 3, b: 5, c: 1 } });
  });
});

describe('numbers', () => {
  it('stay between the lowest and the highest', () => {
    const numbers = fc.array(fc.integer(), { minLength: 1 });
    fc.assert(
      fc.property(numbers, fc.constantFrom('mean', 'median', 'trimmed'), (values, kind) => {
        const value = statistic(kind, values);
        expect(value).toBeGreaterThanOrEqual(statistic('min', values));
        expect(value).toBeLessThanOrEqual(statistic('max', values));
      }),
    );
  });

  it('leave out the extremes when trimmed', () => {
    expect(statistic('trimmed', [1, 2, 3, 1_000])).toBe(2.5);
  });
});

describe('merge', () => {
  const parts = [
    { fields: { a: 1, b: 1 }, score: 0.9 },
    { fields: { a: 2, b: 1 }, score: 0.1 },
  ];

  it('keeps the first, the last or the best, and names conflicts', () => {
    expect(mergeObjects(parts, 'first')).toEqual({ merged: { a: 1, b: 1 }, conflicts: ['a'] });
    expect(mergeObjects(parts, 'last').merged.a).toBe(2);
    expect(mergeObjects(parts, 'highestScore').merged.a).toBe(1);
  });

  it('treats values as equal whatever the order of their fields', () => {
    expect(canonical({ a: 1, b: [{ d: 1, c: 2 }] })).toBe(canonical({ b: [{ c: 2, d: 1 }], a: 1 }));
  });
});
