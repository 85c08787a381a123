import { startBulkSchema } from '../../contracts/bulk.js';
import type { Definition } from '../../contracts/definition.js';
import type { Json } from '../../contracts/json.js';
import { pinnedRun } from '../../contracts/pinned-run.js';
import type { BulkInput } from '../../contracts/run-workflow.js';
import type { AcceptableBulk } from '../../contracts/start-bulk.js';
import { acceptBulk } from '../../database/bulk.repository.js';
import type { Database } from '../../database/database.js';
import { uuidv7 } from '../../database/uuid.js';

/** An accepted bulk run; answers what its workflow starts with. */
export async function acceptedBulk(
  database: Database,
  orgId: string,
  inputs: Json[],
  body: object = { pattern: 'agent', with: { capability: 'triage' } },
): Promise<BulkInput> {
  return accepted(database, orgId, startBulkSchema.parse({ ...body, inputs }));
}

/** The same of items that follow a definition. */
export async function acceptedBulkOf(
  database: Database,
  orgId: string,
  definition: Definition,
  inputs: Json[],
  maxConcurrency = 200,
): Promise<BulkInput> {
  const { input: _none, ...start } = pinnedRun({ definition, hash: 'f00d' }, { input: null });
  return accepted(database, orgId, { ...start, inputs, maxConcurrency });
}

async function accepted(database: Database, orgId: string, start: AcceptableBulk): Promise<BulkInput> {
  const bulk = { id: uuidv7(), orgId, start, definitionHash: 'hash', deadlineAt: Date.now() + start.deadlineMs };
  const { input } = await database.inOrg(orgId, (tx) => acceptBulk(tx, bulk));
  return input as BulkInput;
}
