import type { Json } from '../../contracts/json.js';
import { define } from '../lib/values.js';
import { canonical } from './canonical.js';

export type OnConflict = 'error' | 'first' | 'last' | 'highestScore';
interface Part {
  fields: Record<string, Json>;
  score: number;
}

/**
 * One object of several. A field with different values in two of them is a conflict: the first or last one wins, or the
 * one with the highest score, and `error` gives the names of such fields.
 */
export function mergeObjects(
  parts: readonly Part[],
  onConflict: OnConflict,
): { merged: Record<string, Json>; conflicts: string[] } {
  const merged: Record<string, Json> = {};
  const scores = new Map<string, number>();
  const conflicts = new Set<string>();
  for (const { fields, score } of parts) {
    for (const [name, value] of Object.entries(fields)) {
      const known = scores.get(name);
      const conflict = known !== undefined && canonical(merged[name] as Json) !== canonical(value);
      if (conflict) conflicts.add(name);
      const wins = !conflict || onConflict === 'last' || (onConflict === 'highestScore' && score > known);
      if (!wins) continue;
      define(merged, name, value);
      scores.set(name, Math.max(score, conflict ? score : (known ?? score)));
    }
  }
  return { merged, conflicts: [...conflicts] };
}
