import type { Heartbeat } from '../../contracts/agents.js';
import type { InstanceRef } from '../../database/agents.repository.js';
import type { Tx } from '../../database/database.js';
import { renewLeases } from '../../database/heartbeats.js';

/** One heartbeat, written as those that come together are; undefined for an instance that is not there. */
export async function heartbeat(tx: Tx, { orgId, agentId, instanceId }: InstanceRef, beat: Heartbeat) {
  const [renewed] = await renewLeases(tx, orgId, [{ agentId, instanceId, beat }]);
  return renewed;
}
