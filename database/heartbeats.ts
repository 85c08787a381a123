import type { Heartbeat, HeartbeatAnswer } from '../contracts/agents.js';
import { BrikkError } from '../contracts/errors.js';
import { moveInstances, stateOf } from './agent-lifecycle.js';
import { type InstanceRef, toLease, UP_SINCE } from './agents.repository.js';
import { AskTogether } from './ask-together.js';
import type { Database, Tx } from './database.js';
import { isUuid } from './uuid.js';

/** A heartbeat waits so long for others, which then share its transaction. A lease lasts for seconds. */
const GATHER_MS = 100;

type Beat = Omit<InstanceRef, 'orgId'> & { beat: Heartbeat };

/** The heartbeats of this process: those of an organisation that come at about the same time are written together. */
export class Heartbeats {
  private readonly together: AskTogether<Beat, HeartbeatAnswer | undefined>;

  constructor(database: Database) {
    const renew = (orgId: string, beats: Beat[]) => database.inOrg(orgId, (tx) => renewLeases(tx, orgId, beats));
    this.together = new AskTogether(renew, GATHER_MS);
  }

  /** Renews the lease by the database's clock; an instance whose lease had ended is back. Fails `instance.not_found`. */
  async take({ orgId, agentId, instanceId }: InstanceRef, beat: Heartbeat): Promise<HeartbeatAnswer> {
    const isKnown = isUuid(agentId) && isUuid(instanceId);
    const renewed = isKnown ? await this.together.ask(orgId, { agentId, instanceId, beat }) : undefined;
    if (!renewed) throw new BrikkError('instance.not_found', `There is no agent instance ${instanceId}`);
    return renewed;
  }
}

const BEATS = `SELECT * FROM json_to_recordset($1) AS h (agent_id uuid, id uuid, load float8, in_flight bigint,
  draining boolean, health json)`;
/** What an agent makes of its count has no end; ours has. */
const IN_FLIGHT = 'least(coalesce(h.in_flight, i.in_flight), 2147483647)::int';
const DRAINING = 'coalesce(h.draining, i.draining)';

/** Undefined for instances that are not there. Where one is heard from twice, the later beat says what it says. */
export async function renewLeases(
  tx: Tx,
  orgId: string,
  beats: readonly Beat[],
): Promise<(HeartbeatAnswer | undefined)[]> {
  const newest = new Map<string, object>();
  for (const { agentId, instanceId, beat } of beats) {
    const { inFlight, ...said } = beat;
    const row = { ...said, ...(inFlight !== undefined && { in_flight: inFlight }) };
    newest.set(nameOf(agentId, instanceId), {
      ...newest.get(nameOf(agentId, instanceId)),
      ...row,
      agent_id: agentId,
      id: instanceId,
    });
  }
  const moved = await moveInstances(tx, orgId, {
    each: BEATS,
    where: 'i.agent_id = h.agent_id',
    set: `lease_expires_at = now() + nullif(i.ttl_seconds, 0) * interval '1 s', load = coalesce(h.load, i.load),
      in_flight = ${IN_FLIGHT}, draining = ${DRAINING}, health = coalesce(h.health, i.health), up_since = ${UP_SINCE},
      state = ${stateOf({ inFlight: IN_FLIGHT, draining: DRAINING })}`,
    values: [JSON.stringify([...newest.values()])],
  });
  const leases = new Map(
    moved.map(({ id, agentId, leaseExpiresAt }) => [nameOf(agentId, id), toLease(leaseExpiresAt)]),
  );
  return beats.map(({ agentId, instanceId }) => {
    const lease = leases.get(nameOf(agentId, instanceId));
    return lease && { lease };
  });
}

const nameOf = (agentId: string, instanceId: string) => `${agentId} ${instanceId}`.toLowerCase();
