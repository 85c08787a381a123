import type { Definition } from '../contracts/definition.js';
import type { CloudEvent } from '../contracts/event-bus.js';
import type { EventGroup, EventSchedule } from '../contracts/event-schedules.js';
import { strategyTypes } from '../contracts/heard-types.js';
import type { Json } from '../contracts/json.js';
import { pinnedRun } from '../contracts/pinned-run.js';
import type { Tx } from './database.js';
import { findDefinition } from './definitions.repository.js';
import { settleDeliveries } from './event-deliveries.js';
import { subscribe } from './event-listeners.js';
import { recordRun } from './record-run.js';
import type { StartableRun } from './start-run-workflow.js';
import { uuidv7 } from './uuid.js';

/** Runs that events start, whose events start runs, and so on: here it ends. */
const MAX_HOPS = 16;
/** Of a run that an event has started. */
const HOPS_LABEL = 'brikk.hops';
export const HOPS = `CASE WHEN r.labels ->> '${HOPS_LABEL}' ~ '^[0-9]{1,4}$' THEN (r.labels ->> '${HOPS_LABEL}')::int ELSE 0 END`;
const AT_ONCE = 100;

/**
 * What a published version says of `schedule.on` holds when it is the newest; events that wait for others go on waiting
 * only when it says the same.
 */
export async function setEventSchedule(tx: Tx, orgId: string, { document, schedule }: Definition): Promise<void> {
  const { namespace, name, version } = document;
  const newest = await findDefinition(tx, namespace, name);
  if (newest.definition.document.version !== version) return;
  const workflow = `${namespace}/${name}`;
  const { on, read = 'data' } = schedule ?? {};
  if (!on) {
    const gone = await tx<{ id: string }>('DELETE FROM bus_listener WHERE workflow = $1 RETURNING id', [workflow]);
    for (const { id } of gone) await subscribe(tx, orgId, id, []);
    return;
  }
  const [row] = await tx<{ id: string }>(
    `INSERT INTO bus_listener AS l (id, org_id, workflow, schedule) VALUES ($1, $2, $3, $4)
     ON CONFLICT (org_id, workflow) WHERE workflow IS NOT NULL DO UPDATE SET schedule = excluded.schedule,
       heard = CASE WHEN (l.schedule ->> 'on') = (excluded.schedule ->> 'on') THEN l.heard END
     RETURNING id`,
    [uuidv7(), orgId, workflow, JSON.stringify({ version, on, read } satisfies EventSchedule)],
  );
  if (row) await subscribe(tx, orgId, row.id, strategyTypes(on));
}

/** What a schedule makes of an event: `hearScheduled` and `readEvents` of the activities. */
export interface EventHearing {
  hear(
    schedule: EventSchedule,
    groups: EventGroup[],
    event: CloudEvent,
  ): Promise<{ groups: EventGroup[]; match: CloudEvent[] | undefined }>;
  read(events: CloudEvent[], as: EventSchedule['read']): Json[];
}

interface HeardRow {
  number: number;
  event: CloudEvent;
  hops: number;
}

/**
 * Accepts a run for each match among the schedule's pending events, in their order. Events, what goes on waiting, and runs
 * change in one transaction under the schedule's lock: whoever repeats it, each match has one run.
 */
export async function fireEventSchedule(
  tx: Tx,
  { orgId, listenerId }: { orgId: string; listenerId: string },
  hearing: EventHearing,
): Promise<StartableRun[]> {
  const [listener] = await tx<{ workflow: string; schedule: EventSchedule; heard: EventGroup[] | null }>(
    'SELECT workflow, schedule, heard FROM bus_listener WHERE id = $1 FOR UPDATE',
    [listenerId],
  );
  if (!listener) return [];
  const rows = await tx<HeardRow>(
    `SELECT d.number::float8 AS number, e.event, e.hops FROM bus_delivery d JOIN bus_event e ON e.key = d.event_key
     WHERE d.listener_id = $1 AND d.status = 'pending' ORDER BY d.number LIMIT ${AT_ONCE}`,
    [listenerId],
  );
  const { workflow, schedule } = listener;
  const settle = (part: HeardRow[], status: 'delivered' | 'dropped') =>
    settleDeliveries(
      tx,
      listenerId,
      part.map(({ number }) => number),
      status,
    );
  if (await isPaused(tx, workflow)) {
    await settle(rows, 'dropped');
    return [];
  }
  let groups = listener.heard ?? [];
  const runs: StartableRun[] = [];
  const [heard, refused] = [rows.filter(({ hops }) => hops < MAX_HOPS), rows.filter(({ hops }) => hops >= MAX_HOPS)];
  for (const { event, hops } of heard) {
    const next = await hearing.hear(schedule, groups, event);
    groups = next.groups;
    if (next.match)
      runs.push(await start(tx, orgId, { workflow, schedule }, hearing.read(next.match, schedule.read), hops + 1));
  }
  await tx('UPDATE bus_listener SET heard = $2 WHERE id = $1', [listenerId, JSON.stringify(groups)]);
  await settle(heard, 'delivered');
  await settle(refused, 'dropped');
  if (runs.length > 0) await countFires(tx, workflow, runs);
  return runs;
}

const AT = `namespace = split_part($1, '/', 1) AND name = split_part($1, '/', 2) AND kind = 'on'`;

async function isPaused(tx: Tx, workflow: string): Promise<boolean> {
  return (await tx(`SELECT FROM schedule WHERE ${AT} AND paused FOR SHARE`, [workflow])).length > 0;
}

async function countFires(tx: Tx, workflow: string, runs: readonly StartableRun[]): Promise<void> {
  await tx(`UPDATE schedule SET fires = fires + $2, last_run_id = $3, last_due_at = now() WHERE ${AT}`, [
    workflow,
    runs.length,
    runs.at(-1)?.input.runId,
  ]);
}

async function start(
  tx: Tx,
  orgId: string,
  { workflow, schedule }: { workflow: string; schedule: EventSchedule },
  input: Json[],
  hops: number,
): Promise<StartableRun> {
  const [namespace = '', name = ''] = workflow.split('/');
  const pinned = await findDefinition(tx, namespace, name, schedule.version);
  const labels = { schedule: `${namespace}.${name}`, [HOPS_LABEL]: String(hops) };
  return recordRun(tx, { orgId, start: pinnedRun(pinned, { input, labels }), definitionHash: pinned.hash });
}
