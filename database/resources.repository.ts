import { BrikkError } from '../contracts/errors.js';
import type { Page, PageQuery } from '../contracts/lists.js';
import type { PutResource, Resource } from '../contracts/resources.js';
import { decodeCursor, isName, toPage } from './cursor.js';
import type { Tx } from './database.js';
import { grantLeases, LIVE_LEASE, lockLeases, resourceNotFound } from './grant-leases.js';

type ResourceRow = Omit<Resource, 'createdAt' | 'updatedAt' | 'held' | 'waiting'> & {
  createdAt: Date;
  updatedAt: Date;
  held: string;
  waiting: string;
};

const RESOURCES = `
  SELECT name, capacity, unit, grant_by AS "grantBy", notice_ms AS "noticeMs", created_at AS "createdAt", updated_at AS "updatedAt",
    coalesce(u.held, 0) AS held, coalesce(u.waiting, 0) AS waiting
  FROM resource LEFT JOIN LATERAL (
    SELECT sum(amount) FILTER (WHERE state = 'held') AS held, count(*) FILTER (WHERE state = 'waiting') AS waiting
    FROM resource_lease WHERE resource = resource.name AND ${LIVE_LEASE}
  ) u ON true`;

/**
 * A new resource, or another capacity for one; more of it is given out at once. Fails `resource.in_use` when more is
 * leased, or is waited for by one request, than it is to have.
 */
export async function putResource(
  tx: Tx,
  orgId: string,
  name: string,
  { capacity, unit, grantBy = 'priority', noticeMs }: PutResource,
): Promise<{ resource: Resource; isNew: boolean }> {
  await lockLeases(tx);
  const { held, largest } = await useOf(tx, name);
  if (Math.max(held, largest) > capacity)
    throw new BrikkError(
      'resource.in_use',
      held > capacity ? `${held} of ${name} are leased` : `A request waits for ${largest} of ${name}`,
      { violations: [{ path: 'capacity', message: 'is less than what is used', allowed: Math.max(held, largest) }] },
    );
  const [row] = await tx<{ isNew: boolean }>(
    `INSERT INTO resource (org_id, name, capacity, unit, grant_by, notice_ms) VALUES ($1, $2, $3, $4, $5, $6)
     ON CONFLICT (org_id, name) DO UPDATE SET capacity = excluded.capacity, unit = excluded.unit,
       grant_by = excluded.grant_by, notice_ms = excluded.notice_ms, updated_at = clock_timestamp()
     RETURNING xmax = 0 AS "isNew"`,
    [orgId, name, capacity, unit ?? null, grantBy, noticeMs ?? null],
  );
  if (grantBy !== 'market')
    await tx(`UPDATE resource_lease SET bid_usd = NULL WHERE resource = $1 AND state = 'waiting'`, [name]);
  await grantLeases(tx);
  return { resource: await readResource(tx, name), isNew: row?.isNew === true };
}

/** By name, with what is leased now. */
export async function listResources(tx: Tx, { limit, cursor }: PageQuery): Promise<Page<Resource>> {
  const after = cursor === undefined ? null : decodeCursor(cursor, isName);
  const rows = await tx<ResourceRow>(`${RESOURCES} WHERE $1::text IS NULL OR name > $1 ORDER BY name LIMIT $2`, [
    after,
    limit + 1,
  ]);
  return toPage(rows, limit, ({ name }) => name, show);
}

/** Fails `resource.not_found`. */
export async function readResource(tx: Tx, name: string): Promise<Resource> {
  const [row] = await tx<ResourceRow>(`${RESOURCES} WHERE name = $1`, [name]);
  if (!row) throw resourceNotFound(name);
  return show(row);
}

/** Fails `resource.not_found`, and `resource.in_use` while somebody holds or waits for it. */
export async function deleteResource(tx: Tx, name: string): Promise<void> {
  await lockLeases(tx);
  const { held, largest } = await useOf(tx, name);
  if (held + largest > 0) throw new BrikkError('resource.in_use', `${name} is leased or waited for`);
  const rows = await tx('DELETE FROM resource WHERE name = $1 RETURNING name', [name]);
  if (rows.length === 0) throw resourceNotFound(name);
}

/** What is leased, and the largest request that waits; the caller holds the lock. */
async function useOf(tx: Tx, name: string): Promise<{ held: number; largest: number }> {
  const [row] = await tx<{ held: string | null; largest: number | null }>(
    `SELECT sum(amount) FILTER (WHERE state = 'held') AS held, max(amount) FILTER (WHERE state = 'waiting') AS largest
     FROM resource_lease WHERE resource = $1`,
    [name],
  );
  return { held: Number(row?.held ?? 0), largest: row?.largest ?? 0 };
}

const show = ({ createdAt, updatedAt, held, waiting, ...row }: ResourceRow): Resource => ({
  ...row,
  held: Number(held),
  waiting: Number(waiting),
  createdAt: createdAt.toISOString(),
  updatedAt: updatedAt.toISOString(),
});
