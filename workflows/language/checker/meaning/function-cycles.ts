import { isObject } from '../schema/values.js';
import type { Check } from './check.js';

/** A function of `use.functions` that calls itself, directly or through others, would never end. */
export function checkFunctionCycles(check: Check): void {
  const functions = check.use['functions'] ?? {};
  const calls = new Map(Object.entries(functions).map(([name, task]) => [name, callsIn(task, functions)]));
  const done = new Set<string>();
  const visit = (name: string, around: readonly string[]): void => {
    if (done.has(name)) return;
    for (const next of calls.get(name) ?? []) {
      const chain = [...around, name];
      const from = chain.indexOf(next);
      if (from < 0) visit(next, chain);
      else {
        const message = `calls itself: ${[...chain.slice(from), next].join(' → ')}`;
        check.report({ path: ['use', 'functions', next], at: 'key', code: 'function-cycle', message });
      }
    }
    done.add(name);
  };
  for (const name of calls.keys()) visit(name, []);
}

function callsIn(value: unknown, functions: Record<string, unknown>): Set<string> {
  const found = new Set<string>();
  const visit = (inner: unknown): void => {
    if (Array.isArray(inner)) inner.forEach(visit);
    if (!isObject(inner)) return;
    const { call } = inner;
    if (typeof call === 'string' && Object.hasOwn(functions, call)) found.add(call);
    Object.values(inner).forEach(visit);
  };
  visit(value);
  return found;
}
