import type { Budget } from '../budget.js';
import type { Native } from '../compile/context.js';
import { limitError, runtimeError } from '../jq-error.js';
import { equalJson, sortedKeys } from '../values/compare.js';
import { errorAbout, errorAboutBoth } from '../values/describe.js';
import { isArray, isObject, ownValue, typeOf, type Json } from '../values/json.js';
import { deletePaths, setPath } from '../values/update.js';

/** `contains` compares every part with every other: what is nested deeper would take forever anyway. */
const CONTAINS_DEPTH = 500;

export const OBJECT_FUNCTIONS: Readonly<Record<string, Native>> = {
  'keys/0': (budget, input) => (isObject(input) ? sortedKeys(input) : keysOf(budget, input)),
  'keys_unsorted/0': keysOf,
  'has/1': has,
  'contains/1': (budget, input, part) => {
    if (kindOf(input) !== kindOf(part!))
      throw errorAboutBoth(input, part!, 'cannot have their containment checked', budget);
    return contains(budget, input, part!, 0);
  },
  'setpath/2': (budget, input, path, value) => {
    if (!isArray(path!)) throw runtimeError('Path must be specified as an array');
    return setPath(input, path, value!, budget);
  },
  'delpaths/1': (budget, input, paths) => {
    if (!isArray(paths!)) throw runtimeError('Paths must be specified as an array');
    return deletePaths(input, paths, budget);
  },
};

function keysOf(budget: Budget, input: Json): Json {
  if (!isObject(input) && !isArray(input)) throw errorAbout(input, 'has no keys', budget);
  budget.allocate(Object.keys(input).length);
  return isArray(input) ? input.map((_, index) => index) : Object.keys(input);
}

function has(_budget: Budget, input: Json, key: Json = null): Json {
  if (input === null) return false;
  if (isObject(input) && typeof key === 'string') return Object.hasOwn(input, key);
  if (isArray(input) && typeof key === 'number') return key >= 0 && Math.floor(key) < input.length;
  throw runtimeError(`Cannot check whether ${typeOf(input)} has a ${typeOf(key)} key`);
}

/** Inside of both, parts of different kinds do not contain each other, and are no error. */
function contains(budget: Budget, whole: Json, part: Json, depth: number): boolean {
  budget.step();
  if (depth > CONTAINS_DEPTH) throw limitError('depth', `more than ${CONTAINS_DEPTH} levels in contains`);
  if (isObject(whole) && isObject(part))
    return Object.keys(part).every(
      (key) => Object.hasOwn(whole, key) && contains(budget, ownValue(whole, key), ownValue(part, key), depth + 1),
    );
  if (isArray(whole) && isArray(part))
    return part.every((item) => whole.some((candidate) => contains(budget, candidate, item, depth + 1)));
  if (typeof whole === 'string' && typeof part === 'string') return whole.includes(part);
  return equalJson(whole, part, budget);
}

/** `true` and `false` are kinds of their own to jq. */
const kindOf = (value: Json): string => (typeof value === 'boolean' ? String(value) : typeOf(value));
