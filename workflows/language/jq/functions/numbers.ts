import type { Budget } from '../budget.js';
import type { Native } from '../compile/context.js';
import { negate } from '../values/arithmetic.js';
import { errorAbout } from '../values/describe.js';
import type { Json } from '../values/json.js';
import { bessel, erf, gammaOf, logGamma } from './special-numbers.js';

type Unary = (value: number) => number;

const UNARY: Readonly<Record<string, Unary>> = {
  floor: Math.floor,
  ceil: Math.ceil,
  round: (value) => Math.sign(value) * Math.round(Math.abs(value)),
  trunc: Math.trunc,
  rint: roundToEven,
  nearbyint: roundToEven,
  fabs: Math.abs,
  sqrt: Math.sqrt,
  cbrt: Math.cbrt,
  exp: Math.exp,
  exp2: (value) => 2 ** value,
  exp10: (value) => 10 ** value,
  expm1: Math.expm1,
  log: Math.log,
  log2: Math.log2,
  log10: Math.log10,
  log1p: Math.log1p,
  sin: Math.sin,
  cos: Math.cos,
  tan: Math.tan,
  asin: Math.asin,
  acos: Math.acos,
  atan: Math.atan,
  sinh: Math.sinh,
  cosh: Math.cosh,
  tanh: Math.tanh,
  asinh: Math.asinh,
  acosh: Math.acosh,
  atanh: Math.atanh,
  significand: (value) => (isPlain(value) ? value / 2 ** exponentOf(value) : value),
  logb: (value) => (isPlain(value) ? exponentOf(value) : value === 0 ? -Infinity : value * value),
  gamma: logGamma,
  lgamma: logGamma,
  tgamma: gammaOf,
  erf,
  erfc: (value) => 1 - erf(value),
  j0: (value) => bessel(0, value),
  j1: (value) => bessel(1, value),
};

const BINARY: Readonly<Record<string, (left: number, right: number) => number>> = {
  pow: (left, right) => left ** right,
  atan2: Math.atan2,
  fmin: (left, right) => (Number.isNaN(left) ? right : Number.isNaN(right) ? left : Math.min(left, right)),
  fmax: (left, right) => (Number.isNaN(left) ? right : Number.isNaN(right) ? left : Math.max(left, right)),
  fmod: (left, right) => left % right,
  fdim: (left, right) => Math.max(left - right, 0),
  hypot: Math.hypot,
  copysign: (left, right) => (right < 0 || Object.is(right, -0) ? -Math.abs(left) : Math.abs(left)),
  drem: (left, right) => left - right * roundToEven(left / right),
  remainder: (left, right) => left - right * roundToEven(left / right),
  ldexp: scale,
  scalb: scale,
  scalbln: scale,
  nextafter,
  nexttoward: nextafter,
  jn: bessel,
};

export const NUMBER_FUNCTIONS: Readonly<Record<string, Native>> = {
  ...Object.fromEntries(
    Object.entries(UNARY).map(([name, compute]): [string, Native] => [
      `${name}/0`,
      (budget, input) => compute(numberOf(input, budget)),
    ]),
  ),
  ...Object.fromEntries(
    Object.entries(BINARY).map(([name, compute]): [string, Native] => [
      `${name}/2`,
      (budget, _input, left, right) => compute(numberOf(left!, budget), numberOf(right!, budget)),
    ]),
  ),
  'fma/3': (budget, _input, a, b, c) => numberOf(a!, budget) * numberOf(b!, budget) + numberOf(c!, budget),
  'abs/0': (budget, input) => {
    if (typeof input === 'number') return Math.abs(input);
    // What sorts below zero would have to be negated; strings, arrays and objects stay as they are.
    return input === null || typeof input === 'boolean' ? negate(input, budget) : input;
  },
  'infinite/0': () => Infinity,
  'nan/0': () => Number.NaN,
  'isinfinite/0': (budget, input) => Math.abs(numberOf(input, budget)) === Infinity,
  'isnan/0': (budget, input) => Number.isNaN(numberOf(input, budget)),
  'isnormal/0': (budget, input) => isPlain(numberOf(input, budget)) && Math.abs(numberOf(input, budget)) >= 2 ** -1022,
  'isfinite/0': (_budget, input) => typeof input === 'number' && Math.abs(input) !== Infinity,
  'frexp/0': (budget, input) => {
    const value = numberOf(input, budget);
    return isPlain(value) ? [value / 2 ** exponentOf(value) / 2, exponentOf(value) + 1] : [value, 0];
  },
  'modf/0': (budget, input) => {
    const value = numberOf(input, budget);
    return [Math.abs(value) === Infinity ? 0 : value - Math.trunc(value), Math.trunc(value)];
  },
  'lgamma_r/0': (budget, input) => {
    const value = numberOf(input, budget);
    return [logGamma(value), gammaOf(value) < 0 ? -1 : 1];
  },
};

function numberOf(value: Json, budget: Budget): number {
  if (typeof value !== 'number') throw errorAbout(value, 'number required', budget);
  return value;
}

const isPlain = (value: number): boolean => value !== 0 && Number.isFinite(value);

/** The binary exponent, exact where the logarithm is off by one. */
function exponentOf(value: number): number {
  const size = Math.abs(value);
  let exponent = Math.floor(Math.log2(size));
  if (2 ** exponent > size) exponent -= 1;
  if (exponent < 1023 && 2 ** (exponent + 1) <= size) exponent += 1;
  return exponent;
}

/** In two halves, so that neither power overflows on its own. */
function scale(value: number, exponent: number): number {
  const whole = Math.max(-2200, Math.min(2200, Math.trunc(exponent)));
  const half = Math.trunc(whole / 2);
  return value * 2 ** half * 2 ** (whole - half);
}

function roundToEven(value: number): number {
  const floor = Math.floor(value);
  const fraction = value - floor;
  if (fraction !== 0.5) return Math.round(value);
  return floor % 2 === 0 ? floor : floor + 1;
}

function nextafter(from: number, to: number): number {
  if (Number.isNaN(from) || Number.isNaN(to)) return Number.NaN;
  if (from === to) return to;
  if (from === 0) return Math.sign(to) * Number.MIN_VALUE;
  const view = new DataView(new ArrayBuffer(8));
  view.setFloat64(0, from);
  const away = to > from === from > 0;
  view.setBigInt64(0, view.getBigInt64(0) + (away ? 1n : -1n));
  return view.getFloat64(0);
}
