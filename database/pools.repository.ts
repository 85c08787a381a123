import { BrikkError } from '../contracts/errors.js';
import type { Page, PageQuery } from '../contracts/lists.js';
import type { Pool, PoolMember, PutPool, ScaleReason } from '../contracts/pools.js';
import { AGENT_CHANNEL } from './agent-probes.js';
import { readAgentTemplate } from './agent-templates.repository.js';
import { decodeCursor, isName, toPage } from './cursor.js';
import type { Tx } from './database.js';
import type { AgentPoolRow } from './entities/agent-pool.entity.js';
import { uuidv7 } from './uuid.js';
import { announce } from './webhook-announcements.js';

const DEFAULT_SIZE = 4;

type PoolRow = Pick<
  AgentPoolRow,
  | 'id'
  | 'name'
  | 'template'
  | 'settings'
  | 'size'
  | 'state'
  | 'reason'
  | 'lastScale'
  | 'measured'
  | 'createdAt'
  | 'updatedAt'
> & { members: (Omit<PoolMember, 'startedAt'> & { startedAt: string })[] };

/** One whose host was lost waits for another. */
const POOLS = `
  SELECT p.id, p.name, p.template, p.settings, p.size, p.last_scale AS "lastScale", p.measured, p.created_at AS "createdAt",
    p.updated_at AS "updatedAt", CASE WHEN p.state = 'deleting' OR p.host_until > now() THEN p.state ELSE 'waiting' END AS state,
    CASE WHEN p.host_until > now() THEN p.reason WHEN p.state <> 'deleting' THEN 'no worker hosts it' END AS reason,
    coalesce((SELECT json_agg(json_build_object('id', m.id, 'state', m.state, 'pid', m.pid, 'instanceId', m.instance_id,
      'endpoint', m.endpoint, 'inFlight', m.in_flight, 'templateVersion', m.template_version, 'startedAt', m.started_at,
      'readyAfterMs', m.ready_after_ms) ORDER BY m.id) FROM agent_pool_member m WHERE m.pool_id = p.id), '[]') AS members
  FROM agent_pool p`;

/**
 * A new pool, or other terms for one; its size stays unless it is said, but within min and max. Fails `template.not_found`,
 * and `request.invalid` for a failover without backups.
 */
export async function putPool(
  tx: Tx,
  orgId: string,
  name: string,
  { template, size, ...settings }: PutPool,
): Promise<{ pool: Pool; isNew: boolean }> {
  const { recovery } = await readAgentTemplate(tx, template);
  if (recovery === 'failover' && settings.backups === 0)
    throw new BrikkError('request.invalid', `The template ${template} recovers by failover`, {
      violations: [{ path: 'backups', message: 'must be at least 1: a backup takes over', allowed: 1 }],
    });
  const clamp = (count: number) => Math.min(settings.max, Math.max(settings.min, count));
  const [known] = await tx<{ size: number; state: string }>(
    'SELECT size, state FROM agent_pool WHERE name = $1 FOR UPDATE',
    [name],
  );
  if (known?.state === 'deleting') throw isDeleting(name);
  await tx(
    `INSERT INTO agent_pool (id, org_id, name, template, settings, size) VALUES ($1, $2, $3, $4, $5, $6)
     ON CONFLICT (org_id, name) DO UPDATE SET template = excluded.template, settings = excluded.settings, updated_at = now()`,
    [uuidv7(), orgId, name, template, JSON.stringify(settings), clamp(size ?? DEFAULT_SIZE)],
  );
  if (known) await resizePool(tx, orgId, name, clamp(size ?? known.size), 'by_hand');
  await tx(`SELECT pg_notify('${AGENT_CHANNEL}', '')`);
  return { pool: await readPool(tx, name), isNew: known === undefined };
}

/** By name. */
export async function listPools(tx: Tx, { limit, cursor }: PageQuery): Promise<Page<Pool>> {
  const after = cursor === undefined ? null : decodeCursor(cursor, isName);
  const rows = await tx<PoolRow>(`${POOLS} WHERE $1::text IS NULL OR p.name > $1 ORDER BY p.name LIMIT $2`, [
    after,
    limit + 1,
  ]);
  return toPage(rows, limit, ({ name }) => name, show);
}

/** Fails `pool.not_found`. */
export async function readPool(tx: Tx, name: string): Promise<Pool> {
  const [row] = await tx<PoolRow>(`${POOLS} WHERE p.name = $1`, [name]);
  if (!row) throw poolNotFound(name);
  return show(row);
}

/** Fails `pool.not_found`, `pool.deleting`, and `request.invalid` for a size that it cannot have. */
export async function scalePool(tx: Tx, orgId: string, name: string, size: number): Promise<Pool> {
  const { min, max, state } = await readPool(tx, name);
  if (state === 'deleting') throw isDeleting(name);
  if (size < min || size > max)
    throw new BrikkError('request.invalid', `The pool ${name} has ${min} to ${max} members`, {
      violations: [{ path: 'size', message: `must be from ${min} to ${max}`, allowed: [min, max] }],
    });
  await resizePool(tx, orgId, name, size, 'by_hand');
  await tx(`SELECT pg_notify('${AGENT_CHANNEL}', '')`);
  return readPool(tx, name);
}

/** Another size, told as `pool.scaled` in the same transaction; false when it has it already. */
export async function resizePool(
  tx: Tx,
  orgId: string,
  name: string,
  size: number,
  reason: ScaleReason,
): Promise<boolean> {
  const [row] = await tx<{ from: number; at: Date }>(
    `WITH was AS (SELECT id, size FROM agent_pool WHERE name = $1 FOR UPDATE)
     UPDATE agent_pool p SET size = $2, last_scale = json_build_object('from', was.size, 'to', $2::int, 'reason', $3::text,
       'at', to_char(now() AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.MS"Z"'))
     FROM was WHERE p.id = was.id AND (was.size <> $2 OR $3 = 'by_hand') RETURNING was.size AS "from", now() AS at`,
    [name, size, reason],
  );
  if (!row || row.from === size) return false;
  const data = { pool: name, from: row.from, to: size, reason };
  await announce(tx, orgId, [{ type: 'pool.scaled', data, orderingKey: `pool ${name}` }]);
  return true;
}

/** Its members finish what they are doing; then it is gone. Fails `pool.not_found`. */
export async function deletePool(tx: Tx, name: string): Promise<void> {
  const rows = await tx<{ id: string; isUnused: boolean }>(
    `UPDATE agent_pool p SET state = 'deleting', updated_at = now() WHERE name = $1
     RETURNING id, host IS NULL AND NOT EXISTS (SELECT FROM agent_pool_member m WHERE m.pool_id = p.id) AS "isUnused"`,
    [name],
  );
  const [pool] = rows;
  if (!pool) throw poolNotFound(name);
  if (pool.isUnused) await tx('DELETE FROM agent_pool WHERE id = $1', [pool.id]);
  else await tx(`SELECT pg_notify('${AGENT_CHANNEL}', '')`);
}

const poolNotFound = (name: string) => new BrikkError('pool.not_found', `There is no pool ${name}`);
const isDeleting = (name: string) => new BrikkError('pool.deleting', `The pool ${name} is being deleted`);

function show({ id: _id, settings, measured, createdAt, updatedAt, members, ...row }: PoolRow): Pool {
  const atWork = members.filter(({ state }) => state === 'ready');
  const busy = atWork.filter(({ inFlight }) => inFlight > 0).length;
  return {
    ...row,
    total: atWork.length,
    busy,
    idle: atWork.length - busy,
    ...(measured ?? { queue: 0, avgResponseMs: null, throughputPerS: 0 }),
    ...settings,
    members: members.map((member) => ({ ...member, startedAt: new Date(member.startedAt).toISOString() })),
    createdAt: createdAt.toISOString(),
    updatedAt: updatedAt.toISOString(),
  };
}
