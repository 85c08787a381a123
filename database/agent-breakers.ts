import type { AgentEventType } from '../contracts/agent-events.js';
import type { InstanceState } from '../contracts/agents.js';
import type { BreakerTransition } from '../contracts/candidates.js';
import { moveInstances, stateOf, tellMoves } from './agent-lifecycle.js';
import { countBreakerMoves } from './breaker-changes.js';
import type { Database, Tx } from './database.js';
import { emptyBuckets } from './latency-buckets.js';

/** A breaker as it stands now, in the row of that alias: an open one whose time has passed lets a trial call through. */
export const breakerNow = (row: 'i' | 's'): string =>
  `CASE WHEN ${row}.breaker <> 'closed' AND ${row}.breaker_until <= now() THEN 'half-open'
    WHEN ${row}.breaker <> 'closed' THEN 'open' ELSE 'closed' END`;

/** A trial that never reports back must not keep the breaker half-open for good: for this long unless the trial says. */
const LONGEST_TRIAL_MS = 60_000;

type To = BreakerTransition['to'];

/** What a transition writes into a row `r`, and which rows it finds. */
const opens = (r: string) => `breaker = 'open', breaker_opened = ${r}.breaker_opened + 1,
  breaker_until = now() + least(${r}.breaker_opened + 1, 60) * interval '1 s'`;
const SET: Record<To, (r: string) => string> = {
  open: opens,
  reopened: opens,
  'half-open': () => `breaker = 'half-open', breaker_until = now() + $3::float8 * interval '1 ms'`,
  closed: () => `breaker = 'closed', breaker_opened = 0, breaker_until = NULL`,
};
const WHERE: Record<To, (r: string) => string> = {
  open: (r) => `(${r}.breaker <> 'open' OR ${r}.breaker_until <= now())`,
  reopened: (r) => `${r}.breaker = 'half-open'`,
  'half-open': (r) => `${r}.breaker <> 'closed' AND ${r}.breaker_until <= now()`,
  closed: (r) => `${r}.breaker <> 'closed'`,
};
const TOLD: Partial<Record<To, AgentEventType>> = {
  open: 'agent.breaker_opened',
  reopened: 'agent.breaker_opened',
  closed: 'agent.breaker_closed',
};
const STATE: Record<To, string> = {
  open: movedBy(`'open'`),
  reopened: movedBy(`'open'`),
  'half-open': movedBy(`'half-open'`),
  closed: movedBy(`'closed'`),
};

/** One that is gone, or that stands by, stays so. */
function movedBy(breaker: string): string {
  return `CASE WHEN i.state = 'shutdown' THEN i.state ELSE ${stateOf({ breaker })} END`;
}

/** Moves breakers; true when this caller made the transition, so that one worker wins the trial call. */
export async function recordBreaker(database: Database, transition: BreakerTransition): Promise<boolean> {
  const { orgId, instanceId, capability, to } = transition;
  return database.inOrg(orgId, async (tx) => {
    // Of all transitions of an instance's breakers one is made at a time.
    const [instance] = await tx<{ agentId: string; state: InstanceState }>(
      'SELECT agent_id AS "agentId", state FROM agent_instance WHERE id = $1 FOR UPDATE',
      [instanceId],
    );
    if (!instance || (to === 'half-open' && (await isHeld(tx, instanceId, capability)))) return false;
    const ofInstance = to === 'open' && capability !== undefined ? 0 : await moveInstance(tx, transition);
    const ofCapability =
      capability === undefined ? 0 : await moveCapability(tx, { ...transition, capability }, instance);
    const moves = Array.from({ length: ofInstance + ofCapability }, () => (to === 'closed' ? to : 'open'));
    if (to !== 'half-open') await countBreakerMoves(tx, orgId, 'agent', moves);
    return moves.length > 0;
  });
}

/** Whether one of the two that a trial would decide about waits for another trial, or for its time. */
async function isHeld(tx: Tx, instanceId: string, capability: string | undefined): Promise<boolean> {
  const held = await tx(
    `SELECT FROM agent_instance i WHERE i.id = $1 AND ${breakerNow('i')} = 'open'
     UNION ALL SELECT FROM capability_stat s WHERE s.instance_id = $1 AND s.capability = $2 AND ${breakerNow('s')} = 'open'`,
    [instanceId, capability ?? null],
  );
  return held.length > 0;
}

const trialOf = ({ to, trialMs = LONGEST_TRIAL_MS }: BreakerTransition) => (to === 'half-open' ? [trialMs] : []);

async function moveInstance(tx: Tx, transition: BreakerTransition): Promise<number> {
  const { orgId, instanceId, to } = transition;
  const because = TOLD[to];
  const moved = await moveInstances(tx, orgId, {
    set: `${SET[to]('i')}, state = ${STATE[to]}`,
    where: `i.id = $1 AND i.org_id = $2 AND ${WHERE[to]('i')}`,
    values: [instanceId, orgId, ...trialOf(transition)],
    ...(because && { because }),
  });
  return moved.length;
}

/** A breaker that has opened may be the first that is known of a capability. */
async function moveCapability(
  tx: Tx,
  transition: BreakerTransition & { capability: string },
  { agentId, state }: { agentId: string; state: InstanceState },
): Promise<number> {
  const { orgId, instanceId, capability, to } = transition;
  if (to === 'open')
    await tx(
      `INSERT INTO capability_stat (org_id, agent_id, instance_id, capability, calls, succeeded, success_rate, latency_buckets, cost_usd)
       VALUES ($1, $2, $3, $4, 0, 0, 0, $5, 0) ON CONFLICT DO NOTHING`,
      [orgId, agentId, instanceId, capability, emptyBuckets()],
    );
  const moved = await tx(
    `UPDATE capability_stat s SET ${SET[to]('s')} WHERE s.instance_id = $1 AND s.capability = $2 AND ${WHERE[to]('s')}
     RETURNING s.instance_id`,
    [instanceId, capability, ...trialOf(transition)],
  );
  const because = TOLD[to];
  if (moved.length > 0 && because)
    await tellMoves(tx, orgId, [{ id: instanceId, agentId, was: state, state, because, capability }]);
  return moved.length;
}
