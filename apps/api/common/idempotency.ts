import { BrikkError } from '../../../contracts/errors.js';
import { contentHash } from '../../../database/canonical-json.js';
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
    const bodyHash = contentHash(body ?? null);
    return idempotently(tx, { orgId, route, key, bodyHash, ...(keepFor ? { keepFor } : {}) }, () => work(tx));
  });
}
