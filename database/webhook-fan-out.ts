import type { CloudEvent } from '../contracts/event-bus.js';
import { EXPIRES_AFTER_MS, type WebhookEndpoint } from '../contracts/webhook-endpoints.js';
import type { Tx } from './database.js';
import type { EndpointSettings } from './entities/webhook-endpoint.entity.js';
import { settleDeliveries } from './event-deliveries.js';
import { uuidv7 } from './uuid.js';
import type { Vault } from './vault.js';
import { WEBHOOK_CHANNEL } from './webhook-channel.js';

const AT_ONCE = 200;

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
  number: number;
  orderingKey: string | null;
}

/**
 * Makes deliveries of the events that an endpoint has heard, in their order, under the lock of its count: what is sent
 * later comes later. Filter and transformation are asked here; what they refuse is no delivery, and what they fail at one
 * that is rendered again, and buried, when its turn comes. Events and deliveries change in one transaction, so that a repeat finds it done. True when there may be more.
 */
export async function fanOutToEndpoint(
  tx: Tx,
  vault: Vault,
  { orgId, listenerId }: { orgId: string; listenerId: string },
  render: Renderer,
): Promise<boolean> {
  await tx('SELECT FROM bus_listener WHERE id = $1 FOR UPDATE', [listenerId]);
  const [[endpoint], due] = await Promise.all([
    tx<{ settings: EndpointTerms; state: WebhookEndpoint['state'] }>(
      'SELECT settings, state FROM webhook_endpoint WHERE id = $1',
      [listenerId],
    ),
    tx<DueRow>(
      `SELECT d.number::float8 AS number, e.key, e.event, e.ordering_key AS "orderingKey"
       FROM bus_delivery d JOIN bus_event e ON e.key = d.event_key
       WHERE d.listener_id = $1 AND d.status = 'pending' ORDER BY d.number LIMIT ${AT_ONCE}`,
      [listenerId],
    ),
  ]);
  const numbers = due.map(({ number }) => number);
  if (!endpoint) {
    await settleDeliveries(tx, listenerId, numbers, 'dropped');
    return false;
  }
  const made = due.flatMap((row) => deliveriesOf(endpoint, render(endpoint.settings, { ...row, orgId }), row));
  if (made.some(({ body }) => body !== undefined)) {
    const seal = await vault.sealer(tx, orgId);
    for (const row of made) if (row.body !== undefined) row.body = seal(bodyCell(orgId, row.id), row.body);
  }
  await tx(INSERT, [orgId, listenerId, JSON.stringify(made)]);
  await settleDeliveries(tx, listenerId, numbers, 'delivered');
  return due.length === AT_ONCE;
}

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
  { state }: { state: WebhookEndpoint['state'] },
  rendered: Rendered,
  { key, number, event, orderingKey }: DueRow,
): NewDelivery[] {
  const row = { event_key: key, number, type: event.type, ordering_key: orderingKey };
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
    SELECT id, $1, $2, event_key, part, number, type, ordering_key, body, to_render, status, reason,
      CASE WHEN status <> 'pending' THEN now() END, now() + interval '${EXPIRES_AFTER_MS} ms'
    FROM json_to_recordset($3) AS g(id uuid, event_key uuid, part int, number bigint, type text, ordering_key text,
      body text, to_render bool, status text, reason text) RETURNING status
  ) SELECT pg_notify('${WEBHOOK_CHANNEL}', '') WHERE EXISTS (SELECT FROM made WHERE status = 'pending')`;
