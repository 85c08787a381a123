import { moveInstances, stateOf } from './agent-lifecycle.js';
import type { Database } from './database.js';

/** Wakes those who look after agents, on commit. */
export const AGENT_CHANNEL = 'brikk_agent';

export interface NewInstance {
  id: string;
  orgId: string;
  endpoint: string;
  /** The connection whose certificate is shown to it. */
  clientCertificate: string | null;
}

/**
 * Instances that nobody has heard from since they were registered, each given to one of those who ask; who is not reached
 * is asked again after 1 s, later after a quarter of its age, at most a minute.
 */
export async function claimProbes(database: Database, limit: number): Promise<NewInstance[]> {
  const claimed = await database.asDispatch((tx) =>
    tx<{ id: string; orgId: string }>(
      `UPDATE agent_instance
       SET probe_at = now() + least(greatest((now() - registered_at) / 4, interval '1 s'), interval '1 min')
       WHERE id IN (SELECT id FROM agent_instance WHERE state = 'initializing' AND probe_at <= now()
         ORDER BY probe_at LIMIT $1 FOR UPDATE SKIP LOCKED)
       RETURNING id, org_id AS "orgId"`,
      [limit],
    ),
  );
  const orgs = [...new Set(claimed.map(({ orgId }) => orgId))];
  const found = await Promise.all(
    orgs.map((orgId) => {
      const ids = claimed.filter((one) => one.orgId === orgId).map(({ id }) => id);
      return database.inOrg(orgId, (tx) =>
        tx<NewInstance>(
          `SELECT i.id, i.org_id AS "orgId", i.endpoint, a.client_certificate AS "clientCertificate"
           FROM agent_instance i JOIN agent a ON a.id = i.agent_id WHERE i.id = ANY($1::uuid[])`,
          [ids],
        ),
      );
    }),
  );
  return found.flat();
}

/** It has answered: no longer `initializing`, unless something else has moved it. */
export async function settleProbe(database: Database, { id, orgId }: NewInstance): Promise<void> {
  const change = { set: `state = ${stateOf()}`, where: `i.id = $1 AND i.state = 'initializing'`, values: [id] };
  await database.inOrg(orgId, (tx) => moveInstances(tx, orgId, change));
}
