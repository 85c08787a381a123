import { createHash } from 'node:crypto';
import type { StartRun } from '../../../contracts/runs.js';

/** SHA-256 of what the run does (pattern and parameters, not its data), the same whatever the order of fields. */
export function definitionHash({ pattern, with: parameters }: StartRun): string {
  return createHash('sha256')
    .update(JSON.stringify(sorted({ pattern, with: parameters })))
    .digest('hex');
}

function sorted(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(sorted);
  if (typeof value !== 'object' || value === null) return value;
  const entries = Object.entries(value).sort(([left], [right]) => (left < right ? -1 : 1));
  return Object.fromEntries(entries.map(([key, inner]) => [key, sorted(inner)]));
}
