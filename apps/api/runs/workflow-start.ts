import { pinnedRun } from '../../../contracts/pinned-run.js';
import { type ProcessKind, refuseProcesses } from '../../../contracts/processes.js';
import type { AcceptableRun, StartBody } from '../../../contracts/start-run.js';
import { findReferenced } from '../../../database/definitions.repository.js';
import type { Tx } from '../../../database/database.js';
import { checked } from '../workflows/checked-definition.js';
import { contentHash } from '../../../database/canonical-json.js';

/**
 * What is accepted for a body: a definition is pinned with its content hash and the interpreter's version. Fails
 * `workflow.invalid`, also for processes that the operator does not allow, and `workflow.not_found` for one that was never published.
 */
export async function toAcceptable(
  body: StartBody,
  inOrg: <T>(work: (tx: Tx) => Promise<T>) => Promise<T>,
  allowedProcesses: readonly ProcessKind[] = [],
): Promise<AcceptableRun> {
  if ('pattern' in body) return body;
  const allowed: typeof pinnedRun = (pinned, given) => {
    refuseProcesses(pinned.definition, allowedProcesses);
    return pinnedRun(pinned, given);
  };
  if ('definition' in body) {
    const { definition, ...rest } = body;
    return allowed({ definition: checked(definition).definition, hash: contentHash(definition) }, rest);
  }
  const { workflow, ...rest } = body;
  return allowed(await inOrg((tx) => findReferenced(tx, workflow)), rest);
}
