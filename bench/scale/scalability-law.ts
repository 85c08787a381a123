/** Work done in a second by `n` workers. */
export interface Throughput {
  n: number;
  perSecond: number;
}

/** X(n) = λn / (1 + σ(n − 1) + κn(n − 1)). */
export interface ScalabilityLaw {
  /** What one worker alone does in a second. */
  lambda: number;
  /** Contention: the share of the work that is done one after the other. */
  sigma: number;
  /** Coherency: what it costs each worker that every other one is there. */
  kappa: number;
  /** The number of workers that does most; infinite without κ. */
  best: number;
  /** Share of the variance of the throughput that the law explains; 1 says nothing where there are but three numbers of workers. */
  rSquared: number;
}

/**
 * The Universal Scalability Law (N. J. Gunther, "A General Theory of Computational Scalability Based on Rational Functions",
 * 2008) through measured throughputs, by least squares: n / X(n) is linear in 1, n − 1 and n(n − 1). σ and κ are not
 * negative. Fails unless there are two numbers of workers and no throughput is 0.
 */
export function fitScalability(seen: readonly Throughput[]): ScalabilityLaw {
  if (new Set(seen.map(({ n }) => n)).size < 2) throw new Error('two numbers of workers are needed for a law');
  if (seen.some(({ perSecond }) => !(perSecond > 0))) throw new Error('every throughput has to be above 0');
  const fits = TERMS.map((terms) => solved(seen, terms)).filter((fit) => fit !== undefined);
  const [best] = fits.sort((one, other) => squares(seen, one) - squares(seen, other));
  const [base, contention, coherency] = best as Coefficients;
  const [sigma, kappa] = [contention / base, coherency / base];
  const law = { lambda: 1 / base, sigma, kappa };
  const peak = kappa > 0 ? Math.max(1, Math.sqrt(Math.max(0, 1 - sigma) / kappa)) : Infinity;
  return { ...law, best: peak, rSquared: explained(seen, law) };
}

/** What the law foretells for `n` workers. */
export function throughputOf({ lambda, sigma, kappa }: Omit<ScalabilityLaw, 'best' | 'rSquared'>, n: number): number {
  return (lambda * n) / (1 + sigma * (n - 1) + kappa * n * (n - 1));
}

type Coefficients = readonly [base: number, contention: number, coherency: number];

const COLUMNS = [() => 1, (n: number) => n - 1, (n: number) => n * (n - 1)];
/** The least squares under σ, κ ≥ 0 are those of one of these without the bound. */
const TERMS = [[0], [0, 1], [0, 2], [0, 1, 2]] as const;
/** Below this share of its column a pivot is what rounding has left of 0. */
const NO_PIVOT = 1e-9;

/** By the normal equations; undefined when a coefficient would be negative, or the numbers of workers do not tell them apart. */
function solved(seen: readonly Throughput[], terms: readonly number[]): Coefficients | undefined {
  const rows = terms.map((row) => [
    ...terms.map((column) => sum(seen, ({ n }) => COLUMNS[row]!(n) * COLUMNS[column]!(n))),
    sum(seen, ({ n, perSecond }) => (COLUMNS[row]!(n) * n) / perSecond),
  ]);
  for (const [at, row] of rows.entries()) {
    const pivot = row[at] as number;
    if (pivot <= NO_PIVOT * sum(seen, ({ n }) => COLUMNS[terms[at] as number]!(n) ** 2)) return undefined;
    for (const other of rows) {
      if (other === row) continue;
      const factor = (other[at] as number) / pivot;
      for (let column = at; column < other.length; column += 1) other[column]! -= factor * row[column]!;
    }
  }
  const found = [0, 0, 0];
  for (const [at, row] of rows.entries()) found[terms[at] as number] = (row.at(-1) as number) / (row[at] as number);
  const [base, contention, coherency] = found as [number, number, number];
  return base > 0 && contention >= 0 && coherency >= 0 ? [base, contention, coherency] : undefined;
}

const squares = (seen: readonly Throughput[], coefficients: Coefficients): number =>
  sum(seen, ({ n, perSecond }) => {
    const foretold = coefficients.reduce((total, value, term) => total + value * COLUMNS[term]!(n), 0);
    return (n / perSecond - foretold) ** 2;
  });

function explained(seen: readonly Throughput[], law: Omit<ScalabilityLaw, 'best' | 'rSquared'>): number {
  const mean = sum(seen, ({ perSecond }) => perSecond) / seen.length;
  const all = sum(seen, ({ perSecond }) => (perSecond - mean) ** 2);
  const left = sum(seen, ({ n, perSecond }) => (perSecond - throughputOf(law, n)) ** 2);
  return all === 0 ? Number(left === 0) : 1 - left / all;
}

const sum = <T>(all: readonly T[], of: (one: T) => number): number => all.reduce((total, one) => total + of(one), 0);
