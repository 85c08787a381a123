import type { Json } from '../contracts/json.js';
import { CLAIM_CHECK_BYTES, type RunRef, type Value } from '../contracts/values.js';
import type { Database } from './database.js';
import { materialise, plainOf, storePayload } from './payloads.repository.js';

/** Where a value of a run is kept: as JSON text in a row, or as a payload with this id. */
export type KeptValue = { json: string } | { ref: string; bytes: number; length?: number };

/** In the row when small, otherwise by reference; a stored value stays where it is. */
export async function keepValue(database: Database, { orgId, runId }: RunRef, value: Value): Promise<KeptValue> {
  if ('ref' in value && value.index === undefined && value.bytes > CLAIM_CHECK_BYTES) return value;
  const plain = plainOf(value);
  const content = plain === undefined ? await read(database, orgId, value) : plain;
  const json = JSON.stringify(content);
  if (Buffer.byteLength(json) <= CLAIM_CHECK_BYTES) return { json };
  return database.inOrg(orgId, (tx) => storePayload(tx, runId, content));
}

const read = (database: Database, orgId: string, value: Value): Promise<Json> =>
  database.inOrg(orgId, (tx) => materialise(tx, value));
