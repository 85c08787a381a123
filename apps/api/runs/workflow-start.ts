import { pinnedRun } from '../../../contracts/pinned-run.js';
import { type ProcessKind, refuseProcesses } from '../../../contracts/processes.js';
import type { AcceptableRun, StartBody, StartWorkflow } from '../../../contracts/start-run.js';
import { findReferenced } from '../../../database/definitions.repository.js';
import type { Tx } from '../../../database/database.js';
import { checked } from '../workflows/checked-definition.js';
import { contentHash } from '../../../database/canonical-json.js';

type Work = <T>(work: (tx: Tx) => Promise<T>) => Promise<T>;

/** What is accepted for a body; a definition as `toWorkflow` has it. */
export async function toAcceptable(
  body: StartBody,
  inOrg: Work,
  allowedProcesses?: readonly ProcessKind[],
): Promise<AcceptableRun> {
  return 'pattern' in body ? body : toWorkflow(body, inOrg, allowedProcesses);
}

/**
 * What is accepted for a definition or the name of one: it is pinned with its content hash and the interpreter's version. Fails
 * `workflow.invalid`, also for processes that the operator does not allow, and `workflow.not_found` for one that was never published.
 */
export async function toWorkflow(
  body: Exclude<StartBody, { pattern: unknown }>,
  inOrg: Work,
  allowedProcesses: readonly ProcessKind[] = [],
): Promise<StartWorkflow> {
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
