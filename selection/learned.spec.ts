import { describe, expect, it } from '@jest/globals';
import { FADING, LEARNING_DISCOUNT, type Lesson } from '../contracts/selection.js';
import { learnedShares } from './learned.js';
import { estimatePolicy } from './off-policy.js';
import { type Draft, seeded } from '../test/support/seeded.js';

const AGENTS = 8;
const CALLS = 8_000;
const TERMS = { costWeight: 0, latencyWeight: 0, explore: 0.1 };

interface World {
  /** How likely an agent does well at a call. */
  worth: (agent: number, call: number) => number;
}
const STATIONARY: World = { worth: (agent) => 0.55 + 0.05 * agent };
/** Every 2,000 calls another one is best. */
const DRIFTING: World = { worth: (agent, call) => 0.55 + 0.05 * ((agent + 3 * Math.floor(call / 2_000)) % AGENTS) };

type Policy = (lessons: Lesson[], random: Draft) => number[];
const learned: Policy = (lessons, random) => learnedShares(lessons, TERMS, random);
/** All are equally busy in these worlds: one call after the other. */
const leastBusy: Policy = (lessons) => lessons.map(() => 1 / lessons.length);
const epsilonGreedy: Policy = (lessons) => {
  const means = lessons.map(({ successes, failures }) =>
    successes + failures > 0 ? successes / (successes + failures) : 1,
  );
  const best = means.indexOf(Math.max(...means));
  return means.map((_, at) => 0.1 / means.length + (at === best ? 0.9 : 0));
};

/** What is lost against the best agent of each moment, and the choices as they are logged. */
function play({ worth }: World, policy: Policy, seed: number, fading = policy === learned ? FADING : 1) {
  const random = seeded(seed);
  const lessons: Lesson[] = Array.from({ length: AGENTS }, (_, agent) => blank(`a${agent}`));
  const logged: { agent: number; shares: number[]; reward: number }[] = [];
  let regret = 0;
  let shares: number[] = [];
  for (let call = 0; call < CALLS; call += 1) {
    // As in a worker the shares are drawn now and then, not for each call.
    if (call % 40 === 0) shares = policy(lessons, random);
    let left = random();
    const drawn = shares.findIndex((share) => (left -= share) < 0);
    const agent = drawn < 0 ? shares.length - 1 : drawn;
    const reward = random() < worth(agent, call) ? 1 : 0;
    const best = Math.max(...lessons.map((_, other) => worth(other, call)));
    regret += best - worth(agent, call);
    for (const other of lessons) {
      other.successes *= fading;
      other.failures *= fading;
    }
    const lesson = lessons[agent]!;
    lesson.successes = lesson.successes * LEARNING_DISCOUNT + reward;
    lesson.failures = lesson.failures * LEARNING_DISCOUNT + 1 - reward;
    logged.push({ agent, shares, reward });
  }
  return { regret, logged };
}

const blank = (agentId: string): Lesson => ({
  agentId,
  successes: 0,
  failures: 0,
  quality: null,
  ratings: 0,
  latencyMs: null,
  costUsd: 0,
});
const sureOf = (agentId: string, change: Partial<Lesson>) => ({ ...blank(agentId), successes: 200, ...change });
const meanRegret = (world: World, policy: Policy) =>
  [1, 2, 3].reduce((sum, seed) => sum + play(world, policy, seed).regret, 0) / 3;

describe('learned selection', () => {
  it.each([
    ['a stationary', STATIONARY],
    ['a drifting', DRIFTING],
  ])('loses less in %s world than least-busy and ε-greedy', (_name, world) => {
    const own = meanRegret(world, learned);
    expect(own).toBeLessThan(0.9 * meanRegret(world, epsilonGreedy));
    expect(own).toBeLessThan(0.4 * meanRegret(world, leastBusy));
  });

  it('gives every agent a share, and those that are not the likeliest no more than the cap', () => {
    for (const explore of [0.01, 0.1, 0.5]) {
      const shares = learnedShares(
        Array.from({ length: 12 }, (_, at) => blank(`a${at}`)),
        { ...TERMS, explore },
        seeded(1),
      );
      expect(shares.reduce((sum, share) => sum + share, 0)).toBeCloseTo(1);
      expect(Math.min(...shares)).toBeGreaterThan(0);
      expect(1 - Math.max(...shares)).toBeLessThanOrEqual(explore + 1e-9);
    }
  });

  it('prefers what feedback calls better among those that always succeed', () => {
    const rated = [sureOf('a', { quality: 0.5, ratings: 150 }), sureOf('b', { quality: 0.9, ratings: 150 })];
    const [a, b] = learnedShares(rated, TERMS, seeded(1));
    expect(b).toBeGreaterThan(5 * a!);
  });

  it('weighs cost and latency as it is told', () => {
    const lessons = [
      sureOf('dear', { costUsd: 0.5, latencyMs: 10 }),
      sureOf('slow', { costUsd: 0.01, latencyMs: 9_000 }),
    ];
    const likeliest = (terms: object) => {
      const [dear, slow] = learnedShares(lessons, { ...TERMS, ...terms }, seeded(1));
      return dear! > slow! ? 'dear' : 'slow';
    };
    expect(likeliest({ costWeight: 1 })).toBe('slow');
    expect(likeliest({ latencyWeight: 0.1 })).toBe('dear');
  });

  it('leaves a log from which other policies can be told: their true worth lies in the interval', () => {
    const truth = { random: 0.55 + (0.05 * (AGENTS - 1)) / 2, 'agent 6': 0.85 };
    const hits = { random: 0, 'agent 6': 0 };
    for (let seed = 1; seed <= 8; seed += 1) {
      const { logged } = play(STATIONARY, learned, seed);
      const weighed = (wouldBe: (agent: number) => number) =>
        logged.map(({ agent, shares, reward }) => ({ propensity: shares[agent]!, wouldBe: wouldBe(agent), reward }));
      const told = {
        random: estimatePolicy(weighed(() => 1 / AGENTS)),
        'agent 6': estimatePolicy(weighed((agent) => Number(agent === 6))),
      };
      for (const name of ['random', 'agent 6'] as const) {
        const { low, high } = told[name];
        if (low! <= truth[name] && truth[name] <= high!) hits[name] += 1;
      }
    }
    expect(hits.random).toBeGreaterThanOrEqual(6);
    expect(hits['agent 6']).toBeGreaterThanOrEqual(6);
  });

  it('says nothing of a policy that would have made none of the choices', () => {
    expect(estimatePolicy([{ propensity: 0.5, wouldBe: 0, reward: 1 }])).toEqual({
      value: null,
      low: null,
      high: null,
      effectiveChoices: 0,
    });
    expect(estimatePolicy([{ propensity: 0.5, wouldBe: 1, reward: 1 }])).toMatchObject({ value: 1, low: null });
  });
});
