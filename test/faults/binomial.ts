const ROUNDS = 60;

/**
 * The upper end of the one-sided 95 % interval for a rate of which `losses` were seen in `n` (Clopper and Pearson, 1934):
 * the rate at which so few would be seen once in twenty times. Without losses about 3 / n.
 */
export function upperBound(losses: number, n: number): number {
  if (n === 0 || losses >= n) return 1;
  let [low, high] = [losses / n, 1];
  for (let round = 0; round < ROUNDS; round += 1) {
    const middle = (low + high) / 2;
    if (atMost(losses, n, middle) > 0.05) low = middle;
    else high = middle;
  }
  return high;
}

/** P(X ≤ losses) of n trials at rate p, by the logarithms of its terms. */
function atMost(losses: number, n: number, p: number): number {
  let [sum, logTerm] = [0, n * Math.log1p(-p)];
  for (let k = 0; k <= losses; k += 1) {
    sum += Math.exp(logTerm);
    logTerm += Math.log((n - k) / (k + 1)) + Math.log(p) - Math.log1p(-p);
  }
  return sum;
}
