import type { Tx } from '../../database/database.js';
import { requestLease } from '../../database/leases.repository.js';
import { makeOffer } from '../../database/offers.repository.js';
import { putResource } from '../../database/resources.repository.js';

/** A resource with a lease, a request that waits, and an offer between the two. */
export async function offeredUnits(tx: Tx, orgId: string): Promise<void> {
  await putResource(tx, orgId, 'gpu', { capacity: 1 });
  const lease = { amount: 1, priority: 'normal' as const, ttlMs: 60_000, waitMs: 60_000 };
  const ask = () => requestLease(tx, { orgId, keyId: 'k', resource: 'gpu' }, lease);
  const [{ id: leaseId }, { id: requestId }] = [await ask(), await ask()];
  const place = { orgId, resource: 'gpu', holder: { keyId: 'k', isOperator: false } };
  await makeOffer(tx, place, { leaseId, requestId, validForMs: 1_000 });
}
