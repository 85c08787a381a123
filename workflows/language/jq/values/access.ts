import type { Budget } from '../budget.js';
import { runtimeError, type JqError } from '../jq-error.js';
import { equalJson } from './compare.js';
import { describe } from './describe.js';
import { isArray, isObject, ownValue, typeOf, type Json, type JsonObject } from './json.js';
import { codePointLength, sliceCodePoints } from './text.js';

/** `value[key]`: a field, an element, a slice (`{start, end}`) or the places of a sub-array. */
export function access(value: Json, key: Json, budget: Budget): Json {
  if (typeof key === 'string' && isObject(value)) return ownValue(value, key);
  if (typeof key === 'number' && isArray(value)) return value[elementIndex(key, value.length)] ?? null;
  if (value === null && (typeof key === 'string' || typeof key === 'number' || isObject(key))) return null;
  if (isObject(key) && (isArray(value) || typeof value === 'string')) return slice(value, key, budget);
  if (isArray(key) && isArray(value)) return placesOf(value, key, budget);
  throw cannotIndex(value, key, budget);
}

export const cannotIndex = (value: Json, key: Json, budget: Budget): JqError =>
  runtimeError(`Cannot index ${typeOf(value)} with ${describe(key, budget)}`);

/** Negative indices count from the end; what lies outside is -1 or not below `length`. */
export function elementIndex(index: number, length: number): number {
  const whole = Math.floor(index);
  return whole < 0 ? Math.max(whole + length, -1) : whole;
}

/** Whole bounds of a slice within `length`; the start is rounded down and the end up. */
export function sliceBounds(key: JsonObject, length: number): { from: number; to: number } {
  const start = ownValue(key, 'start');
  const end = ownValue(key, 'end');
  const given = Object.hasOwn(key, 'start') && Object.hasOwn(key, 'end');
  if (!given || !isBound(start) || !isBound(end)) throw runtimeError('Array/string slice indices must be integers');
  const from = Math.floor(within(start ?? 0, length));
  const to = Math.ceil(within(end ?? length, length));
  return { from, to: Math.max(from, to) };
}

const isBound = (value: Json): value is number | null => value === null || typeof value === 'number';

function within(index: number, length: number): number {
  if (Number.isNaN(index)) return 0;
  return Math.min(Math.max(index < 0 ? index + length : index, 0), length);
}

function slice(value: string | readonly Json[], key: JsonObject, budget: Budget): Json {
  const length = typeof value === 'string' ? codePointLength(value) : value.length;
  const { from, to } = sliceBounds(key, length);
  budget.allocate(to - from);
  return typeof value === 'string' ? sliceCodePoints(value, from, to) : value.slice(from, to);
}

/** Where `part` begins in `whole`; overlapping places count. */
export function placesOf(whole: readonly Json[], part: readonly Json[], budget: Budget): Json[] {
  if (part.length === 0) return [];
  const places: Json[] = [];
  for (let at = 0; at + part.length <= whole.length; at += 1) {
    budget.spend(1 / 16);
    if (part.every((item, offset) => equalJson(whole[at + offset]!, item, budget))) places.push(at);
  }
  return places;
}
