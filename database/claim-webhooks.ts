import type { CloudEvent } from '../contracts/event-bus.js';
import type { Trigger } from '../contracts/webhook-deliveries.js';
import { OPEN_WEBHOOK_STATUSES } from '../contracts/webhook-deliveries.js';
import type { Database, Tx } from './database.js';
import type { WebhookEndpointRow } from './entities/webhook-endpoint.entity.js';

export const OPEN = OPEN_WEBHOOK_STATUSES.map((status) => `'${status}'`).join(', ');
/** A claim ends so long after the longest that its attempt may take: then the delivery is due again. */
const LEASE_MARGIN_MS = 15_000;

export interface ClaimedWebhook {
  id: string;
  orgId: string;
  endpointId: string;
  claims: number;
}

type DueEndpoint = Pick<
  WebhookEndpointRow,
  'id' | 'breaker' | 'timeoutMs' | 'maxInFlight' | 'ordering' | 'ratePoints' | 'rateMs' | 'windowUntil' | 'windowUsed'
> & { now: Date; inFlight: number };

/**
 * Claims deliveries that are due, each for one of those who ask, `room` at most, shared among the endpoints. Endpoints are
 * locked while their deliveries are handed out, so that what they allow (requests at once, requests in a window, one
 * probe while the breaker is open) holds over all workers. Of an ordering key the oldest is claimed alone. `moreInMs`: when
 * the next window opens for what had to wait.
 */
export async function claimWebhooks(
  database: Database,
  room: number,
): Promise<{ claimed: ClaimedWebhook[]; moreInMs?: number }> {
  return database.asDispatch(async (tx) => {
    const locked = await tx<{ id: string }>(LOCK_DUE);
    if (locked.length === 0) return { claimed: [] };
    // A statement of its own: it sees what the locks waited for.
    const endpoints = await tx<DueEndpoint>(READ, [locked.map(({ id }) => id)]);
    const share = Math.max(1, Math.floor(room / endpoints.length));
    const asks = endpoints.map((endpoint) => ({ endpoint, room: Math.min(share, roomOf(endpoint)) }));
    const claimed = await tx<ClaimedWebhook>(CLAIM, [
      asks.map(({ endpoint }) => endpoint.id),
      asks.map((ask) => ask.room),
      asks.map(({ endpoint }) => endpoint.ordering),
      asks.map(({ endpoint }) => endpoint.timeoutMs + LEASE_MARGIN_MS),
    ]);
    const counts = countBy(claimed);
    for (const { endpoint } of asks) await note(tx, endpoint, counts.get(endpoint.id) ?? 0);
    const waits = endpoints.flatMap((endpoint) => fullForMs(endpoint, counts.get(endpoint.id) ?? 0));
    const moreInMs = Math.min(...waits);
    return { claimed, ...(Number.isFinite(moreInMs) && { moreInMs }) };
  });
}

/** Endpoints that another worker is handing out are his. */
const LOCK_DUE = `
  SELECT id FROM webhook_endpoint e
  WHERE state = 'active' AND (held_until IS NULL OR held_until <= now()) AND EXISTS (
    SELECT FROM webhook_delivery d WHERE d.endpoint_id = e.id AND d.status IN (${OPEN}) AND d.due_at <= now())
  ORDER BY id FOR UPDATE SKIP LOCKED`;

const READ = `
  SELECT id, breaker, timeout_ms AS "timeoutMs", max_in_flight AS "maxInFlight", ordering, rate_points AS "ratePoints",
    rate_ms AS "rateMs", window_until AS "windowUntil", window_used AS "windowUsed", clock_timestamp() AS now, (
      SELECT count(*)::int FROM webhook_delivery d
      WHERE d.endpoint_id = e.id AND d.status = 'sending' AND d.due_at > now()) AS "inFlight"
  FROM webhook_endpoint e
  WHERE id = ANY($1::uuid[]) AND state = 'active' AND (held_until IS NULL OR held_until <= now())`;

const CLAIM = `
  UPDATE webhook_delivery w SET status = 'sending', claims = w.claims + 1, due_at = now() + c.lease_ms * interval '1 ms'
  FROM unnest($1::uuid[], $2::int[], $3::text[], $4::int[]) AS g(endpoint_id, room, ordering, lease_ms)
  CROSS JOIN LATERAL (
    SELECT d.id, g.lease_ms FROM webhook_delivery d
    WHERE d.endpoint_id = g.endpoint_id AND d.status IN (${OPEN}) AND d.due_at <= now()
      AND (d.ordering_key IS NULL OR NOT EXISTS (
        SELECT FROM webhook_delivery o WHERE o.endpoint_id = d.endpoint_id AND o.ordering_key = d.ordering_key
          AND (o.number, o.part) < (d.number, d.part) AND o.status IN (${OPEN})
          AND (g.ordering = 'block' OR o.attempts = 0)))
    ORDER BY d.priority, d.due_at, d.number, d.part LIMIT g.room FOR UPDATE SKIP LOCKED
  ) c
  WHERE w.id = c.id RETURNING w.id, w.org_id AS "orgId", w.endpoint_id AS "endpointId", w.claims`;

/** While the breaker is open, what is claimed is the probe. */
function roomOf(endpoint: DueEndpoint): number {
  if (endpoint.breaker !== 'closed') return 1;
  const slots = endpoint.maxInFlight - endpoint.inFlight;
  const points = endpoint.ratePoints === null ? Infinity : endpoint.ratePoints - usedOf(endpoint);
  return Math.max(0, Math.min(slots, points));
}

/** Of the window that is open; the next one begins with its first delivery. */
const usedOf = ({ windowUntil, windowUsed, now }: Pick<DueEndpoint, 'windowUntil' | 'windowUsed' | 'now'>): number =>
  windowUntil !== null && windowUntil > now ? windowUsed : 0;

/** Until its next window opens, when this one is used up. */
function fullForMs(endpoint: DueEndpoint, claimed: number): number[] {
  const { ratePoints, rateMs, windowUntil, now } = endpoint;
  const used = usedOf(endpoint);
  if (ratePoints === null || rateMs === null || used + claimed < ratePoints) return [];
  return [used > 0 && windowUntil !== null ? windowUntil.getTime() - now.getTime() : rateMs];
}

async function note(tx: Tx, endpoint: DueEndpoint, claimed: number): Promise<void> {
  if (claimed === 0) return;
  const { id, breaker, timeoutMs, rateMs } = endpoint;
  if (breaker !== 'closed')
    await tx(
      `UPDATE webhook_endpoint SET breaker = 'half_open', held_until = now() + $2 * interval '1 ms' WHERE id = $1`,
      [id, timeoutMs + LEASE_MARGIN_MS],
    );
  if (rateMs === null) return;
  const used = usedOf(endpoint);
  await tx(
    `UPDATE webhook_endpoint SET window_used = $2,
       window_until = CASE WHEN $3 THEN window_until ELSE clock_timestamp() + $4 * interval '1 ms' END WHERE id = $1`,
    [id, used + claimed, used > 0, rateMs],
  );
}

function countBy(claimed: ClaimedWebhook[]): Map<string, number> {
  const counts = new Map<string, number>();
  for (const { endpointId } of claimed) counts.set(endpointId, (counts.get(endpointId) ?? 0) + 1);
  return counts;
}

/** A delivery in the hands of who sends it. */
export interface LoadedWebhook {
  id: string;
  endpointId: string;
  claims: number;
  eventKey: string;
  part: number;
  body: string | null;
  toRender: boolean;
  trigger: Trigger;
  generation: number;
  attempts: number;
  lastUrl: string | null;
  event: CloudEvent;
}

/** What was claimed, with the events; what was taken away meanwhile is missing. */
export const loadWebhooks = (tx: Tx, ids: string[]): Promise<LoadedWebhook[]> =>
  tx<LoadedWebhook>(
    `SELECT d.id, d.endpoint_id AS "endpointId", d.claims, d.event_key AS "eventKey", d.part, d.body,
       d.to_render AS "toRender", d.trigger, d.generation, d.attempts, d.last_url AS "lastUrl", e.event
     FROM webhook_delivery d JOIN bus_event e ON e.key = d.event_key
     WHERE d.id = ANY($1::uuid[]) AND d.status = 'sending' ORDER BY d.number, d.part`,
    [ids],
  );
