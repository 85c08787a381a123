/** A choice that was made by chance, and what came of it. */
export interface WeighedChoice {
  /** How likely it was when it was made; above 0. */
  propensity: number;
  /** How likely the other policy would have made it. */
  wouldBe: number;
  reward: number;
}

export interface PolicyEstimate {
  value: number | null;
  /** Ends of the 95 % interval; null for fewer than two choices that say something. */
  low: number | null;
  high: number | null;
  effectiveChoices: number;
}

/** Of the normal distribution: 95 % are within so many deviations. */
const WITHIN = 1.96;

/**
 * What another policy would have got, of choices that this one made: the self-normalised inverse propensity estimate with
 * the variance of its linear part (A. B. Owen, "Monte Carlo theory, methods and examples", 2013, section 9.2).
 */
export function estimatePolicy(choices: readonly WeighedChoice[]): PolicyEstimate {
  const weighed = choices.flatMap(({ propensity, wouldBe, reward }) =>
    wouldBe > 0 && propensity > 0 ? [{ weight: wouldBe / propensity, reward }] : [],
  );
  const sum = weighed.reduce((total, { weight }) => total + weight, 0);
  if (sum === 0) return { value: null, low: null, high: null, effectiveChoices: 0 };
  const value = weighed.reduce((total, { weight, reward }) => total + weight * reward, 0) / sum;
  const squares = weighed.reduce((total, { weight }) => total + weight * weight, 0);
  const effectiveChoices = (sum * sum) / squares;
  if (weighed.length < 2) return { value, low: null, high: null, effectiveChoices };
  const spread = weighed.reduce((total, { weight, reward }) => total + weight ** 2 * (reward - value) ** 2, 0);
  const half = (WITHIN * Math.sqrt(spread)) / sum;
  return { value, low: value - half, high: value + half, effectiveChoices };
}
