import { BrikkError } from '../contracts/errors.js';
import type { Json } from '../contracts/json.js';
import type { Page } from '../contracts/lists.js';
import {
  type ListSessions,
  MAX_SESSION_BYTES,
  type OpenSession,
  type SaveSession,
  type Session,
  type SessionSummary,
} from '../contracts/sessions.js';
import { decodeCursor, toPage } from './cursor.js';
import type { Database, Tx } from './database.js';
import { isUuid, uuidv7 } from './uuid.js';

const LIVE = 'expires_at > clock_timestamp()';
const IN_TIME = `clock_timestamp() + ttl_ms * interval '1 ms'`;
const SUMMARY = `s.id, s.agent_id AS "agentId", s.instance_id AS "instanceId", s.key, s.hand_overs AS "handOvers",
  s.version, s.bytes, s.ttl_ms AS "ttlMs", s.created_at AS "createdAt", s.used_at AS "usedAt", s.expires_at AS "expiresAt"`;
const WHOLE = `${SUMMARY}, s.state::text AS state`;

type SummaryRow = Omit<SessionSummary, 'createdAt' | 'usedAt' | 'expiresAt'> & Record<Times, Date>;
type Times = 'createdAt' | 'usedAt' | 'expiresAt';
type WholeRow = SummaryRow & { state: string };

/**
 * The session of an agent under a key, which the instance has from now on: a new one, or the one there is, taken over
 * when another instance had it. Who gets a call decides who has its session, so that nobody waits for the death of an
 * instance to be noticed. Fails `instance.not_found`.
 */
export async function openSession(
  tx: Tx,
  { agentId, instanceId }: { agentId: string; instanceId: string },
  { key, ttlMs }: OpenSession,
): Promise<{ session: Session; what: 'created' | 'handed-over' | 'used' }> {
  const known = await tx('SELECT 1 FROM agent_instance WHERE agent_id = $1 AND id = $2', [agentId, instanceId]);
  if (known.length === 0) throw new BrikkError('instance.not_found', `There is no agent instance ${instanceId}`);
  await tx(`SELECT pg_advisory_xact_lock(hashtextextended('agent session ' || $1, 0))`, [`${agentId} ${key}`]);
  await tx(`DELETE FROM agent_session WHERE agent_id = $1 AND key = $2 AND NOT ${LIVE}`, [agentId, key]);
  const [standing] = await tx<{ instanceId: string }>(
    'SELECT instance_id AS "instanceId" FROM agent_session WHERE agent_id = $1 AND key = $2',
    [agentId, key],
  );
  const [row] = await tx<WholeRow>(
    `INSERT INTO agent_session AS s (id, org_id, agent_id, instance_id, key, ttl_ms, expires_at)
     VALUES ($1, $2, $3, $4, $5, $6, clock_timestamp() + $6 * interval '1 ms')
     ON CONFLICT (agent_id, key) DO UPDATE SET instance_id = excluded.instance_id, ttl_ms = excluded.ttl_ms,
       hand_overs = s.hand_overs + (s.instance_id <> excluded.instance_id)::int,
       used_at = clock_timestamp(), expires_at = excluded.expires_at
     RETURNING ${WHOLE}`,
    [uuidv7(), tx.orgId, agentId, instanceId, key, ttlMs],
  );
  const session = whole(row!);
  if (!standing) return { session, what: 'created' };
  return { session, what: standing.instanceId === instanceId ? 'used' : 'handed-over' };
}

/** What the next instance begins with. Fails `session.not_found`, `session.moved`, `session.too_large`. */
export async function saveSession(tx: Tx, id: string, { state, handOvers }: SaveSession): Promise<SessionSummary> {
  const text = JSON.stringify(state);
  const bytes = Buffer.byteLength(text);
  if (bytes > MAX_SESSION_BYTES)
    throw new BrikkError('session.too_large', `The state of the session would take ${bytes} bytes of JSON`, {
      violations: [{ path: 'state', message: 'is too large', allowed: { maxBytes: MAX_SESSION_BYTES } }],
    });
  const [row] = await tx<SummaryRow>(
    `UPDATE agent_session s SET state = $3, bytes = $4, version = version + 1, used_at = clock_timestamp(),
       expires_at = ${IN_TIME}
     WHERE id = $1 AND hand_overs = $2 AND ${LIVE} RETURNING ${SUMMARY}`,
    [id, handOvers, text, bytes],
  );
  if (row) return summary(row);
  const { handOvers: now } = await readSession(tx, id);
  throw new BrikkError('session.moved', 'Another instance has taken the session over', {
    violations: [{ path: 'handOvers', message: `was ${handOvers}, and is ${now}`, allowed: now }],
  });
}

/** With its state. Fails `session.not_found`. */
export async function readSession(tx: Tx, id: string): Promise<Session> {
  const [row] = isUuid(id)
    ? await tx<WholeRow>(`SELECT ${WHOLE} FROM agent_session s WHERE id = $1 AND ${LIVE}`, [id])
    : [];
  if (!row) throw new BrikkError('session.not_found', `There is no session ${id}`);
  return whole(row);
}

/** The newest first, without their states. */
export async function listSessions(tx: Tx, { limit, cursor, agent, key }: ListSessions): Promise<Page<SessionSummary>> {
  const before = cursor === undefined ? null : decodeCursor(cursor, isUuid);
  const rows = await tx<SummaryRow>(
    `SELECT ${SUMMARY} FROM agent_session s WHERE ${LIVE} AND ($1::uuid IS NULL OR id < $1)
       AND ($2::uuid IS NULL OR agent_id = $2) AND ($3::text IS NULL OR key = $3) ORDER BY id DESC LIMIT $4`,
    [before, agent ?? null, key ?? null, limit + 1],
  );
  return toPage(rows, limit, ({ id }) => id, summary);
}

/** Fails `session.not_found`. */
export async function endSession(tx: Tx, id: string): Promise<void> {
  const ended = await tx(`DELETE FROM agent_session WHERE id = $1 AND ${LIVE} RETURNING id`, [id]);
  if (ended.length === 0) throw new BrikkError('session.not_found', `There is no session ${id}`);
}

/** Removes what is over. */
export async function sweepSessions(database: Database): Promise<void> {
  await database.asDispatch((tx) => tx('DELETE FROM agent_session WHERE expires_at < now()'));
}

const summary = <Row extends SummaryRow>({ createdAt, usedAt, expiresAt, ...row }: Row) => ({
  ...row,
  createdAt: createdAt.toISOString(),
  usedAt: usedAt.toISOString(),
  expiresAt: expiresAt.toISOString(),
});
const whole = (row: WholeRow): Session => ({ ...summary(row), state: JSON.parse(row.state) as Json });
