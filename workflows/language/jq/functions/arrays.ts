import type { Budget } from '../budget.js';
import type { Native } from '../compile/context.js';
import { runtimeError } from '../jq-error.js';
import { compareJson, equalJson } from '../values/compare.js';
import { describe, errorAbout } from '../values/describe.js';
import { lengthOf } from '../values/arithmetic.js';
import { isArray, isObject, type Json } from '../values/json.js';
import { access, placesOf } from '../values/access.js';

interface Keyed {
  readonly item: Json;
  readonly key: Json;
}

export const ARRAY_FUNCTIONS: Readonly<Record<string, Native>> = {
  'sort/0': (budget, input) => sorted(input, input, budget).map(({ item }) => item),
  '_sort_by/1': (budget, input, keys) => sorted(input, keys!, budget).map(({ item }) => item),
  '_group_by/1': (budget, input, keys) => grouped(input, keys!, budget),
  'unique/0': (budget, input) => grouped(input, input, budget).map((group) => group[0]!),
  'min/0': (budget, input) => extreme(input, input, budget, (order) => order < 0),
  'max/0': (budget, input) => extreme(input, input, budget, (order) => order >= 0),
  '_min_by/1': (budget, input, keys) => extreme(input, keys!, budget, (order) => order < 0),
  '_max_by/1': (budget, input, keys) => extreme(input, keys!, budget, (order) => order >= 0),
  'first/0': (budget, input) => access(input, 0, budget),
  'last/0': (budget, input) => access(input, -1, budget),
  'reverse/0': reverse,
  'flatten/0': (budget, input) => flatten(budget, input, Number.MAX_SAFE_INTEGER),
  'flatten/1': flatten,
  'bsearch/1': binarySearch,
  'indices/1': indices,
  'toarray/0': (_budget, input) => (isArray(input) ? input : [input]),
};

function itemsOf(value: Json, budget: Budget): readonly Json[] {
  if (!isArray(value)) throw errorAbout(value, 'cannot be sorted, as it is not an array', budget);
  budget.allocate(value.length);
  return value;
}

function sorted(input: Json, keys: Json, budget: Budget): Keyed[] {
  const items = itemsOf(input, budget);
  const order = itemsOf(keys, budget);
  const keyed = items.map((item, index) => ({ item, key: order[index]! }));
  return keyed.toSorted((left, right) => {
    budget.spend(1 / 16);
    return compareJson(left.key, right.key, budget);
  });
}

function grouped(input: Json, keys: Json, budget: Budget): Json[][] {
  const groups: Json[][] = [];
  let last: Keyed | undefined;
  for (const keyed of sorted(input, keys, budget)) {
    if (last && equalJson(last.key, keyed.key, budget)) groups[groups.length - 1]!.push(keyed.item);
    else groups.push([keyed.item]);
    last = keyed;
  }
  return groups;
}

/** Of equal keys `min` takes the first and `max` the last. */
function extreme(input: Json, keys: Json, budget: Budget, better: (order: number) => boolean): Json {
  if (!isArray(input) || !isArray(keys))
    throw runtimeError(`${describe(input, budget)} and ${describe(keys, budget)} cannot be iterated over`);
  let best = 0;
  keys.forEach((key, index) => {
    budget.spend(1 / 16);
    if (index > 0 && better(compareJson(key, keys[best]!, budget))) best = index;
  });
  return input[best] ?? null;
}

function reverse(budget: Budget, input: Json): Json {
  const length = lengthOf(input, budget);
  if (length === 0) return [];
  if (!isArray(input)) return access(input, (length as number) - 1, budget);
  budget.allocate(input.length);
  return input.toReversed();
}

/** A stack of places, since arrays may be nested deeper than calls may. */
function flatten(budget: Budget, input: Json, depth: Json = null): Json {
  if (typeof depth !== 'number') throw runtimeError('flatten depth must be a number');
  if (depth < 0) throw runtimeError('flatten depth must not be negative');
  if (!isArray(input) && !isObject(input)) throw runtimeError(`Cannot iterate over ${describe(input, budget)}`);
  const flat: Json[] = [];
  const stack: { items: readonly Json[]; index: number }[] = [{ items: Object.values(input), index: 0 }];
  for (let top = stack[0]; top; top = stack[stack.length - 1]) {
    budget.spend(1 / 8);
    if (top.index === top.items.length) {
      stack.pop();
      continue;
    }
    const item = top.items[top.index]!;
    top.index += 1;
    if (isArray(item) && stack.length <= depth) stack.push({ items: item, index: 0 });
    else flat.push(item);
    budget.checkDepth(stack.length);
  }
  return flat;
}

/** The place of `target` in a sorted array, or `-1 - place` where it would belong. */
function binarySearch(budget: Budget, input: Json, target: Json = null): Json {
  if (!isArray(input)) throw errorAbout(input, 'cannot be searched from', budget);
  let low = 0;
  let high = input.length - 1;
  while (low <= high) {
    const middle = (low + high) >> 1;
    const order = compareJson(input[middle]!, target, budget);
    if (order === 0) return middle;
    if (order < 0) low = middle + 1;
    else high = middle - 1;
  }
  return -1 - low;
}

function indices(budget: Budget, input: Json, part: Json = null): Json {
  if (isArray(input)) return placesOf(input, isArray(part) ? part : [part], budget);
  if (typeof input === 'string' && typeof part === 'string') return placesInText(input, part, budget);
  return access(input, part, budget);
}

function placesInText(text: string, part: string, budget: Budget): Json {
  budget.allocate(text.length);
  const places: Json[] = [];
  if (part === '') return places;
  let codePoints = 0;
  let counted = 0;
  for (let at = text.indexOf(part); at >= 0; at = text.indexOf(part, at + 1)) {
    for (; counted < at; counted += 1) if ((text.charCodeAt(counted) & 0xfc00) !== 0xdc00) codePoints += 1;
    places.push(codePoints);
  }
  return places;
}
