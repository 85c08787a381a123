import { BrikkError } from '../contracts/errors.js';
import type { InboundOutcome } from '../contracts/inbound-events.js';
import type { Json } from '../contracts/json.js';
import { pinnedRun } from '../contracts/pinned-run.js';
import { patternStart, type RouteTarget, type WebhookRoute } from '../contracts/webhook-routes.js';
import type { Database, Tx } from './database.js';
import { definitionHash } from './definition-hash.js';
import { findReferenced } from './definitions.repository.js';
import type { InboundEventRow, WebhookSourceRow } from './entities/webhook.entity.js';
import { publishEvents } from './event-bus.repository.js';
import { type InboundContent, openContent } from './inbound-content.js';
import { recordRun } from './record-run.js';
import type { StartableRun } from './start-run-workflow.js';
import { requestSteering } from './steering.repository.js';
import type { Vault } from './vault.js';

/** What is to be done with an event, its expressions evaluated. */
export type InboundAction =
  | { action: 'start'; target: RouteTarget; input: Json; correlationId?: string; labels?: Record<string, string> }
  | { action: 'signal'; run: { id: string } | { correlationId: string }; signal: string; data: Json }
  | { action: 'event'; type: string; data: Json; orderingKey?: string }
  | { action: 'drop' }
  | { action: 'unmatched' };

/** What the routes of its source make of an event. Fails with a BrikkError when it cannot be read, or an expression fails. */
export type Router = (event: {
  id: string;
  source: string;
  routes: WebhookRoute[];
  content: InboundContent;
}) => InboundAction & { route?: number; routeName?: string };

/** One run may be told, or all that share a correlation id; not a thousand. */
const MAX_SIGNALLED = 100;
/** What was not routed is looked at again after 3 s, 6 s, at most 48 s. */
const CLAIM = `
  UPDATE inbound_event SET attempts = attempts + 1, due_at = now() + 3 * pow(2, least(attempts, 4)) * interval '1 s'
  WHERE id IN (SELECT id FROM inbound_event WHERE status = 'received' AND due_at <= now()
    ORDER BY due_at, id LIMIT $1 FOR UPDATE SKIP LOCKED)
  RETURNING id, org_id AS "orgId", attempts`;

export interface ClaimedEvent {
  id: string;
  orgId: string;
  attempts: number;
}

/** What is due, each given to one of those who ask. */
export const claimInbound = (database: Database, limit: number): Promise<ClaimedEvent[]> =>
  database.asDispatch((tx) => tx<ClaimedEvent>(CLAIM, [limit]));

type RoutedRow = Pick<InboundEventRow, 'id' | 'sourceId' | 'headers' | 'body' | 'generation'>;

/**
 * Routes an event: what its route asks for, and that it was done, change in one transaction under the event's lock, so
 * that whoever repeats it, it is done once. Gives the runs to start. Fails with what stands in the way; nothing has
 * changed then.
 */
export async function routeInbound(
  tx: Tx,
  vault: Vault,
  { id, orgId }: { id: string; orgId: string },
  router: Router,
): Promise<StartableRun[]> {
  const [event] = await tx<RoutedRow>(
    `SELECT id, source_id AS "sourceId", headers, body, generation FROM inbound_event
     WHERE id = $1 AND status = 'received' FOR UPDATE`,
    [id],
  );
  if (!event) return [];
  const [source] = await tx<Pick<WebhookSourceRow, 'name' | 'routes' | 'settings'>>(
    'SELECT name, routes, settings FROM webhook_source WHERE id = $1',
    [event.sourceId],
  );
  if (!source) return [];
  const content = await openContent(tx, vault, orgId, event);
  const { route, routeName, ...action } = router({ id, source: source.name, routes: source.routes, content });
  const { runs = [], ...came } = await carryOut(tx, orgId, { ...event, source: source.name }, action);
  const status = action.action === 'unmatched' ? 'unmatched' : action.action === 'drop' ? 'dropped' : 'dispatched';
  const outcome: InboundOutcome = { route, routeName, ...came };
  await tx(`UPDATE inbound_event SET status = $2, outcome = $3, settled_at = clock_timestamp() WHERE id = $1`, [
    id,
    status,
    status === 'unmatched' ? null : JSON.stringify(outcome),
  ]);
  // Whoever waits for the run of an event waits for the event first, in the same way.
  if (source.settings.sync) await tx(`SELECT pg_notify('brikk_run', $1)`, [id]);
  return runs;
}

/** It is kept with the reason, until somebody replays it. */
export async function buryInbound(tx: Tx, id: string, reason: string): Promise<void> {
  await tx(
    `UPDATE inbound_event SET status = 'dead', error = $2, settled_at = clock_timestamp()
     WHERE id = $1 AND status = 'received'`,
    [id, reason],
  );
}

async function carryOut(
  tx: Tx,
  orgId: string,
  event: RoutedRow & { source: string },
  action: InboundAction,
): Promise<Omit<InboundOutcome, 'route' | 'routeName'> & { runs?: StartableRun[] }> {
  switch (action.action) {
    case 'start': {
      const run = await start(tx, orgId, event.source, action);
      return { runIds: [run.input.runId], runs: [run] };
    }
    case 'signal':
      return { runIds: await signal(tx, action) };
    case 'event':
      return publish(tx, orgId, event, action);
    case 'drop':
    case 'unmatched':
      return {};
  }
}

async function start(
  tx: Tx,
  orgId: string,
  source: string,
  { target, input, correlationId, labels }: Extract<InboundAction, { action: 'start' }>,
): Promise<StartableRun> {
  const given = {
    input,
    labels: { webhook: source, ...labels },
    ...(correlationId !== undefined && { correlationId }),
  };
  const isPattern = 'pattern' in target;
  const run = isPattern ? patternStart(target, given) : pinnedRun(await findReferenced(tx, target.workflow), given);
  return recordRun(tx, { orgId, start: run, definitionHash: definitionHash(run) });
}

async function signal(
  tx: Tx,
  { run, signal: name, data }: Extract<InboundAction, { action: 'signal' }>,
): Promise<string[]> {
  const ids = 'id' in run ? [run.id] : await openRunsOf(tx, run.correlationId);
  for (const id of ids) await requestSteering(tx, id, 'signal', { name, data });
  return ids;
}

async function openRunsOf(tx: Tx, correlationId: string): Promise<string[]> {
  const rows = await tx<{ id: string }>(
    `SELECT id FROM run WHERE correlation_id = $1 AND finished_at IS NULL ORDER BY id LIMIT $2`,
    [correlationId, MAX_SIGNALLED],
  );
  if (rows.length === 0) throw new BrikkError('webhook.refused', `No open run has the correlation id ${correlationId}`);
  return rows.map(({ id }) => id);
}

/** A replay is another event: the bus would know the first one again. */
async function publish(
  tx: Tx,
  orgId: string,
  { id, sourceId, generation }: RoutedRow,
  { type, data, orderingKey }: Extract<InboundAction, { action: 'event' }>,
): Promise<InboundOutcome> {
  const event = {
    specversion: '1.0',
    id: generation === 0 ? id : `${id}.${generation}`,
    source: `/orgs/${orgId}/webhook-sources/${sourceId}`,
    type,
    time: new Date().toISOString(),
    ...(orderingKey !== undefined && { partitionkey: orderingKey }),
    data,
  };
  const [acceptance] = await publishEvents(tx, orgId, [{ event, ...(orderingKey !== undefined && { orderingKey }) }]);
  return { eventId: event.id, deliveries: acceptance && 'deliveries' in acceptance ? acceptance.deliveries : 0 };
}
