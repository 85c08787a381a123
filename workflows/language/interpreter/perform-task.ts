import type { Task, TaskList } from '../../../contracts/definition-tasks.js';
import type { Json } from '../../../contracts/json.js';
import type { Value } from '../../../contracts/values.js';
import type { WorkflowError } from '../../../contracts/workflow-error.js';
import type { CarriedLoop } from '../../../contracts/workflow-run.js';
import { GoingOn } from '../../lib/going-on.js';
import { isCancellation } from '@temporalio/workflow';
import { performBody } from './perform-body.js';
import { extended } from './extensions.js';
import { checkSchema } from './check-schema.js';
import { durationMs } from './duration.js';
import { applyFilter, isTrue, readDuration } from './expressions.js';
import { Fault, fault, Halt } from './fault.js';
import { type Interpretation, taskVariable } from './interpretation.js';
import type { Begun, Place, TaskEnd, TaskPlace } from './place.js';
import { below } from '../json-pointer.js';
import { entryOf } from './task-list.js';
import { rememberUndo } from './undo-tasks.js';
import { timeoutOf, withinTime } from './within-time.js';

/** Events of tasks that are gathered before they are written, so that long loops stay small in memory and history. */
const EVENTS_AT_ONCE = 100;

/**
 * One task with its data flow: `if`, `input`, the task itself within its `timeout`, `output`, `export`, `then`. A task
 * left out by `if` hands on its input to the next one.
 */
export async function performTask(
  run: Interpretation,
  list: Place,
  tasks: TaskList,
  at: number,
  raw: Value,
  loop?: CarriedLoop,
): Promise<TaskEnd> {
  const [name, task] = entryOf(tasks[at] as Record<string, Task>);
  const { ctx } = list;
  const pointer = below(list.pointer, at, name);
  await ctx.unlessHeld();
  if (ctx.eventsWaiting >= EVENTS_AT_ONCE) await ctx.flush();
  if (ctx.stopped !== undefined) throw new Halt();
  const visit = loop ? run.visitsOf(pointer) : run.visit(pointer);
  const path = visit === 1 ? pointer : `${pointer}/${visit}`;
  const place: TaskPlace = { ...list, pointer, name, path, own: {} };
  const about = { path: pointer, name, ...(visit === 1 ? {} : { round: visit }) };
  const startedAt = loop?.startedAt ?? Date.now();
  const before = { ...run.globals(), ...list.variables, task: taskOf(place, task, startedAt) };
  if (!loop && (await isTrue(place, task.if, raw, before)) === false) {
    ctx.emit(`step${path}/skipped`, 'step.skipped', { ...about, reason: 'if' });
    return { output: raw };
  }
  if (!loop) ctx.emit(`step${path}/started`, 'step.started', about);
  try {
    const around = { task, raw, startedAt, isUnderWay: loop !== undefined };
    const end = await extended(run, place, around, () => flowThrough(run, place, task, raw, startedAt, loop));
    ctx.emit(`step${path}/finished`, 'step.finished', { ...about, outcome: 'completed' });
    run.latest = end.output;
    return end;
  } catch (error) {
    if (isCancellation(error) || error instanceof GoingOn) throw error;
    const outcome = error instanceof Halt ? 'canceled' : 'failed';
    const why = error instanceof Fault ? { error: brief(error.error) } : {};
    ctx.emit(`step${path}/finished`, 'step.finished', { ...about, outcome, ...why });
    throw error;
  }
}

/** Of a detail; every task around the one that failed tells it again. */
const MAX_DETAIL = 1_000;

const brief = ({ detail, ...error }: WorkflowError): WorkflowError =>
  detail === undefined ? error : { ...error, detail: detail.slice(0, MAX_DETAIL) };

/** The data flow of a task around what it does. */
export async function flowThrough(
  run: Interpretation,
  place: TaskPlace,
  task: Task,
  raw: Value,
  startedAt: number,
  loop?: CarriedLoop,
): Promise<TaskEnd> {
  const { variables } = place;
  const known = { ...run.globals(), ...variables, task: taskOf(place, task, startedAt) };
  if (!loop) await checkSchema(run, place, task.input?.schema, raw, 'input');
  const input = loop?.input ?? (await applyFilter(place, task.input?.from, raw, known));
  const own = { input, task: taskOf(place, task, startedAt, { input }) };
  const inner: TaskPlace = { ...place, ctx: withOptions(place, task), own };
  const body = await perform(run, inner, task, input, { raw, startedAt, loop });

  const after = {
    ...run.globals(),
    ...variables,
    input,
    task: taskOf(place, task, startedAt, { input, output: body.output }),
  };
  await rememberUndo(run, place, task, body.output, after);
  const output = await applyFilter(place, task.output?.as, body.output, after);
  await checkSchema(run, place, task.output?.schema, output, 'output');
  if (task.export) {
    const context = await applyFilter(place, task.export.as, output, { ...after, output });
    await checkSchema(run, place, task.export.schema, context, 'export');
    run.context = context;
  }
  const then = body.then ?? task.then;
  return { output, ...(then === undefined ? {} : { then }) };
}

/** Below it the engine would take a worker that is merely busy for dead. */
const LEAST_HEARTBEAT_MS = 1_000;

/** What the task says that calls in it lease, and how long their worker may be silent. */
function withOptions({ ctx, pointer }: TaskPlace, { metadata }: Task): TaskPlace['ctx'] {
  const { needs, heartbeat } = metadata?.brikk ?? {};
  if (heartbeat === undefined) return needs === undefined ? ctx : ctx.withOptions({ needs });
  const ms = durationMs(heartbeat as Json);
  if (ms === undefined) throw fault('configuration', pointer, { detail: 'metadata.brikk.heartbeat is no duration' });
  return ctx.withOptions({ needs }, Math.max(LEAST_HEARTBEAT_MS, ms));
}

async function perform(
  run: Interpretation,
  place: TaskPlace,
  task: Task,
  input: Value,
  begun: Begun,
): Promise<TaskEnd> {
  if (task.timeout === undefined) return performBody(run, place, task, input, begun);
  const { after } = timeoutOf(run, place, task.timeout);
  const known = { ...run.globals(), ...place.variables, ...place.own };
  const ms = await readDuration(place, after, input, known);
  return withinTime(place, ms, (inner) => performBody(run, { ...place, ...inner }, task, input));
}

/** `$task`: the task itself; among the tasks of an extension the one that they are for. */
const taskOf = (
  { name, pointer, extended: outer }: TaskPlace,
  task: Task,
  startedAt: number,
  data: { input?: Value; output?: Value } = {},
): Value => outer ?? taskVariable(task, { name, pointer, startedAt, ...data });
