import type { DeliveryReason, Trigger } from '../contracts/webhook-deliveries.js';
import { OPERATOR_TYPES } from '../contracts/webhook-endpoints.js';
import type { Tx } from './database.js';
import { type BreakerMove, countBreakerMoves } from './breaker-changes.js';
import { afterAttempt, type DeliveryVerdict } from './delivery-rules.js';
import {
  type EndedAttempt,
  type EndpointHealth,
  healthAfter,
  type HealthVerdict,
  isSpotless,
} from './endpoint-rules.js';
import type { WebhookEndpointRow } from './entities/webhook-endpoint.entity.js';
import { announce, type Announcement, breakerNews } from './webhook-announcements.js';
import { OPEN } from './claim-webhooks.js';
import { bodyCell } from './webhook-fan-out.js';
import type { Vault } from './vault.js';
import { WEBHOOK_CHANNEL } from './webhook-channel.js';

/** An attempt that is over, by whoever holds the claim; or why there was none. */
export interface SettledWebhook {
  id: string;
  endpointId: string;
  claims: number;
  generation: number;
  eventKey: string;
  type: string;
  /** Before this one. */
  attempts: number;
  trigger: Trigger;
  /** Rendered anew: what is sent from now on. */
  rendered?: { body: string | undefined };
  end:
    | { attempt: EndedAttempt & { startedAt: Date; latencyMs: number; response?: string; isTruncated: boolean } }
    | { status: 'dead' | 'skipped'; reason: DeliveryReason; error?: string };
}

type Locked = Pick<
  WebhookEndpointRow,
  'id' | 'name' | 'state' | 'settings' | 'health' | 'breaker' | 'heldUntil' | 'runId'
> & { now: Date };

/**
 * Writes down what came of attempts at endpoints of one organisation: attempts, deliveries, and what it says of the
 * endpoints, in one transaction. Who has lost his claim changes nothing. Endpoints are locked before deliveries, both in
 * order of id; where all went well at an endpoint that is well, it is only read.
 */
export async function settleWebhooks(tx: Tx, vault: Vault, orgId: string, settled: SettledWebhook[]): Promise<void> {
  const endpoints = await lockEndpoints(tx, settled);
  const byId = new Map(endpoints.map((endpoint) => [endpoint.id, endpoint]));
  const owned = await tx<{ id: string; claims: number }>(
    `SELECT id, claims FROM webhook_delivery WHERE id = ANY($1::uuid[]) AND status = 'sending' ORDER BY id FOR UPDATE`,
    [settled.map(({ id }) => id)],
  );
  const claims = new Map(owned.map(({ id, claims: claim }) => [id, claim]));
  const mine = settled.filter((one) => claims.get(one.id) === one.claims && byId.has(one.endpointId));
  const verdicts = new Map<string, HealthVerdict>();
  for (const endpoint of endpoints) {
    const attempts = mine.flatMap(({ endpointId, end }) =>
      endpointId === endpoint.id && 'attempt' in end ? [end.attempt] : [],
    );
    verdicts.set(endpoint.id, healthAfter(healthOf(endpoint), attempts, endpoint.now.getTime()));
  }
  const judged = mine.map((one) => ({ one, verdict: judge(one, byId.get(one.endpointId)!, verdicts) }));
  await writeAttempts(tx, vault, orgId, judged);
  await writeDeliveries(tx, vault, orgId, judged);
  const told = [...verdicts].flatMap(([id, verdict]) => toldOf(byId.get(id)!, verdict));
  for (const [id, verdict] of verdicts) await writeHealth(tx, byId.get(id)!, verdict);
  await announce(tx, orgId, [...told, ...judged.flatMap(deadOf)]);
  const moves = [...verdicts].flatMap(([id, verdict]) => moveOf(byId.get(id)!, verdict) ?? []);
  await countBreakerMoves(tx, orgId, 'webhook', moves);
}

/** What became of its breaker, if anything. */
function moveOf({ breaker: before }: Locked, { health: { breaker } }: HealthVerdict): BreakerMove | undefined {
  return breaker === 'half_open' || breaker === before ? undefined : breaker;
}

/** Those that may change are locked; the others are looked at. */
async function lockEndpoints(tx: Tx, settled: SettledWebhook[]): Promise<Locked[]> {
  const ids = [...new Set(settled.map(({ endpointId }) => endpointId))];
  const failing = new Set(
    settled.filter(({ end }) => 'attempt' in end && isNews(end.attempt)).map(({ endpointId }) => endpointId),
  );
  const found = await tx<Locked>(`${SELECT} ORDER BY id`, [ids]);
  const touched = found.filter((one) => failing.has(one.id) || !isSpotless(healthOf(one))).map(({ id }) => id);
  if (touched.length === 0) return found;
  const locked = await tx<Locked>(`${SELECT} ORDER BY id FOR UPDATE`, [touched]);
  return [...found.filter(({ id }) => !touched.includes(id)), ...locked];
}

const isNews = ({ outcome, unreached }: EndedAttempt): boolean => outcome !== 'ok' || unreached.length > 0;

const SELECT = `SELECT id, name, state, settings, health, breaker, held_until AS "heldUntil", run_id AS "runId",
    clock_timestamp() AS now
  FROM webhook_endpoint WHERE id = ANY($1::uuid[])`;

export const healthOf = ({
  health,
  breaker,
  heldUntil,
}: Pick<Locked, 'health' | 'breaker' | 'heldUntil'>): EndpointHealth => ({
  ...health,
  breaker,
  heldUntil: heldUntil?.getTime() ?? null,
});

type Judged = { one: SettledWebhook; verdict: DeliveryVerdict & { error?: string } };

function judge(one: SettledWebhook, { settings }: Locked, verdicts: Map<string, HealthVerdict>): Judged['verdict'] {
  const { end, attempts } = one;
  if (!('attempt' in end)) return end;
  const { health } = verdicts.get(one.endpointId)!;
  const urlsLeft =
    health.urls.filter(({ state }) => state !== 'gone').length + (end.attempt.statusCode === 410 ? 1 : 0);
  return afterAttempt(end.attempt, attempts + 1, { retryScheduleMs: settings.retryScheduleMs, urlsLeft });
}

const columnOf = (rowId: string, generation: number, n: number) => `${rowId}/${generation}/${n}`;
export const responseCell = (orgId: string, id: string, generation: number, n: number) => ({
  orgId,
  table: 'webhook_attempt',
  column: 'response',
  rowId: columnOf(id, generation, n),
});

async function writeAttempts(tx: Tx, vault: Vault, orgId: string, judged: Judged[]): Promise<void> {
  const tried = judged.flatMap(({ one, verdict }) => ('attempt' in one.end ? [{ one, verdict, ...one.end }] : []));
  if (tried.length === 0) return;
  const hasAnswers = tried.some(({ attempt }) => attempt.response !== undefined);
  const seal = hasAnswers ? await vault.sealer(tx, orgId) : undefined;
  const rows = tried.map(({ one: { id, generation, attempts, trigger }, verdict, attempt }) => ({
    delivery_id: id,
    generation,
    n: attempts + 1,
    trigger,
    url: attempt.url,
    started_at: attempt.startedAt,
    latency_ms: Math.round(attempt.latencyMs),
    outcome: attempt.outcome,
    status_code: attempt.statusCode,
    response: attempt.response && seal?.(responseCell(orgId, id, generation, attempts + 1), attempt.response),
    truncated: attempt.isTruncated,
    wait_ms: 'waitMs' in verdict ? verdict.waitMs : null,
  }));
  await tx(
    `INSERT INTO webhook_attempt (org_id, delivery_id, generation, n, trigger, url, started_at, latency_ms, outcome,
       status_code, response, truncated, next_at)
     SELECT $1, delivery_id, generation, n, trigger, url, started_at, latency_ms, outcome, status_code, response, truncated,
       now() + wait_ms * interval '1 ms'
     FROM json_to_recordset($2) AS g(delivery_id uuid, generation int, n int, trigger text, url text,
       started_at timestamptz, latency_ms int, outcome text, status_code int, response text, truncated bool, wait_ms int)
     ON CONFLICT DO NOTHING`,
    [orgId, JSON.stringify(rows)],
  );
}

async function writeDeliveries(tx: Tx, vault: Vault, orgId: string, judged: Judged[]): Promise<void> {
  if (judged.length === 0) return;
  const isRendered = judged.some(({ one }) => one.rendered?.body !== undefined);
  const seal = isRendered ? await vault.sealer(tx, orgId) : undefined;
  const rows = judged.map(({ one: { id, attempts, end, rendered }, verdict }) => ({
    id,
    status: verdict.status,
    reason: 'reason' in verdict ? verdict.reason : null,
    error: verdict.error ?? null,
    wait_ms: 'waitMs' in verdict ? verdict.waitMs : null,
    attempts: attempts + ('attempt' in end ? 1 : 0),
    last_url: 'attempt' in end ? end.attempt.url : null,
    is_rendered: rendered !== undefined,
    body: rendered?.body === undefined ? null : seal?.(bodyCell(orgId, id), rendered.body),
  }));
  await tx(
    `UPDATE webhook_delivery d SET status = g.status, reason = g.reason, error = g.error, attempts = g.attempts,
       last_url = g.last_url, trigger = CASE WHEN g.wait_ms IS NULL THEN d.trigger ELSE 'schedule' END, to_render = d.to_render AND NOT g.is_rendered,
       body = CASE WHEN g.is_rendered THEN g.body ELSE d.body END,
       due_at = CASE WHEN g.wait_ms IS NULL THEN d.due_at ELSE now() + g.wait_ms * interval '1 ms' END,
       settled_at = CASE WHEN g.wait_ms IS NULL THEN clock_timestamp() END
     FROM json_to_recordset($1) AS g(id uuid, status text, reason text, error text, wait_ms int, attempts int,
       last_url text, is_rendered bool, body text)
     WHERE d.id = g.id`,
    [JSON.stringify(rows)],
  );
}

async function writeHealth(tx: Tx, { id }: Locked, { health, isChanged, disabled }: HealthVerdict): Promise<void> {
  if (!isChanged) return;
  const { breaker, heldUntil, ...rest } = health;
  await tx(`UPDATE webhook_endpoint SET health = $2, breaker = $3, held_until = $4 WHERE id = $1`, [
    id,
    JSON.stringify(rest),
    breaker,
    heldUntil === null ? null : new Date(heldUntil),
  ]);
  if (disabled !== undefined) await disableEndpoint(tx, id, disabled);
}

/** Its open deliveries are skipped; those that still come are kept, skipped, for whoever brings it back. */
export async function disableEndpoint(
  tx: Tx,
  id: string,
  reason: NonNullable<HealthVerdict['disabled']>,
): Promise<void> {
  await tx(
    `UPDATE webhook_endpoint SET state = 'disabled', disabled_reason = $2, updated_at = clock_timestamp() WHERE id = $1`,
    [id, reason],
  );
  await tx(
    `UPDATE webhook_delivery SET status = 'skipped', reason = 'endpoint_disabled', settled_at = clock_timestamp()
     WHERE id IN (SELECT id FROM webhook_delivery WHERE endpoint_id = $1 AND status IN (${OPEN}) ORDER BY id FOR UPDATE)`,
    [id],
  );
}

/** Of an endpoint of one run's alone nobody is told, since nobody sees it. */
function toldOf(endpoint: Locked, verdict: HealthVerdict): Announcement[] {
  const { id, name, state, runId } = endpoint;
  if (runId !== null) return [];
  const { events, disabled } = verdict;
  const about = { endpointId: id, endpoint: name };
  const told: Announcement[] = events.map(({ type, data }) => ({ type, data: { ...about, ...data } }));
  const move = moveOf(endpoint, verdict);
  if (move) told.push(breakerNews(`webhook:${id}`, { endpoint: name }, move));
  const isOver = disabled !== undefined && state === 'active';
  return isOver ? [...told, { type: 'endpoint.disabled', data: { ...about, reason: disabled } }] : told;
}

const OWN: ReadonlySet<string> = new Set(OPERATOR_TYPES);

/** The death of what tells of deaths is told to nobody: it would never end. */
function deadOf({ one, verdict }: Judged): Announcement[] {
  if (verdict.status !== 'dead' || OWN.has(one.type)) return [];
  const { id: deliveryId, endpointId, type: eventType } = one;
  return [{ type: 'delivery.dead', data: { deliveryId, endpointId, eventType, reason: verdict.reason } }];
}

/** Those that lie too long are dead, whatever holds them back; true when there may be more. */
export async function expireWebhooks(tx: Tx, orgId: string): Promise<boolean> {
  const limit = 500;
  const rows = await tx<{ id: string; endpointId: string; type: string }>(
    `UPDATE webhook_delivery SET status = 'dead', reason = 'expired', settled_at = clock_timestamp()
     WHERE id IN (SELECT id FROM webhook_delivery WHERE status IN (${OPEN}) AND expires_at <= now()
       ORDER BY id LIMIT ${limit} FOR UPDATE SKIP LOCKED)
     RETURNING id, endpoint_id AS "endpointId", type`,
  );
  await announce(
    tx,
    orgId,
    rows.flatMap(({ id: deliveryId, endpointId, type: eventType }) =>
      OWN.has(eventType)
        ? []
        : [{ type: 'delivery.dead' as const, data: { deliveryId, endpointId, eventType, reason: 'expired' } }],
    ),
  );
  await tx(`SELECT pg_notify('${WEBHOOK_CHANNEL}', '')`);
  return rows.length === limit;
}
