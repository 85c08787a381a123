import type { Completion, ConcurrentParams } from '../../contracts/concurrent.js';

/** Branches by what became of them; `failed` counts everything that ended without a usable output. */
export interface Tally {
  total: number;
  completed: number;
  failed: number;
}
export type Verdict = 'met' | 'unreachable' | 'open';

/** How many branches must complete. */
export function neededBranches(rule: Completion, total: number): number {
  if (rule === 'all') return total;
  if (rule === 'any') return 1;
  if ('quorum' in rule) return rule.quorum;
  return 'atLeast' in rule ? rule.atLeast : rule.bestOf;
}

/** Met as soon as enough have completed; unreachable as soon as those still open cannot make it any more. */
export function verdict(rule: Completion, { total, completed, failed }: Tally): Verdict {
  const needed = neededBranches(rule, total);
  if (completed >= needed) return 'met';
  return total - failed < needed ? 'unreachable' : 'open';
}

/** Whether branches are waited for whatever they bring: then nothing is decided before the last one. */
export function waitsForEveryBranch({ completion, onBranchFailure }: ConcurrentParams): boolean {
  return completion === 'all' && onBranchFailure === 'continue';
}

/** The rule as a decision names it. */
export function ruleName(rule: Completion, total: number): string {
  if (typeof rule === 'string') return `${rule} of ${total}`;
  if ('quorum' in rule) return `quorum ${rule.quorum} of ${total}`;
  if ('bestOf' in rule) return `best of ${rule.bestOf} of ${total}`;
  return `at least ${rule.atLeast} of ${total} within ${rule.withinMs} ms`;
}
