import { pinnedRun } from '../../../contracts/pinned-run.js';
import type { AcceptableRun, StartBody } from '../../../contracts/start-run.js';
import { findReferenced } from '../../../database/definitions.repository.js';
import type { Tx } from '../../../database/database.js';
import { checked } from '../workflows/checked-definition.js';
import { contentHash } from '../../../database/canonical-json.js';

/**
 * What is accepted for a body: a definition is pinned with its content hash and the interpreter's version. Fails
 * `workflow.invalid`, and `workflow.not_found` for one that was never published.
 */
export async function toAcceptable(
  body: StartBody,
  inOrg: <T>(work: (tx: Tx) => Promise<T>) => Promise<T>,
): Promise<AcceptableRun> {
  if ('pattern' in body) return body;
  if ('definition' in body) {
    const { definition, ...rest } = body;
    return pinnedRun({ definition: checked(definition).definition, hash: contentHash(definition) }, rest);
  }
  const { workflow, ...rest } = body;
  return pinnedRun(await inOrg((tx) => findReferenced(tx, workflow)), rest);
}
