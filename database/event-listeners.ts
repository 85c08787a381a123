import type { Definition } from '../contracts/definition.js';
import { heardTypes } from '../contracts/heard-types.js';
import type { Tx } from './database.js';

/** A run of this definition hears from now on what its listen tasks may wait for. */
export async function subscribeRun(tx: Tx, orgId: string, runId: string, definition: Definition): Promise<void> {
  await subscribeRuns(tx, orgId, [runId], heardTypes(definition));
}

/** The same for runs of one definition. A repeat changes nothing. */
export async function subscribeRuns(tx: Tx, orgId: string, runIds: string[], types: string[]): Promise<void> {
  if (types.length === 0) return;
  await tx('INSERT INTO bus_listener (id, org_id) SELECT id, $2 FROM unnest($1::uuid[]) AS id ON CONFLICT DO NOTHING', [
    runIds,
    orgId,
  ]);
  await tx(
    `INSERT INTO bus_subscription (org_id, type, listener_id)
     SELECT $1, type, id FROM unnest($2::text[]) AS type, unnest($3::uuid[]) AS id ON CONFLICT DO NOTHING`,
    [orgId, types, runIds],
  );
}

/** The listener hears these types and no others. */
export async function subscribe(tx: Tx, orgId: string, listenerId: string, types: string[]): Promise<void> {
  await tx('DELETE FROM bus_subscription WHERE listener_id = $1 AND type <> ALL($2)', [listenerId, types]);
  await tx(
    `INSERT INTO bus_subscription (org_id, type, listener_id) SELECT $1, type, $2 FROM unnest($3::text[]) AS type
     ON CONFLICT DO NOTHING`,
    [orgId, listenerId, types],
  );
}
