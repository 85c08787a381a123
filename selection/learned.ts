import type { Lesson, SelectionSettings } from '../contracts/selection.js';

/** Draws of all agents together, so that a thousand of them cost no more than ten. */
const DRAWS = 20_000;
const [FEWEST_DRAWS, MOST_DRAWS] = [32, 150];
/** Of all calls so many go to any agent, so that one who got better is found, and every propensity is above 0. */
const ANYBODY = 0.02;

/**
 * How likely each agent is to get the next call: as often as it comes out best when success and quality are drawn from
 * what is known of them (Thompson sampling; each Beta posterior by its mean and variance), less `costWeight` and
 * `latencyWeight`. Agents that are not the likeliest share at most `explore`. `random` is uniform in [0, 1).
 */
export function learnedShares(
  lessons: readonly Lesson[],
  { costWeight, latencyWeight, explore }: Omit<SelectionSettings, 'learned'>,
  random: () => number,
): number[] {
  const count = lessons.length;
  if (count === 0) return [];
  const isRated = lessons.some(({ ratings }) => ratings > 0);
  const known = lessons.filter(({ latencyMs }) => latencyMs !== null);
  const usualMs = known.reduce((sum, { latencyMs }) => sum + (latencyMs as number), 0) / Math.max(1, known.length);
  const arms = lessons.map(({ successes, failures, quality, ratings, latencyMs, costUsd }) => ({
    success: betaOf(successes, failures),
    quality: isRated ? betaOf((quality ?? 0) * ratings, (1 - (quality ?? 0)) * ratings) : undefined,
    burden: costWeight * costUsd + (latencyWeight * (latencyMs ?? usualMs)) / 1_000,
  }));
  const wins = Array.from({ length: count }, () => 0);
  const draws = Math.min(MOST_DRAWS, Math.max(FEWEST_DRAWS, Math.round(DRAWS / count)));
  for (let draw = 0; draw < draws; draw += 1) {
    let [best, highest] = [0, Number.NEGATIVE_INFINITY];
    for (const [place, { success, quality, burden }] of arms.entries()) {
      const worth = sample(success, random) * (quality ? sample(quality, random) : 1) - burden;
      if (worth > highest) [best, highest] = [place, worth];
    }
    wins[best] = (wins[best] ?? 0) + 1;
  }
  return capped(
    wins.map((won) => won / draws),
    explore,
  );
}

function capped(shares: readonly number[], explore: number): number[] {
  const best = shares.indexOf(Math.max(...shares));
  const others = 1 - (shares[best] as number);
  const anybody = Math.min(ANYBODY, explore);
  const factor = Math.min(1, (explore - anybody) / Math.max(others, Number.EPSILON));
  return shares.map((share, place) => {
    const kept = place === best ? 1 - others * factor : share * factor;
    return (1 - anybody) * kept + anybody / shares.length;
  });
}

interface Beta {
  mean: number;
  deviation: number;
}

/** From a uniform prior. */
function betaOf(successes: number, failures: number): Beta {
  const [alpha, beta] = [1 + successes, 1 + failures];
  const sum = alpha + beta;
  return { mean: alpha / sum, deviation: Math.sqrt((alpha * beta) / (sum * sum * (sum + 1))) };
}

/** Box and Muller's normal deviate, kept within what a share can be. */
function sample({ mean, deviation }: Beta, random: () => number): number {
  const deviate = Math.sqrt(-2 * Math.log(1 - random())) * Math.cos(2 * Math.PI * random());
  return Math.min(1, Math.max(0, mean + deviation * deviate));
}
