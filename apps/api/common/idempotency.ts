import { createHash } from 'node:crypto';
import { BrikkError } from '../../../contracts/errors.js';
import type { Json } from '../../../contracts/json.js';
import type { Database, Tx } from '../../../database/database.js';
import { idempotently } from '../../../database/idempotency.repository.js';
import type { Caller } from './request.js';

const KEY = /^[\x21-\x7e]{1,255}$/;

/** Fails `request.invalid` for a key that is not 1 to 255 visible ASCII characters. */
export function readIdempotencyKey(header: string | string[] | undefined): string | undefined {
  if (header === undefined || (typeof header === 'string' && KEY.test(header))) return header;
  const violations = [{ path: 'Idempotency-Key', message: 'must be 1 to 255 visible ASCII characters' }];
  throw new BrikkError('request.invalid', 'The header Idempotency-Key is not usable', { violations });
}

export interface Creation<Body> {
  status: number;
  body: Body;
  replayed: boolean;
}

/**
 * Does the work once for each idempotency key, in one transaction with what it writes: a repeat with the same body
 * gets the first answer, another body fails `idempotency.conflict`. Without a key it is simply done.
 */
export async function once<Body extends object>(
  database: Database,
  caller: Caller,
  request: { route: string; body: unknown; keepFor?: 'day' },
  work: (tx: Tx) => Promise<{ status: number; body: Body }>,
): Promise<Creation<Body>> {
  const { orgId, idempotencyKey: key } = caller;
  return database.inOrg(orgId, async (tx) => {
    if (key === undefined) return { ...(await work(tx)), replayed: false };
    const { route, body, keepFor } = request;
    const bodyHash = createHash('sha256').update(canonical(body)).digest('hex');
    return idempotently(tx, { orgId, route, key, bodyHash, ...(keepFor ? { keepFor } : {}) }, () => work(tx));
  });
}

/** The same text for the same value, whatever the order of its fields. */
function canonical(value: unknown): string {
  return JSON.stringify(value ?? null, (_, inner: Json) =>
    typeof inner === 'object' && inner !== null && !Array.isArray(inner)
      ? Object.fromEntries(Object.entries(inner).sort(([left], [right]) => (left < right ? -1 : 1)))
      : inner,
  );
}
