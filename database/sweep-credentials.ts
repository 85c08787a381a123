import { audit } from './audit.repository.js';
import { warningsOf } from './credential-end.js';
import type { Database, Tx } from './database.js';
import { announce } from './webhook-announcements.js';

const AT_ONCE = 100;

/** Destroys credentials whose overlap is over, and warns of those that are about to end; each once, whoever comes first. */
export async function sweepCredentials(database: Database): Promise<void> {
  const due = await database.asDispatch((tx) =>
    tx<{ id: string; orgId: string }>(
      `SELECT id, org_id AS "orgId" FROM connection WHERE previous_until <= now() OR warn_at <= now() LIMIT ${AT_ONCE}`,
    ),
  );
  for (const { id, orgId } of due)
    await database.inOrg(orgId, async (tx) => {
      await destroyPrevious(tx, orgId, id);
      await warn(tx, orgId, id);
    });
}

async function destroyPrevious(tx: Tx, orgId: string, id: string): Promise<void> {
  const [over] = await tx<{ version: number }>(
    `UPDATE connection SET previous_until = NULL WHERE id = $1 AND previous_until <= now()
     RETURNING credential_version AS version`,
    [id],
  );
  if (!over) return;
  await tx('DELETE FROM credential WHERE connection_id = $1 AND version < $2', [id, over.version]);
  const actor = { type: 'system' as const, id: 'worker', via: 'rotation' };
  const action = 'connection.previous_credential_destroyed';
  await audit(tx, { orgId, actor, action, target: id, outcome: 'ok', requestId: id });
}

async function warn(tx: Tx, orgId: string, id: string): Promise<void> {
  const [due] = await tx<{ name: string; expiresAt: Date }>(
    `SELECT name, expires_at AS "expiresAt" FROM connection WHERE id = $1 AND warn_at <= now() FOR UPDATE`,
    [id],
  );
  if (!due) return;
  const { name, expiresAt } = due;
  const { days, nextAt } = warningsOf(expiresAt);
  await tx('UPDATE connection SET warn_at = $2 WHERE id = $1', [id, nextAt]);
  // Its clock may be a little behind that of Postgres.
  if (days === undefined) return;
  const data = { connectionId: id, connection: name, expiresAt: expiresAt.toISOString(), days };
  const type = 'connection.credential_expiring' as const;
  await announce(tx, orgId, [{ type, data, orderingKey: `connector:${id}` }]);
}

/** When the credentials of all organisations end, of which it is known; for metrics. */
export const endsOfAll = (database: Database): Promise<{ id: string; expiresAt: Date }[]> =>
  database.asDispatch((tx) => tx(`SELECT id, expires_at AS "expiresAt" FROM connection WHERE expires_at IS NOT NULL`));
