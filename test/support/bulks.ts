import { startBulkSchema } from '../../contracts/bulk.js';
import type { Json } from '../../contracts/json.js';
import type { BulkInput } from '../../contracts/run-workflow.js';
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
  const start = startBulkSchema.parse({ ...body, inputs });
  const bulk = { id: uuidv7(), orgId, start, definitionHash: 'hash', deadlineAt: Date.now() + start.deadlineMs };
  const { input } = await database.inOrg(orgId, (tx) => acceptBulk(tx, bulk));
  return input as BulkInput;
}
