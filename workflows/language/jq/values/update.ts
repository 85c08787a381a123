import type { Budget } from '../budget.js';
import { runtimeError } from '../jq-error.js';
import { access, cannotIndex, elementIndex, sliceBounds } from './access.js';
import { compareJson } from './compare.js';
import { copyObject, isArray, isObject, typeOf, type Json, type JsonObject } from './json.js';

const LARGEST_INDEX = 536_870_911;
/** An object key costs more to copy than an array element. */
const KEY_UNITS = 4;

/** The value at `keys`; null as soon as the way leads into null. */
export function getPath(value: Json, keys: readonly Json[], budget: Budget): Json {
  let current = value;
  for (const key of keys) {
    if (current === null) return null;
    budget.spend(1 / 16);
    current = access(current, key, budget);
  }
  return current;
}

/** A copy of `value` with `replacement` at `keys`; arrays and objects on the way are made from null. */
export function setPath(value: Json, keys: readonly Json[], replacement: Json, budget: Budget): Json {
  return changePath(value, keys, budget, () => replacement);
}

/** A copy of `value` without what stands at `paths`; the last go first, so that indices keep their meaning. */
export function deletePaths(value: Json, paths: readonly Json[], budget: Budget): Json {
  const sorted = paths.toSorted((left, right) => compareJson(right, left, budget));
  return sorted.reduce<Json>((rest, path) => {
    if (!isArray(path)) throw runtimeError(`Path must be specified as array, not ${typeOf(path)}`);
    return deletePath(rest, path, budget);
  }, value);
}

function deletePath(value: Json, keys: readonly Json[], budget: Budget): Json {
  const last = keys[keys.length - 1];
  if (last === undefined) return null;
  const parents = keys.slice(0, -1);
  if (getPath(value, parents, budget) === null) return value;
  return changePath(value, parents, budget, (parent) => deleteKey(parent, last, budget));
}

function changePath(value: Json, keys: readonly Json[], budget: Budget, change: (value: Json) => Json): Json {
  budget.checkDepth(keys.length);
  const parents: Json[] = [];
  let current = value;
  for (const key of keys) {
    parents.push(current);
    current = access(current, key, budget);
  }
  current = change(current);
  for (let level = keys.length - 1; level >= 0; level -= 1)
    current = setKey(parents[level]!, keys[level]!, current, budget);
  return current;
}

function setKey(value: Json, key: Json, child: Json, budget: Budget): Json {
  if (typeof key === 'string' && (value === null || isObject(value))) {
    budget.allocate(Object.keys(value ?? {}).length * KEY_UNITS);
    const copy = copyObject(value ?? {});
    copy[key] = child;
    return copy;
  }
  if (typeof key === 'number' && (value === null || isArray(value))) return setElement(value ?? [], key, child, budget);
  if (isObject(key) && (value === null || isArray(value))) return setSlice(value ?? [], key, child, budget);
  if (isObject(key) && typeof value === 'string') throw runtimeError('Cannot update string slices');
  throw isArray(key) && isArray(value)
    ? runtimeError('Cannot update field at array index of array')
    : cannotIndex(value, key, budget);
}

function setElement(array: readonly Json[], key: number, child: Json, budget: Budget): Json {
  const index = elementIndex(Number.isNaN(key) ? 0 : key, array.length);
  if (index < 0) throw runtimeError('Out of bounds negative array index');
  if (index > LARGEST_INDEX) throw runtimeError('Array index too large');
  budget.allocate(Math.max(array.length, index + 1));
  const copy = array.slice();
  while (copy.length < index) copy.push(null);
  copy[index] = child;
  return copy;
}

function setSlice(array: readonly Json[], key: JsonObject, child: Json, budget: Budget): Json {
  if (!isArray(child)) throw runtimeError('A slice of an array can only be assigned another array');
  const { from, to } = sliceBounds(key, array.length);
  budget.allocate(array.length + child.length);
  return [...array.slice(0, from), ...child, ...array.slice(to)];
}

function deleteKey(value: Json, key: Json, budget: Budget): Json {
  if (value === null) return null;
  if (isObject(value) && typeof key === 'string') {
    budget.allocate(Object.keys(value).length * KEY_UNITS);
    const copy = copyObject(value);
    delete copy[key];
    return copy;
  }
  if (isArray(value) && typeof key === 'number') {
    const index = elementIndex(key, value.length);
    budget.allocate(value.length);
    return index < 0 || index >= value.length ? value : value.toSpliced(index, 1);
  }
  if (isArray(value) && isObject(key)) {
    const { from, to } = sliceBounds(key, value.length);
    return value.toSpliced(from, to - from);
  }
  if (isArray(value) || isObject(value)) throw runtimeError(`Cannot delete ${typeOf(key)} element of ${typeOf(value)}`);
  throw runtimeError(`Cannot delete fields from ${typeOf(value)}`);
}
