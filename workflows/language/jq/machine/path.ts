import { runtimeError } from '../jq-error.js';
import type { Budget } from '../budget.js';
import { quote } from '../values/describe.js';
import type { Json } from '../values/json.js';

/** Where the value came from, while a path expression is evaluated: keys from the last to the first. */
export interface Path {
  readonly value: Json;
  readonly key?: Json;
  readonly parent?: Path;
  readonly length: number;
}

export const rootPath = (value: Json): Path => ({ value, length: 0 });

export function extendPath(path: Path | undefined, key: Json, value: Json): Path | undefined {
  return path && { value, key, parent: path, length: path.length + 1 };
}

export function keysOf(path: Path, budget: Budget): Json[] {
  budget.checkDepth(path.length);
  budget.allocate(path.length);
  const keys: Json[] = [];
  for (let step: Path = path; step.parent; step = step.parent) keys.push(step.key ?? null);
  return keys.reverse();
}

/** A value that is not what stands at the path was computed, and has no place to be written to. */
export function checkPath(path: Path, value: Json, budget: Budget, attempt = 'with result'): void {
  if (Object.is(path.value, value)) return;
  throw runtimeError(`Invalid path expression ${attempt} ${quote(value, budget)}`);
}
