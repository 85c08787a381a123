import { A2A_TASK_PREFIX } from '../contracts/a2a-states.js';
import { type CloudEvent, MAX_EVENT_DATA_BYTES } from '../contracts/event-bus.js';
import type { EventData, EventType, RunEvent } from '../contracts/events.js';
import type { Json } from '../contracts/json.js';
import { lifecycleEvents } from '../contracts/lifecycle-events.js';
import { TOLD_RUN_TYPES } from '../contracts/webhook-endpoints.js';
import type { Database, Tx } from './database.js';
import { HOPS } from './event-schedules.js';
import { type NewBusEvent, publishEvents } from './event-bus.repository.js';
import { pushedUpdates } from './pushed-updates.js';
import { OF_LIFECYCLE } from './write-run-records.js';

const AT_ONCE = 100;

/** Brings what runs have sent to the bus, in the order of each run's stream; true when something was brought. */
export async function publishOutbox(database: Database): Promise<boolean> {
  const orgs = await database.asDispatch((tx) =>
    tx<{ orgId: string }>(`SELECT DISTINCT org_id AS "orgId" FROM bus_outbox`),
  );
  const brought = await Promise.all(orgs.map(({ orgId }) => database.inOrg(orgId, (tx) => publishSome(tx, orgId))));
  return brought.some((count) => count > 0);
}

export interface SentRow {
  orgId: string;
  runId: string;
  /** Null of a run that follows none itself: a bulk run only gathers those that do. */
  workflow: string | null;
  hops: number;
  position: number;
  at: Date;
  key: string;
  type: EventType;
  data: object;
  /** Of a run that has ended; of one whose output is stored apart, undefined. */
  output: Json;
  hasOutput: boolean;
  /** Under way when a pause began or ended. */
  tasks: string[] | null;
  /** A part of a bulk run is nobody's run. */
  isPart: boolean;
  about: Json;
  /** Of a task whose client wants push notifications. */
  contextId: string | null;
}

/** Tasks that had begun and not ended at the position of `e`, in the order in which they began. */
const OPEN_TASKS = `(
  SELECT json_agg(began.data->>'path' ORDER BY began.position) FROM run_event began
  WHERE began.run_id = e.run_id AND began.position < e.position AND began.type = 'step.started' AND NOT EXISTS (
    SELECT FROM run_event ended WHERE ended.run_id = e.run_id AND ended.position < e.position
      AND ended.key = regexp_replace(began.key, 'started$', 'finished')))`;

/** One worker at a time for an organisation: two would mix up the order of a run's events. */
async function publishSome(tx: Tx, orgId: string): Promise<number> {
  const [lock] = await tx<{ isMine: boolean }>(
    `SELECT pg_try_advisory_xact_lock(hashtextextended('bus ' || $1, 0)) AS "isMine"`,
    [orgId],
  );
  if (!lock?.isMine) return 0;
  const rows = await tx<SentRow>(
    `SELECT r.org_id AS "orgId", e.run_id AS "runId", CASE WHEN r.kind IN ('single', 'item') THEN r.workflow END AS workflow, ${HOPS} AS hops, e.position, e.at, e.key, e.type, e.data,
       CASE WHEN e.type = 'run.finished' THEN r.output END AS output,
       e.type = 'run.finished' AND r.output_ref IS NULL AS "hasOutput",
       CASE WHEN e.type IN ('run.paused', 'run.resumed') AND NOT EXISTS (
         SELECT FROM bus_subscription WHERE listener_id = e.run_id AND ${OF_LIFECYCLE}) THEN ${OPEN_TASKS} END AS tasks,
       r.kind IN ('shard', 'item') AS "isPart", CASE WHEN EXISTS (
         SELECT FROM bus_subscription WHERE org_id = r.org_id AND type = '${A2A_TASK_PREFIX}' || r.id) THEN (
         SELECT context_id FROM a2a_task WHERE run_id = r.id) END AS "contextId",
       json_strip_nulls(json_build_object('runId', r.id, 'pattern', r.pattern, 'workflow', r.workflow, 'labels', r.labels,
         'correlationId', r.correlation_id, 'parentRunId', r.parent_run_id)) AS about
     FROM (SELECT run_id, position FROM bus_outbox ORDER BY run_id, position LIMIT $1) o
     JOIN run_event e ON e.run_id = o.run_id AND e.position = o.position JOIN run r ON r.id = o.run_id
     ORDER BY e.run_id, e.position`,
    [AT_ONCE],
  );
  if (rows.length === 0) return 0;
  // An event whose source and id are known already is the same one: it is not sent again.
  await publishEvents(tx, orgId, rows.flatMap(toBusEvents));
  await tx(`DELETE FROM bus_outbox WHERE (run_id, position) IN (SELECT * FROM unnest($1::uuid[], $2::int[]))`, [
    rows.map(({ runId }) => runId),
    rows.map(({ position }) => position),
  ]);
  return rows.length;
}

function toBusEvents(sent: SentRow): NewBusEvent[] {
  const { runId, workflow, hops, position, key, type, at, data, output, hasOutput, tasks } = sent;
  if (type !== 'event.emitted') {
    const told = { position, key, type, id: `${runId}:${position}`, at: at.toISOString(), data };
    const run = { runId, workflow: workflow ?? '', ...(hasOutput && { output }), ...(tasks && { tasks }) };
    const lifecycle = workflow === null ? [] : lifecycleEvents(run, told as RunEvent & { key: string });
    return [...lifecycle.map((event) => ({ event, runId, hops })), ...forEndpoints(sent), ...pushedUpdates(sent)];
  }
  const { path: _path, attributes, ...core } = data as EventData['event.emitted'];
  const event = { specversion: '1.0', ...core, ...attributes } as CloudEvent;
  const { partitionkey } = event;
  return [{ event, runId, hops, ...(typeof partitionkey === 'string' && { orderingKey: partitionkey }) }];
}

const TOLD: ReadonlySet<string> = new Set(TOLD_RUN_TYPES);

/** What webhook endpoints are told of a run. */
function forEndpoints({ orgId, runId, position, type, at, data, output, hasOutput, ...sent }: SentRow): NewBusEvent[] {
  if (sent.isPart || !TOLD.has(type)) return [];
  const fits = hasOutput && JSON.stringify(output ?? null).length <= MAX_EVENT_DATA_BYTES / 2;
  const event: CloudEvent = {
    specversion: '1.0',
    id: `${runId}:${position}`,
    source: `/orgs/${orgId}/runs/${runId}`,
    type,
    time: at.toISOString(),
    data: { ...(sent.about as object), ...data, ...(fits && { output }) } as Json,
  };
  return [{ event, runId, orderingKey: runId, forEndpoints: true }];
}
