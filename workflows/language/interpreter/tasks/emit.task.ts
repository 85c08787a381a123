import { patched, uuid4 } from '@temporalio/workflow';
import type { EmitTask } from '../../../../contracts/definition-tasks.js';
import type { Json } from '../../../../contracts/json.js';
import type { Value } from '../../../../contracts/values.js';
import { inline, plain } from '../../../lib/values.js';
import { evaluateTemplate } from '../expressions.js';
import { fault } from '../fault.js';
import { bodyVariables, type Interpretation } from '../interpretation.js';
import type { TaskEnd, TaskPlace } from '../place.js';

/** Sends a CloudEvent, whose id, specversion, time and source are filled in: the run's own tasks hear it
 * at once, everybody else through the bus, which its record on the run's stream brings it to. */
export async function performEmit(
  run: Interpretation,
  place: TaskPlace,
  task: EmitTask,
  input: Value,
): Promise<TaskEnd> {
  const { with: given = {} } = task.emit.event;
  const made = plain(await evaluateTemplate(place, given as Json, input, bodyVariables(run, place)));
  if (made === undefined) throw fault('configuration', place.pointer, { detail: 'the event is too large' });
  const event = {
    id: uuid4(),
    specversion: '1.0',
    time: new Date(Date.now()).toISOString(),
    source: `https://brikk.dev/runs/${run.ref.runId}`,
    ...(made as Record<string, Json>),
  } as Record<string, Json>;
  const { id, type, source, data, ...attributes } = event;
  if (!isText(id) || !isText(type) || !isText(source))
    throw fault('validation', place.pointer, { detail: 'an event needs id, type and source, all of them text' });
  const reserved = RESERVED.find((prefix) => type.startsWith(prefix));
  if (reserved !== undefined)
    throw fault('validation', place.pointer, { detail: `types that begin with ${reserved} are sent by Brikk alone` });
  place.ctx.eventInbox.add({ ...event, id, type, source, specversion: textOr(event.specversion, '1.0') });
  place.ctx.emit(`event${place.path}`, 'event.emitted', {
    path: place.pointer,
    id,
    type,
    source,
    ...(data === undefined ? {} : { data }),
    attributes,
  });
  // Not waited for: what follows an emit does not depend on it, and many share a flush.
  if (patched('2026-11-event-bus')) place.ctx.flush().catch(() => undefined); // A failure is the run's, which waits for its flushes at its end.
  return { output: inline(event) };
}

/** Of lifecycle events and of what A2A clients are told; the contract's own constants may not enter the bundle. */
const RESERVED = ['io.serverlessworkflow.', 'a2a.task.'];

const isText = (value: Json | undefined): value is string => typeof value === 'string' && value !== '';

const textOr = (value: Json | undefined, otherwise: string): string => (isText(value) ? value : otherwise);
