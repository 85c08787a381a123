import type { Budget } from '../budget.js';
import { equalJson } from './compare.js';
import { errorAbout, errorAboutBoth } from './describe.js';
import { copyObject, isArray, isObject, ownValue, type Json, type JsonObject, type MutableObject } from './json.js';
import { codePointLength } from './text.js';

const LARGEST_INTEGER = 9_223_372_036_854_775_807n;

export function add(left: Json, right: Json, budget: Budget): Json {
  if (left === null) return right;
  if (right === null) return left;
  if (typeof left === 'number' && typeof right === 'number') return left + right;
  if (typeof left === 'string' && typeof right === 'string') {
    budget.allocate(left.length + right.length);
    return left + right;
  }
  if (isArray(left) && isArray(right)) {
    budget.allocate(left.length + right.length);
    return left.concat(right);
  }
  if (isObject(left) && isObject(right)) {
    budget.allocate((Object.keys(left).length + Object.keys(right).length) * 4);
    return Object.assign(copyObject(left), right);
  }
  throw errorAboutBoth(left, right, 'cannot be added', budget);
}

export function subtract(left: Json, right: Json, budget: Budget): Json {
  if (typeof left === 'number' && typeof right === 'number') return left - right;
  if (!isArray(left) || !isArray(right)) throw errorAboutBoth(left, right, 'cannot be subtracted', budget);
  budget.allocate(left.length);
  return left.filter((item) => {
    budget.spend((1 + right.length) / 16);
    return !right.some((gone) => equalJson(item, gone, budget));
  });
}

export function multiply(left: Json, right: Json, budget: Budget): Json {
  if (typeof left === 'number' && typeof right === 'number') return left * right;
  if (typeof left === 'string' && typeof right === 'number') return repeat(left, right, budget);
  if (typeof left === 'number' && typeof right === 'string') return repeat(right, left, budget);
  if (isObject(left) && isObject(right)) return merge(left, right, budget);
  throw errorAboutBoth(left, right, 'cannot be multiplied', budget);
}

export function divide(left: Json, right: Json, budget: Budget): Json {
  if (typeof left === 'number' && typeof right === 'number') {
    if (right === 0) throw errorAboutBoth(left, right, 'cannot be divided because the divisor is zero', budget);
    return left / right;
  }
  if (typeof left === 'string' && typeof right === 'string') return splitText(left, right, budget);
  throw errorAboutBoth(left, right, 'cannot be divided', budget);
}

/** Both sides are cut to whole numbers of 64 bits; the sign is that of the left. */
export function remainder(left: Json, right: Json, budget: Budget): Json {
  if (typeof left !== 'number' || typeof right !== 'number')
    throw errorAboutBoth(left, right, 'cannot be divided (remainder)', budget);
  if (Number.isNaN(left) || Number.isNaN(right)) return Number.NaN;
  const divisor = wholeNumber(right);
  if (divisor === 0n)
    throw errorAboutBoth(left, right, 'cannot be divided (remainder) because the divisor is zero', budget);
  return Number(wholeNumber(left) % divisor);
}

function wholeNumber(value: number): bigint {
  if (value >= Number(LARGEST_INTEGER)) return LARGEST_INTEGER;
  if (value <= -Number(LARGEST_INTEGER)) return -LARGEST_INTEGER - 1n;
  return BigInt(Math.trunc(value));
}

export function negate(value: Json, budget: Budget): Json {
  if (typeof value !== 'number') throw errorAbout(value, 'cannot be negated', budget);
  // There is no negative zero in what jq prints for `-0`.
  return value === 0 ? 0 : -value;
}

export function splitText(text: string, separator: string, budget: Budget): Json[] {
  budget.allocate(text.length);
  if (text === '') return [];
  return separator === '' ? Array.from(text) : text.split(separator);
}

function repeat(text: string, times: number, budget: Budget): Json {
  if (times < 0 || Number.isNaN(times)) return null;
  budget.allocate(text.length * times);
  return text.repeat(Math.floor(times));
}

/** Objects are merged level by level; anything else is replaced by the right side. */
function merge(left: JsonObject, right: JsonObject, budget: Budget): Json {
  const result = copyObject(left);
  const pending: { into: MutableObject; from: JsonObject }[] = [{ into: result, from: right }];
  for (let level = pending.pop(); level; level = pending.pop()) {
    for (const key of Object.keys(level.from)) {
      const old = ownValue(level.into, key);
      const value = ownValue(level.from, key);
      budget.spend(1 / 4);
      if (isObject(old) && isObject(value)) {
        const copy = copyObject(old);
        level.into[key] = copy;
        pending.push({ into: copy, from: value });
      } else level.into[key] = value;
    }
  }
  return result;
}

export function lengthOf(value: Json, budget: Budget): Json {
  if (value === null) return 0;
  if (typeof value === 'number') return Math.abs(value);
  if (typeof value === 'string') return codePointLength(value);
  if (isArray(value)) return value.length;
  if (isObject(value)) return Object.keys(value).length;
  throw errorAbout(value, 'has no length', budget);
}
