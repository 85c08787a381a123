import type { AgentEventType } from '../contracts/agent-events.js';
import type { InstanceState } from '../contracts/agents.js';
import { subscribedAs } from '../contracts/heard-types.js';
import type { Tx } from './database.js';
import { type Announcement, announce } from './webhook-announcements.js';

/** Columns or expressions that an instance's state follows from; a column of the same name unless said. */
export interface StateSources {
  draining?: string;
  inFlight?: string;
  breaker?: string;
  standby?: string;
}

/**
 * The state of an instance that Brikk has heard from, as SQL: `idle` while it stands by, `recovering` while its breaker is
 * open, `working` with tasks in flight, `shutdown` once it has drained, else `ready`.
 */
export function stateOf({
  draining = 'i.draining',
  inFlight = 'i.in_flight',
  breaker = 'i.breaker',
  standby = 'i.standby',
}: StateSources = {}): string {
  return `CASE WHEN ${draining} AND ${inFlight} = 0 THEN 'shutdown' WHEN ${standby} THEN 'idle'
    WHEN ${breaker} <> 'closed' THEN 'recovering' WHEN ${inFlight} > 0 THEN 'working' ELSE 'ready' END`;
}

/** An instance that a change has moved, or left as it was. */
export interface MovedInstance {
  id: string;
  agentId: string;
  /** Undefined: it is new. */
  was?: InstanceState;
  state: InstanceState;
  /** What happened beside the change of state. */
  because?: AgentEventType;
  /** Where that is about one capability alone. */
  capability?: string;
}

/**
 * Changes instances and tells what that did to their states, in one transaction: `set` is the SET list for `agent_instance
 * i`, `where` says which. With `each`, rows as SQL, each instance is changed by its own row `h`, by its id. `because` is told of
 * each, whether or not its state changed.
 */
export async function moveInstances(
  tx: Tx,
  orgId: string,
  change: { set: string; where: string; each?: string; values: unknown[]; because?: AgentEventType },
): Promise<(MovedInstance & { leaseExpiresAt: Date | null })[]> {
  const { each } = change;
  const rows = await tx<MovedInstance & { leaseExpiresAt: Date | null }>(
    `WITH ${each ? `h AS MATERIALIZED (${each}),` : ''} b AS MATERIALIZED (SELECT i.id, i.state AS was
       FROM agent_instance i ${each ? 'JOIN h ON h.id = i.id' : ''} WHERE ${change.where} ORDER BY i.id FOR UPDATE OF i)
     UPDATE agent_instance i SET ${change.set} FROM b ${each ? 'JOIN h ON h.id = b.id' : ''} WHERE i.id = b.id
     RETURNING i.id, i.agent_id AS "agentId", b.was, i.state, i.lease_expires_at AS "leaseExpiresAt"`,
    change.values,
  );
  await tellMoves(tx, orgId, change.because ? rows.map((row) => ({ ...row, because: change.because! })) : rows);
  return rows;
}

const AFTER: Partial<Record<InstanceState, AgentEventType>> = {
  ready: 'agent.ready',
  working: 'agent.working',
  recovering: 'agent.recovering',
  shutdown: 'agent.shutdown',
};
const AT_WORK: ReadonlySet<InstanceState | undefined> = new Set<InstanceState>(['ready', 'working']);

/** To the webhook endpoints that want to know; a busy agent goes from task to task, which costs nothing where nobody does. */
export async function tellMoves(tx: Tx, orgId: string, moves: readonly MovedInstance[]): Promise<void> {
  const told = moves.flatMap((move) => typesOf(move).map((type) => ({ type, move })));
  if (told.length === 0) return;
  if (told.every(({ move }) => AT_WORK.has(move.was) && AT_WORK.has(move.state)) && !(await isHeard(tx, told))) return;
  const instances = await tx<{ id: string; about: Announcement['data'] }>(
    `SELECT i.id, json_build_object('agentId', a.id, 'agent', a.name, 'version', a.version, 'instanceId', i.id,
       'endpoint', i.endpoint) AS about
     FROM agent_instance i JOIN agent a ON a.id = i.agent_id WHERE i.id = ANY($1::uuid[])`,
    [[...new Set(moves.map(({ id }) => id))]],
  );
  const known = new Map(instances.map(({ id, about }) => [id, about]));
  const announcements = told.map(({ type, move: { id, was = null, state, capability } }) => ({
    type,
    data: { ...(known.get(id) as object), ...(capability !== undefined && { capability }), was, state },
    orderingKey: id,
  }));
  await announce(tx, orgId, announcements);
}

function typesOf({ was, state, because }: MovedInstance): AgentEventType[] {
  const after = AFTER[state];
  return [...(because ? [because] : []), ...(was !== state && after ? [after] : [])];
}

async function isHeard(tx: Tx, told: readonly { type: string }[]): Promise<boolean> {
  const types = [...new Set(told.flatMap(({ type }) => subscribedAs(type)))];
  const heard = await tx('SELECT FROM bus_subscription WHERE type = ANY($1) LIMIT 1', [types]);
  return heard.length > 0;
}
