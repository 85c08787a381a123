import type { Database } from './database.js';
import { resolveDeadlocks, tellDeadlocks } from './deadlocks.js';
import { grantLeases, lockLeases } from './grant-leases.js';

/** Leases that are over go, those who waited for them get their turn, and nobody waits in a circle. */
export async function sweepResources(database: Database): Promise<void> {
  const orgs = await database.asDispatch((tx) =>
    tx<{ orgId: string }>(
      `SELECT DISTINCT org_id AS "orgId" FROM resource_lease WHERE expires_at <= now() OR state = 'waiting'`,
    ),
  );
  for (const { orgId } of orgs) {
    const found = await database.inOrg(orgId, async (tx) => {
      await lockLeases(tx);
      const standing = await grantLeases(tx);
      return standing.queue.length === 0 ? [] : resolveDeadlocks(tx, orgId, standing);
    });
    if (found.length > 0) await tellDeadlocks(database, orgId, found);
  }
}
