import { BrikkError } from '../../../contracts/errors.js';
import type { Rerun } from '../../../contracts/rerun.js';
import type { Run } from '../../../contracts/runs.js';
import type { AcceptableRun } from '../../../contracts/start-run.js';
import { type FailedCall, failedCalls, type JournalCopy } from '../../../database/copy-journal.js';
import type { Tx } from '../../../database/database.js';
import { invalidField } from '../common/invalid-field.js';

type Kept = JournalCopy['keys'];

/**
 * What of a run its rerun keeps; undefined: nothing. Fails `run.step_not_found`, `run.not_finished` when it is not known
 * yet what failed, `request.invalid` when nothing did.
 */
export async function whatIsKept(
  tx: Tx,
  { id, finishedAt }: Pick<Run, 'id' | 'finishedAt'>,
  start: AcceptableRun,
  { fromStep, calls }: Rerun,
): Promise<Kept | undefined> {
  if (fromStep !== undefined) return beforeStep(start, fromStep);
  if (calls === undefined) return undefined;
  if (finishedAt === null)
    throw new BrikkError('run.not_finished', `Run ${id} has not ended: what of it failed is not known yet`);
  const failed = await failedCalls(tx, id);
  if (failed.length === 0) throw invalidField('calls', 'no call of the run failed');
  return apartFrom(failed, start.pattern === 'concurrent');
}

/** The steps before one. Fails `run.step_not_found`. */
function beforeStep(start: AcceptableRun, fromStep: string): Kept {
  const names = start.pattern === 'sequential' ? start.with.steps.map(({ name }) => name) : [];
  const at = names.indexOf(fromStep);
  if (at < 0)
    throw new BrikkError('run.step_not_found', 'The run has no such step', {
      violations: [{ path: 'fromStep', message: 'is no step of the run', allowed: names }],
    });
  const kept = names.slice(0, at).map((name) => `/steps/${name}`);
  return (_, path) => kept.some((step) => path === step || path.startsWith(`${step}/`));
}

/**
 * What cannot rest on a call that failed: it had begun before that was known (L. Lamport, Time, Clocks, and the Ordering of
 * Events in a Distributed System, 1978), or belongs to another branch.
 */
function apartFrom(failed: readonly FailedCall[], hasBranches: boolean): Kept {
  const branchOf = (path: string) => (hasBranches ? BRANCH.exec(path)?.[0] : undefined);
  return (_, path, begunAt) => {
    const branch = branchOf(path);
    const isOther = (of: string | undefined) => branch !== undefined && of !== undefined && of !== branch;
    return failed.every((one) => begunAt < one.finishedAt || isOther(branchOf(one.path)));
  };
}

/** Of `concurrent`: `/branches/2`, `/items/7`. */
const BRANCH = /^\/(?:branches|items)\/[^/]+/;
