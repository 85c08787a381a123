import type { PatternResult } from '../../lib/pattern-result.js';
import type { Refusal } from './caps.js';

/** What became of a subtask or a team, as the result reports it. */
export interface TreeNode {
  /** Absent for the whole. */
  id?: string;
  /** Who was asked last: an agent, a capability or a pattern; the manager of a team. */
  by?: string;
  status: PatternResult['status'];
  /** How often it was given out. */
  attempts?: number;
  /** US dollars, as far as agents say: of all attempts, of rulings on it, and of a team with its manager. */
  costUsd?: number;
  error?: string;
  escalations?: { reason: string; ruling: string }[];
  refused?: Refusal[];
  subtasks?: TreeNode[];
}

export interface TeamEnd {
  result: PatternResult;
  node: TreeNode;
}

/** Longer reasons are in the journal. */
const ERROR_CHARACTERS = 200;

export function nodeOf(result: PatternResult, about: Omit<TreeNode, 'status' | 'error'>): TreeNode {
  const { status, error } = result;
  const { costUsd = result.costUsd } = about;
  return {
    ...about,
    status,
    ...(costUsd === undefined ? {} : { costUsd }),
    ...(error === undefined ? {} : { error: error.message.slice(0, ERROR_CHARACTERS) }),
  };
}

/** Undefined where nobody said what it cost. */
export function totalCost(costs: readonly (number | undefined)[]): number | undefined {
  const known = costs.filter((cost) => cost !== undefined);
  return known.length === 0 ? undefined : known.reduce((sum, cost) => sum + cost, 0);
}
