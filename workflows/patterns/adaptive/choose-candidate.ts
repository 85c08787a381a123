import type { Json } from '../../../contracts/json.js';

/** How often a candidate was chosen so far, and how well it did: 0 to 1. */
export interface Outcomes {
  count: number;
  mean: number;
}

/** Without a try a candidate is taken for as good as can be, so that it gets one. */
const UNTRIED = 1;

/**
 * How likely each candidate is: one of the best gets the task, and a share `explore` of all tasks goes to any (ε-greedy,
 * R. S. Sutton, A. G. Barto, "Reinforcement Learning", 2018, section 2.2).
 */
export function propensities(known: readonly (Outcomes | undefined)[], explore: number): number[] {
  const values = known.map((outcomes) => (outcomes ? outcomes.mean : UNTRIED));
  const best = Math.max(...values);
  const winners = values.filter((value) => value === best).length;
  return values.map((value) => explore / values.length + (value === best ? (1 - explore) / winners : 0));
}

/** The index that a number from 0 to below 1 falls on. */
export function draw(shares: readonly number[], at: number): number {
  let sum = 0;
  const index = shares.findIndex((share) => (sum += share) > at);
  return index < 0 ? shares.length - 1 : index;
}

/** jq over `{outcomes, features}`: by name, of tasks with these features where there are any. */
export const SUMMARY = `.features as $features
  | [.outcomes | if type == "array" then .[] else empty end
      | select(type == "object" and (.name | type) == "string" and (.reward | type) == "number")]
  | group_by(.name)
  | map({name: .[0].name, same: map(select(.features == $features)), all: .}
      | (if (.same | length) > 0 then .same else .all end) as $counted
      | {name, count: ($counted | length), mean: (($counted | map(.reward) | add) / ($counted | length))})`;

/** The outcomes of each name, as `SUMMARY` gives them; what is no outcome is left out. */
export function readOutcomes(summary: Json | undefined): Map<string, Outcomes> {
  const known = new Map<string, Outcomes>();
  for (const row of Array.isArray(summary) ? summary : []) {
    if (row === null || typeof row !== 'object' || Array.isArray(row)) continue;
    const { name, count, mean } = row;
    if (typeof name !== 'string' || typeof count !== 'number' || typeof mean !== 'number') continue;
    known.set(name, { count, mean });
  }
  return known;
}
