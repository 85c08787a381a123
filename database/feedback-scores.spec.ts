import { describe, expect, it } from '@jest/globals';
import type { Json } from '../contracts/json.js';
import { scoresOfRun, usedCapabilities, withScores } from './feedback-scores.js';

const call = (agentId: string, role: string | null = null, output: Json = null, round: number | null = null) => ({
  agentId,
  role,
  round,
  output,
});
const rated = (calls: ReturnType<typeof call>[], pattern: 'agent' | 'consensus' = 'agent', output: Json = 'yes') =>
  Object.fromEntries(scoresOfRun({ pattern, output, calls }, 0.8));

describe('the score of a run', () => {
  it('goes to everybody who worked in it, once', () => {
    expect(rated([call('a'), call('b', 'winner'), call('a', 'checker')])).toEqual({
      a: 0.8,
      b: 0.8,
    });
  });

  it('goes in a consensus to the last votes for the choice, and the rest to 1 to the votes against it', () => {
    const votes = [call('a', 'voter', 'no', 1), call('a', 'voter', 'yes', 2), call('b', 'voter', { vote: 'no' }, 2)];
    const scores = rated([...votes, call('t', 'tie-breaker')], 'consensus');
    expect(scores).toEqual({ a: 0.8, b: expect.closeTo(0.2), t: 0.8 });
  });

  it.each<[string, Json, number]>([
    ['one of several approved ones', ['yes', 'maybe'], 0.8],
    ['the highest of given numbers', { yes: 3, no: 1 }, 0.8],
    ['not the highest of given numbers', { yes: 1, no: 3 }, 0.2],
    ['an object in another order of keys', 'yes', 0.8],
    ['an object without numbers', { a: 'b' }, 0.2],
  ])('finds the choice in a vote: %s', (_, vote, score) => {
    expect(rated([call('a', 'voter', { vote, reason: 'r' }, 1)], 'consensus').a).toBeCloseTo(score);
  });

  it('says nothing of voters when nothing was chosen', () => {
    expect(rated([call('a', 'voter', 'x', 1)], 'consensus', null)).toEqual({});
  });
});

describe('the capabilities that a run has used of an agent', () => {
  const params: Json = {
    steps: [{ capability: 'sort' }, { with: { planner: { capability: 'plan' }, allow: ['pack'] } }],
  };
  it('are those that its parameters name, else the first one', () => {
    expect(usedCapabilities(params, ['wrap', 'sort', 'pack'])).toEqual(['sort', 'pack']);
    expect(usedCapabilities(params, ['wrap', 'send'])).toEqual(['wrap']);
    expect(usedCapabilities({ agent: 'x' }, [])).toEqual([]);
  });
});

describe('the scores of calls', () => {
  it('are the means of what everybody said of each; what is said of the run is of none', () => {
    const calls = ['a', 'b', 'c'].map((callKey) => ({ callKey }));
    const feedback = [
      { callKey: 'a', score: 0.2 },
      { score: 0.1 },
      { callKey: 'a', score: 0.6 },
      { callKey: 'c', score: 0 },
    ];
    expect(withScores(calls as never, feedback)).toEqual([
      { callKey: 'a', score: expect.closeTo(0.4) },
      { callKey: 'b' },
      { callKey: 'c', score: 0 },
    ]);
  });
});
