import type { CloudEvent } from '../contracts/event-bus.js';
import type { RunRef } from '../contracts/values.js';
import type { Tx } from './database.js';
import { publishEvents } from './event-bus.repository.js';
import { HOPS } from './event-schedules.js';

/**
 * A message for a channel inside of the installation: an event of the bus, which its sender may hear, too. Once for the
 * event's source and id, however often it is asked for.
 */
export async function publishMessage(tx: Tx, { orgId, runId }: RunRef, event: CloudEvent): Promise<void> {
  const [run] = await tx<{ hops: number }>(`SELECT ${HOPS} AS hops FROM run r WHERE r.id = $1`, [runId]);
  await publishEvents(tx, orgId, [{ event, hops: run?.hops ?? 0 }]);
}

/** From now on until its end the run hears events of this type, beside those of its listen tasks. */
export async function subscribeToChannel(tx: Tx, { orgId, runId }: RunRef, type: string): Promise<void> {
  await tx('INSERT INTO bus_listener (id, org_id) VALUES ($1, $2) ON CONFLICT DO NOTHING', [runId, orgId]);
  await tx('INSERT INTO bus_subscription (org_id, type, listener_id) VALUES ($1, $2, $3) ON CONFLICT DO NOTHING', [
    orgId,
    type,
    runId,
  ]);
}
