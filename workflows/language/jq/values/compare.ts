import type { Budget } from '../budget.js';
import { isArray, isObject, ownValue, type Json, type JsonObject } from './json.js';
import { compareText } from './text.js';

interface Frame {
  readonly left: readonly Json[];
  readonly right: readonly Json[];
  index: number;
}

/**
 * jq's order: null, false, true, numbers, strings, arrays, objects (by key set, then by value).
 * `nan` is less than every number, itself included. Needs no call stack, whatever the nesting.
 */
export function compareJson(left: Json, right: Json, budget: Budget): number {
  const frames: Frame[] = [];
  let order = enter(left, right, frames);
  while (order === 0 && frames.length > 0) {
    const frame = frames[frames.length - 1]!;
    budget.spend(1 / 16);
    if (frame.index < frame.left.length && frame.index < frame.right.length) {
      frame.index += 1;
      order = enter(frame.left[frame.index - 1]!, frame.right[frame.index - 1]!, frames);
      budget.checkDepth(frames.length);
    } else {
      order = frame.left.length - frame.right.length;
      frames.pop();
    }
  }
  return order;
}

export const equalJson = (left: Json, right: Json, budget: Budget): boolean => compareJson(left, right, budget) === 0;

/** Keys in jq's order. */
export const sortedKeys = (object: JsonObject): string[] => Object.keys(object).toSorted(compareText);

/** Scalars are compared at once; two arrays or two objects are left on the stack. */
function enter(left: Json, right: Json, frames: Frame[]): number {
  const rank = rankOf(left);
  if (rank !== rankOf(right)) return rank - rankOf(right);
  if (typeof left === 'number') return compareNumbers(left, right as number);
  if (typeof left === 'string') return compareText(left, right as string);
  if (isArray(left)) frames.push({ left, right: right as readonly Json[], index: 0 });
  else if (isObject(left)) return enterObjects(left, right as JsonObject, frames);
  return 0;
}

function enterObjects(left: JsonObject, right: JsonObject, frames: Frame[]): number {
  const keys = sortedKeys(left);
  const otherKeys = sortedKeys(right);
  for (let index = 0; index < Math.min(keys.length, otherKeys.length); index += 1) {
    const order = compareText(keys[index]!, otherKeys[index]!);
    if (order !== 0) return order;
  }
  if (keys.length !== otherKeys.length) return keys.length - otherKeys.length;
  frames.push({
    left: keys.map((key) => ownValue(left, key)),
    right: keys.map((key) => ownValue(right, key)),
    index: 0,
  });
  return 0;
}

function compareNumbers(left: number, right: number): number {
  if (Number.isNaN(left)) return -1;
  if (left < right) return -1;
  return left === right ? 0 : 1;
}

function rankOf(value: Json): number {
  if (value === null || value === undefined) return 0;
  if (value === false) return 1;
  if (value === true) return 2;
  if (typeof value === 'number') return 3;
  if (typeof value === 'string') return 4;
  return Array.isArray(value) ? 5 : 6;
}
