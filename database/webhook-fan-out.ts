import type { CloudEvent } from '../contracts/event-bus.js';
import { EXPIRES_AFTER_MS, type WebhookEndpoint } from '../contracts/webhook-endpoints.js';
import type { Tx } from './database.js';
import type { EndpointSettings } from './entities/webhook-endpoint.entity.js';
import { uuidv7 } from './uuid.js';
import type { Vault } from './vault.js';
import { WEBHOOK_CHANNEL } from './webhook-channel.js';

const AT_ONCE = 1_000;

/** An event as an endpoint is to get it. */
export interface HeardEvent {
  key: string;
  event: CloudEvent;
}

/** What an endpoint makes of events. */
export type EndpointTerms = Pick<EndpointSettings, 'filter' | 'transform' | 'format'>;

/** `bodies`: texts, one for each delivery; undefined: the event as it is. */
export type Rendered = { bodies: string[] | undefined } | { error: string };
export type Renderer = (terms: EndpointTerms, event: HeardEvent & { orgId: string }) => Rendered;

interface DueRow extends HeardEvent {
  listenerId: string;
  number: number;
  orderingKey: string | null;
}

interface FanOutEndpoint {
  id: string;
  settings: EndpointTerms;
  state: WebhookEndpoint['state'];
}

/**
 * Makes deliveries of the events that endpoints of one organisation have heard, in their order, under the locks of their
 * counts: what is sent later comes later. Filter and transformation are asked here; what they refuse is no delivery, and
 * what they fail at one that is rendered again, and buried, when its turn comes. Events and deliveries change in one
 * transaction, so that a repeat finds it done. True when there may be more.
 */
export async function fanOutToEndpoints(
  tx: Tx,
  vault: Vault,
  { orgId, endpoints: ids }: { orgId: string; endpoints: string[] },
  render: Renderer,
): Promise<boolean> {
  // Those who publish lock them in the same order.
  await tx('SELECT FROM bus_listener WHERE id = ANY($1::uuid[]) ORDER BY id FOR UPDATE', [ids]);
  const share = Math.ceil(AT_ONCE / ids.length);
  const [endpoints, due] = await Promise.all([
    tx<FanOutEndpoint>('SELECT id, settings, state FROM webhook_endpoint WHERE id = ANY($1::uuid[])', [ids]),
    tx<DueRow>(DUE, [ids, share]),
  ]);
  const known = new Map(endpoints.map((endpoint) => [endpoint.id, endpoint]));
  const made = due.flatMap((row) => {
    const endpoint = known.get(row.listenerId);
    return endpoint ? deliveriesOf(endpoint, render(endpoint.settings, { ...row, orgId }), row) : [];
  });
  if (made.some(({ body }) => body !== undefined)) {
    const seal = await vault.sealer(tx, orgId);
    for (const row of made) if (row.body !== undefined) row.body = seal(bodyCell(orgId, row.id), row.body);
  }
  await Promise.all([
    tx(INSERT, [orgId, JSON.stringify(made)]),
    tx(SETTLE, [due.map(({ listenerId }) => listenerId), due.map(({ number }) => number), [...known.keys()]]),
  ]);
  return due.length >= share;
}

const DUE = `
  SELECT d.listener_id AS "listenerId", d.number::float8 AS number, e.key, e.event, e.ordering_key AS "orderingKey"
  FROM unnest($1::uuid[]) AS l(id) CROSS JOIN LATERAL (
    SELECT listener_id, number, event_key FROM bus_delivery
    WHERE listener_id = l.id AND status = 'pending' ORDER BY number LIMIT $2
  ) d JOIN bus_event e ON e.key = d.event_key ORDER BY d.listener_id, d.number`;

/** What nobody waits for any more is dropped. */
const SETTLE = `
  UPDATE bus_delivery d SET status = CASE WHEN d.listener_id = ANY($3::uuid[]) THEN 'delivered' ELSE 'dropped' END
  FROM unnest($1::uuid[], $2::bigint[]) AS g(listener_id, number)
  WHERE d.listener_id = g.listener_id AND d.number = g.number`;

/** The `webhook-id` of a delivery: the same in every attempt and every replay. Parts of one event count from 1. */
export const messageId = (eventKey: string, part: number): string =>
  part === 0 ? `msg_${eventKey}` : `msg_${eventKey}_${part}`;

export const bodyCell = (orgId: string, rowId: string) => ({
  orgId,
  table: 'webhook_delivery',
  column: 'body',
  rowId,
});

interface NewDelivery {
  id: string;
  endpoint_id: string;
  event_key: string;
  part: number;
  number: number;
  type: string;
  ordering_key: string | null;
  body: string | undefined;
  to_render: boolean;
  status: 'pending' | 'skipped';
  reason?: string;
}

function deliveriesOf(
  { id: endpointId, state }: FanOutEndpoint,
  rendered: Rendered,
  { key, number, event, orderingKey }: DueRow,
): NewDelivery[] {
  const row = { endpoint_id: endpointId, event_key: key, number, type: event.type, ordering_key: orderingKey };
  const bodies = ('error' in rendered ? undefined : rendered.bodies) ?? [undefined];
  return bodies.map((body, index) => ({
    ...row,
    id: uuidv7(),
    part: bodies.length === 1 ? 0 : index + 1,
    to_render: 'error' in rendered,
    body,
    ...(state === 'active' ? { status: 'pending' } : { status: 'skipped', reason: 'endpoint_disabled' }),
  }));
}

const INSERT = `
  WITH made AS (
    INSERT INTO webhook_delivery
      (id, org_id, endpoint_id, event_key, part, number, type, ordering_key, body, to_render, status, reason,
       settled_at, expires_at)
    SELECT id, $1, endpoint_id, event_key, part, number, type, ordering_key, body, to_render, status, reason,
      CASE WHEN status <> 'pending' THEN now() END, now() + interval '${EXPIRES_AFTER_MS} ms'
    FROM json_to_recordset($2) AS g(id uuid, endpoint_id uuid, event_key uuid, part int, number bigint, type text, ordering_key text,
      body text, to_render bool, status text, reason text) RETURNING status
  ) SELECT pg_notify('${WEBHOOK_CHANNEL}', '') WHERE EXISTS (SELECT FROM made WHERE status = 'pending')`;
