import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import type { ConsensusMethod } from '../../contracts/consensus.js';
import type { Json } from '../../contracts/json.js';
import { changedVoters, countBallots, isWinner, support, surest, vetoers } from './count-ballots.js';
import { type Ballot, readAnswer, valuesOf } from './read-ballot.js';

const ballot = (method: ConsensusMethod, voter: string, answer: Json, weight = 1, confidence?: number): Ballot => {
  const read = readAnswer(method, answer);
  if (typeof read === 'string') throw new Error(read);
  return { voter, weight, confidence, ...read };
};
const cast = (method: ConsensusMethod, ...answers: Json[]) =>
  answers.map((answer, place) => ballot(method, `v${place}`, answer));
const wins = (method: ConsensusMethod, ballots: Ballot[], tieBroken = false) => {
  const count = countBallots(method, ballots);
  return count.leaders
    .filter((leader) => isWinner(method, ballots, count, leader, tieBroken))
    .map((leader) => JSON.parse(leader) as Json);
};

const singles = fc.array(fc.constantFrom('a', 'b', 'c'), { minLength: 1, maxLength: 15 });

describe('a vote', () => {
  it('is the answer itself, or its field vote with a reason', () => {
    expect(readAnswer('majority', 'yes')).toEqual({ vote: 'yes', choices: ['"yes"'] });
    expect(readAnswer('majority', { vote: 1, reason: 'because' })).toEqual({
      vote: 1,
      reason: 'because',
      choices: ['1'],
    });
    expect(readAnswer('majority', { b: 1, a: 2 })).toMatchObject({ choices: ['{"a":2,"b":1}'] });
  });

  it('is abstained from with null, and not counted in a shape of another method', () => {
    expect(readAnswer('majority', null)).toBe('abstained');
    expect(readAnswer('majority', { vote: null, reason: 'who knows' })).toBe('abstained');
    expect(readAnswer('borda', 'a')).toBe('invalid');
    expect(readAnswer('borda', [])).toBe('invalid');
    expect(readAnswer('approval', [])).toMatchObject({ choices: [] });
    expect(readAnswer({ score: 1 }, { a: 'high' })).toBe('invalid');
    expect(readAnswer({ score: 1 }, [1])).toBe('invalid');
  });

  it('is read whatever an agent says, without an exception', () => {
    const methods = fc.constantFrom<ConsensusMethod>('majority', 'borda', 'approval', { score: 0.5 });
    fc.assert(
      fc.property(methods, fc.jsonValue(), (method, answer) => {
        const read = readAnswer(method, answer as Json);
        if (typeof read === 'string') expect(['abstained', 'invalid']).toContain(read);
        else expect(read.choices.length).toBeLessThanOrEqual(valuesOf(method, read.vote).length);
      }),
    );
  });
});

describe('agreement', () => {
  it('by majority is more than half, and a broken tie makes half enough', () => {
    expect(wins('majority', cast('majority', 'a', 'b', 'b'))).toEqual(['b']);
    expect(wins('majority', cast('majority', 'a', 'b'))).toEqual([]);
    expect(wins('majority', cast('majority', 'a', 'b'), true)).toEqual(['a', 'b']);
    expect(wins('majority', cast('majority', 'a', 'b', 'c'), true)).toEqual([]);
  });

  it('never has two winners unless a tie is being broken, and the winner has the most votes', () => {
    const methods = fc.constantFrom<ConsensusMethod>('majority', 'plurality', 'unanimous', 'weighted');
    fc.assert(
      fc.property(methods, singles, (method, votes) => {
        const ballots = cast(method, ...votes);
        const [winner, ...others] = wins(method, ballots);
        expect(others).toEqual([]);
        const most = Math.max(...['a', 'b', 'c'].map((name) => votes.filter((vote) => vote === name).length));
        if (winner !== undefined) expect(votes.filter((vote) => vote === winner)).toHaveLength(most);
      }),
    );
  });

  it('does not depend on the order of the voters', () => {
    fc.assert(
      fc.property(singles, (votes) => {
        for (const method of ['majority', 'plurality', 'unanimous'] as const)
          expect(wins(method, cast(method, ...votes))).toEqual(wins(method, cast(method, ...votes.toReversed())));
      }),
    );
  });

  it('is unanimous only when nobody wants anything else', () => {
    expect(wins('unanimous', cast('unanimous', 'a', 'a'))).toEqual(['a']);
    expect(wins('unanimous', cast('unanimous', 'a', 'a', 'b'), true)).toEqual([]);
  });

  it('by weight is more than half of the weight, without errors of rounding', () => {
    const weighted = [0.1, 0.2, 0.3].map((weight, place) =>
      ballot('weighted', `v${place}`, place < 2 ? 'a' : 'b', weight),
    );
    expect(countBallots('weighted', weighted).leaders).toHaveLength(2);
    expect(wins('weighted', weighted)).toEqual([]);
    expect(wins('weighted', [...weighted, ballot('weighted', 'v3', 'b', 0.01)])).toEqual(['b']);
  });

  it('by borda and approval is the one choice with the most points', () => {
    const borda = cast('borda', ['a', 'b', 'c'], ['b', 'c', 'a'], ['b', 'a', 'c']);
    expect(Object.fromEntries(countBallots('borda', borda).scores)).toEqual({ '"a"': 3, '"b"': 5, '"c"': 1 });
    expect(wins('borda', borda)).toEqual(['b']);
    expect(wins('borda', cast('borda', ['a'], ['a']))).toEqual(['a']);
    expect(wins('approval', cast('approval', ['a', 'b'], ['b', 'c'], []))).toEqual(['b']);
    expect(wins('approval', cast('approval', [], []))).toEqual([]);
  });

  it('by score is the best mean that reaches the threshold; a choice left out has 0', () => {
    const method = { score: 0.7 };
    expect(wins(method, cast(method, { a: 0.7, b: 1 }, { a: 0.7 }, { a: 0.7 }))).toEqual(['a']);
    expect(wins(method, cast(method, { a: 0.9 }, { a: 0.4 }))).toEqual([]);
  });
});

describe('who agrees', () => {
  it('is the share that backs the choice', () => {
    const ballots = cast('majority', 'a', 'b', 'b', 'b');
    expect(support('majority', ballots, '"b"')).toBe(0.75);
    expect(support('majority', [], '"b"')).toBe(0);
  });

  it('a veto is a vote for something else, not an abstention', () => {
    const ballots = cast('majority', 'a', 'b');
    expect(vetoers(ballots, ['v0', 'v1', 'absent'], '"b"')).toEqual(['v0']);
  });

  it('the surest backer breaks a tie', () => {
    const ballots = [ballot('majority', 'x', 'a', 1, 0.2), ballot('majority', 'y', 'b', 1, 0.9)];
    expect(surest(ballots, ['"a"', '"b"'])).toBe('"b"');
    expect(surest(cast('majority', 'a', 'b'), ['"a"', '"b"'])).toBe('"a"');
  });

  it('changed are those who vote otherwise, or only in one of the rounds', () => {
    const before = cast('majority', 'a', 'b', 'c');
    expect(changedVoters(before, before)).toEqual([]);
    expect(changedVoters(before, cast('majority', 'a', 'c'))).toEqual(['v1', 'v2']);
    const method = { score: 1 };
    expect(changedVoters(cast(method, { a: 0.1 }), cast(method, { a: 0.2 }))).toEqual(['v0']);
  });
});
