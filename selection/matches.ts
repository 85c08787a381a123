import type { Candidate } from '../contracts/candidates.js';
import type { CallTarget } from '../contracts/run-workflow.js';
import { satisfies } from './semver-range.js';

/** Whether an agent is one that the call allows: every label it names with that value, and a version in its range. */
export function matches(
  { labels, version }: Pick<Candidate, 'labels' | 'version'>,
  target: Pick<CallTarget, 'labels' | 'version'>,
): boolean {
  if (target.version !== undefined && !satisfies(version, target.version)) return false;
  return Object.entries(target.labels ?? {}).every(([name, value]) => labels[name] === value);
}
