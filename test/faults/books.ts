import type pg from 'pg';
import type { BulkItem } from '../../contracts/bulk.js';
import type { Page } from '../../contracts/lists.js';
import type { Run } from '../../contracts/runs.js';
import type { Received } from '../support/webhook-receiver.js';
import type { Seen } from './agents.js';
import type { Load } from './load.js';

/** What happened outside of the product. */
export interface Outside {
  /** Calls that went to the agent without a proxy, and to the one behind it. */
  direct: readonly Seen[];
  proxied: readonly Seen[];
  effects: readonly Received[];
  webhooks: readonly Received[];
}

export interface Books {
  runs: number;
  completed: number;
  calls: number;
  effects: number;
  webhooks: number;
  /** Calls that another worker had under way when their result came on record. */
  late: number;
  /** Each promise that was broken, in a sentence. */
  broken: string[];
}

/**
 * While a worker that was taken for dead writes its result down, the one that took over may be about to ask: it has looked
 * before, and the agent knows the call by its key. Once the result is on record nobody begins with it.
 */
const OTHER_WORKERS = 1;

/** Reads the record once everything is at rest, and compares it with what happened outside. */
export async function readBooks(load: Load, owner: pg.ClientBase, outside: Outside): Promise<Books> {
  const broken = [...load.wrong, ...(await brokenRecords(owner))];
  const roots = await rootsOf(owner);
  const asked = [...outside.direct, ...outside.proxied];
  const seen = byRun(asked.map((one) => ({ ...one, runId: roots.get(one.runId) ?? one.runId })));
  const effects = byRun(outside.effects.map(effectSeen));
  const heard = byRun(outside.webhooks.map(webhookSeen));
  let completed = 0;
  for (const { id, work } of load.accepted) {
    const run = await load.ask<Run>('GET', `/v1/runs/${id}`);
    const say = (what: string) => broken.push(`${work.kind} ${id} (${run.status}): ${what}`);
    if (run.finishedAt === null) say('has not ended');
    if (run.status === 'completed') {
      completed += 1;
      const output = work.kind === 'bulk' ? await outputsOf(load, id) : run.output;
      if (JSON.stringify(output) !== JSON.stringify(work.output)) say(`gave ${JSON.stringify(output)}`);
      const calls = keys(seen.get(id));
      if (calls !== work.calls) say(`asked agents under ${calls} keys, not ${work.calls}`);
      const made = keys(effects.get(id));
      if (made !== work.effects) say(`had effects under ${made} keys, not ${work.effects}`);
    }
    const ids = keys(heard.get(id));
    if (ids !== 1) say(`its end went out under ${ids} webhook-ids`);
  }
  const late = await askedLate(owner, outside.direct);
  if (late.some((times) => times > OTHER_WORKERS))
    broken.push(`calls asked for ${Math.max(...late)} times after their result was on record`);
  return {
    runs: load.accepted.length,
    completed,
    calls: asked.length,
    effects: outside.effects.length,
    webhooks: outside.webhooks.length,
    late: late.length,
    broken,
  };
}

/** Events and finished calls together are the stream of a run. */
const STREAM = `(SELECT run_id, position, type FROM run_event
  UNION ALL SELECT run_id, position, 'call.finished' FROM call_journal)`;

/** What must be empty when nothing is under way: each query finds what breaks its promise. */
const PROMISES: Record<string, string> = {
  'runs that never ended': `SELECT id::text, status FROM run WHERE finished_at IS NULL`,
  'streams with gaps': `SELECT run_id::text FROM ${STREAM} s GROUP BY run_id
    HAVING min(position) <> 1 OR max(position) <> count(*)`,
  'streams without one end': `SELECT r.id::text FROM run r LEFT JOIN run_event e ON e.run_id = r.id AND e.type = 'run.finished'
    GROUP BY r.id HAVING count(e.run_id) <> 1`,
  'streams that go on after their end': `SELECT e.run_id::text, e.type FROM ${STREAM} e JOIN run_event f
    ON f.run_id = e.run_id AND f.type = 'run.finished' AND e.position > f.position`,
  'budgets with something still reserved': `SELECT run_id::text, place FROM budget_ledger
    WHERE reserved_calls <> 0 OR reserved_tokens <> 0 OR reserved_cost_usd <> 0`,
  'budgets that were not counted to the end': `SELECT l.run_id::text, l.used_calls, sum(j.attempts) FROM budget_ledger l
    JOIN call_journal j ON j.run_id = l.run_id GROUP BY l.run_id, l.place, l.used_calls HAVING l.used_calls < sum(j.attempts)`,
  'leases that leaked': `SELECT request_id::text FROM resource_lease WHERE state IN ('held', 'waiting')`,
  'answers still awaited': `SELECT run_id::text, call_key FROM pending_call`,
  'events that did not go out': `SELECT run_id::text FROM bus_outbox`,
  'events not heard': `SELECT listener_id::text FROM bus_delivery WHERE status = 'pending'`,
  'webhooks that did not arrive': `SELECT id::text, status FROM webhook_delivery WHERE status <> 'delivered'`,
  'effects neither done nor given up': `SELECT key, state FROM connector_call c JOIN run r ON r.id = c.run_id
    WHERE c.state <> 'finished' AND r.status = 'completed'`,
};

async function brokenRecords(owner: pg.ClientBase): Promise<string[]> {
  const broken: string[] = [];
  for (const [promise, query] of Object.entries(PROMISES)) {
    const { rows } = await owner.query<Record<string, unknown>>(query);
    if (rows.length > 0) broken.push(`${promise}: ${rows.length}, such as ${JSON.stringify(rows.slice(0, 3))}`);
  }
  return broken;
}

/** Whether webhooks and events have all gone out by now. */
export async function isAtRest(owner: pg.ClientBase): Promise<boolean> {
  const { rows } = await owner.query<{ open: string }>(
    `SELECT (SELECT count(*) FROM run WHERE finished_at IS NULL)
       + (SELECT count(*) FROM webhook_delivery WHERE status NOT IN ('delivered', 'dead'))
       + (SELECT count(*) FROM bus_outbox) AS open`,
  );
  return Number(rows[0]?.open) === 0;
}

/** How often each call was asked for after its result was on record. */
async function askedLate(owner: pg.ClientBase, direct: readonly Seen[]): Promise<number[]> {
  const { rows } = await owner.query<{ key: string; at: Date }>(
    `SELECT run_id || '/' || call_key AS key, finished_at AS at FROM call_journal`,
  );
  const ends = new Map(rows.map(({ key, at }) => [key, at.getTime()]));
  const late = direct.filter(({ key, at }) => at > (ends.get(key) ?? Infinity));
  return [...byKey(late).values()].map((asked) => asked.length);
}

/** What was asked for the shards of a bulk run was asked for it. */
async function rootsOf(owner: pg.ClientBase): Promise<Map<string, string>> {
  const { rows } = await owner.query<{ id: string; parent: string }>(
    `SELECT id::text, parent_run_id::text AS parent FROM run WHERE parent_run_id IS NOT NULL`,
  );
  return new Map(rows.map(({ id, parent }) => [id, parent]));
}

const effectSeen = ({ headers, at }: Received): Seen => {
  const key = headers['idempotency-key'] ?? '';
  return { runId: key.split('/')[0] ?? '', key, at };
};
const webhookSeen = ({ json, id, at }: Received): Seen => ({ runId: String(json.data.runId), key: id, at });

const byRun = (seen: readonly Seen[]) => grouped(seen, ({ runId }) => runId);
const byKey = (seen: readonly Seen[]) => grouped(seen, ({ key }) => key);

function grouped<T>(all: readonly T[], nameOf: (one: T) => string): Map<string, T[]> {
  const groups = new Map<string, T[]>();
  for (const one of all) groups.set(nameOf(one), [...(groups.get(nameOf(one)) ?? []), one]);
  return groups;
}

const keys = (seen: readonly Seen[] = []): number => new Set(seen.map(({ key }) => key)).size;

async function outputsOf(load: Load, id: string): Promise<unknown[]> {
  const { items } = await load.ask<Page<BulkItem>>('GET', `/v1/runs/${id}/items?limit=200`);
  return items.map(({ output }) => output);
}
