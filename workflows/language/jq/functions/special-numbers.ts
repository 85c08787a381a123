const LANCZOS = [
  0.99999999999980993, 676.5203681218851, -1259.1392167224028, 771.32342877765313, -176.61502916214059,
  12.507343278686905, -0.13857109526572012, 9.9843695780195716e-6, 1.5056327351493116e-7,
];

/** The gamma function by Lanczos' approximation (g = 7, n = 9); whole arguments are exact. */
export function gammaOf(value: number): number {
  if (Number.isInteger(value)) {
    if (value <= 0) return value === 0 ? Infinity : Number.NaN;
    if (value < 172) return Array.from({ length: value - 1 }, (_, index) => index + 1).reduce((a, b) => a * b, 1);
  }
  if (value < 0.5) return Math.PI / (Math.sin(Math.PI * value) * gammaOf(1 - value));
  return Math.exp(logGamma(value));
}

/** The logarithm of the absolute value of the gamma function. */
export function logGamma(value: number): number {
  if (value === 1 || value === 2) return 0;
  if (value <= 0 && Number.isInteger(value)) return Infinity;
  if (value < 0.5) return Math.log(Math.PI / Math.abs(Math.sin(Math.PI * value))) - logGamma(1 - value);
  const shifted = value - 1;
  const base = shifted + 7.5;
  const sum = LANCZOS.reduce((total, factor, index) => (index === 0 ? factor : total + factor / (shifted + index)));
  return 0.5 * Math.log(2 * Math.PI) + (shifted + 0.5) * Math.log(base) - base + Math.log(sum);
}

/** The error function: its power series near zero, the continued fraction of the complement further out. */
export function erf(value: number): number {
  const size = Math.abs(value);
  if (Number.isNaN(value)) return value;
  if (size > 6) return Math.sign(value);
  if (size < 2.5) {
    let term = value;
    let sum = value;
    for (let n = 1; n < 100; n += 1) {
      term *= (-value * value) / n;
      sum += term / (2 * n + 1);
    }
    return (2 / Math.sqrt(Math.PI)) * sum;
  }
  let fraction = 0;
  for (let n = 60; n > 0; n -= 1) fraction = n / 2 / (size + fraction);
  return Math.sign(value) * (1 - Math.exp(-size * size) / Math.sqrt(Math.PI) / (size + fraction));
}

/** Bessel function of the first kind by its integral, which the trapezoid rule takes to full precision. */
export function bessel(order: number, value: number): number {
  const steps = 200 + Math.ceil(Math.min(Math.abs(value), 10_000) + Math.abs(Math.trunc(order)));
  let sum = 0;
  for (let index = 0; index < steps; index += 1) {
    const angle = (2 * Math.PI * index) / steps;
    sum += Math.cos(Math.trunc(order) * angle - value * Math.sin(angle));
  }
  return sum / steps;
}
