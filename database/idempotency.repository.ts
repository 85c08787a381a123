import { BrikkError } from '../contracts/errors.js';
import type { Tx } from './database.js';

export interface IdempotentRequest {
  orgId: string;
  /** The scope of the key: method and route. */
  route: string;
  key: string;
  /** Hash of the body: the same key with another body is a mistake. */
  bodyHash: string;
  /** Without it the answer is kept for good, as that of a run is. */
  keepFor?: 'day';
}

interface KnownRow {
  bodyHash: string;
  status: number | null;
  body: unknown;
}

const EXPIRED_AT_ONCE = 10;

/**
 * Does the work once per key and answers later requests with the first one's answer. A parallel twin waits on the
 * unique row until the first has committed or rolled back. The work shares the transaction: when it fails, the key is
 * free again. Fails `idempotency.conflict` when the body is another one.
 */
export async function idempotently<T>(
  tx: Tx,
  request: IdempotentRequest,
  work: () => Promise<{ status: number; body: T }>,
): Promise<{ status: number; body: T; replayed: boolean }> {
  const id = [request.orgId, request.route, request.key];
  const known = await claim(tx, request);
  if (known) {
    if (known.bodyHash !== request.bodyHash)
      throw new BrikkError('idempotency.conflict', 'This Idempotency-Key was used with another body');
    return { status: known.status ?? 200, body: known.body as T, replayed: true };
  }
  const { status, body } = await work();
  await tx('UPDATE idempotency SET status = $4, response = $5 WHERE org_id = $1 AND route = $2 AND key = $3', [
    ...id,
    status,
    JSON.stringify(body) ?? null,
  ]);
  return { status, body, replayed: false };
}

/** The earlier request of this key; undefined when this transaction now holds it. */
async function claim(
  tx: Tx,
  { orgId, route, key, bodyHash, keepFor }: IdempotentRequest,
): Promise<KnownRow | undefined> {
  await tx(
    `DELETE FROM idempotency WHERE (org_id, route, key) IN (
       SELECT org_id, route, key FROM idempotency WHERE expires_at < now() LIMIT ${EXPIRED_AT_ONCE} FOR UPDATE SKIP LOCKED)`,
  );
  const inserted = await tx(
    `INSERT INTO idempotency AS i (org_id, route, key, body_hash, expires_at)
     VALUES ($1, $2, $3, $4, now() + CASE WHEN $5 THEN interval '1 day' END)
     ON CONFLICT (org_id, route, key) DO UPDATE SET body_hash = excluded.body_hash, expires_at = excluded.expires_at,
       status = NULL, response = NULL WHERE i.expires_at < now() RETURNING 1`,
    [orgId, route, key, bodyHash, keepFor === 'day'],
  );
  if (inserted.length > 0) return undefined;
  const [row] = await tx<KnownRow>(
    `SELECT body_hash AS "bodyHash", status, response AS body FROM idempotency WHERE org_id = $1 AND route = $2 AND key = $3`,
    [orgId, route, key],
  );
  return row;
}
