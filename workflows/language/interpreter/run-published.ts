import { proxyLocalActivities } from '@temporalio/workflow';
import type { ChildEnd, OpenedChild, RefusedChild } from '../../../contracts/child-runs.js';
import type { LanguageActivities } from '../../../contracts/language-activities.js';
import type { Value } from '../../../contracts/values.js';
import { SMALL_STEP } from '../../lib/activity-options.js';
import { NULL } from '../../lib/values.js';
import { endOfChild, startChildRun } from './child-run.js';
import { Fault, fault, Halt, ownFault } from './fault.js';
import type { Interpretation } from './interpretation.js';
import type { TaskPlace } from './place.js';

export interface Published {
  namespace: string;
  name: string;
  version: string;
}

/**
 * A published workflow as a run of its own: its output, and its error is raised here. With `isAwaited: false` it goes on
 * by itself, and there is no output.
 */
export async function runPublished(
  run: Interpretation,
  place: TaskPlace,
  workflow: Published,
  data: Value,
  isAwaited = true,
): Promise<Value> {
  const { ctx } = place;
  const child = await open(run, place, workflow, data, isAwaited);
  ctx.emit(`child${place.path}`, 'run.child_started', {
    path: place.pointer,
    runId: child.runId,
    workflow: child.workflow,
  });
  await ctx.flush();
  const handle = await startChildRun(place, child, isAwaited);
  if (!isAwaited) return NULL;
  const end = await endOfChild(place, child, handle);
  if (ctx.stopped !== undefined || !end) throw new Halt();
  if (end.status !== 'completed' && end.status !== 'partial') throw failure(place, end);
  return end.output;
}

async function open(
  run: Interpretation,
  place: TaskPlace,
  { namespace, name, version }: Published,
  data: Value,
  isAwaited: boolean,
): Promise<OpenedChild> {
  const { ctx, pointer, path } = place;
  const budget = ctx.childBudget;
  if (budget?.depth !== undefined && budget.depth < 1)
    throw ownFault('budget', pointer, 'the budget allows no further run inside');
  if (budget) ctx.useBudget();
  const { openChild } = proxyLocalActivities<LanguageActivities>(SMALL_STEP);
  const opened = await openChild({
    ...ctx.ref,
    key: path.slice(1),
    namespace,
    name,
    version,
    input: await ctx.carried(data),
    depth: run.params.depth ?? 0,
    ...(isAwaited ? { deadlineAt: ctx.start.deadlineAt } : {}),
    ...(budget ? { budget } : {}),
  });
  if ('refused' in opened) throw refusal(opened, pointer);
  return opened;
}

const refusal = ({ reason, refused }: RefusedChild, pointer: string): Fault =>
  reason === 'budget' ? ownFault('budget', pointer, refused) : fault('configuration', pointer, { detail: refused });

/** The error that ended it, at this task; where it ended by no error, what it ended by. */
function failure({ pointer }: TaskPlace, { status, terminationReason, error }: ChildEnd): Fault {
  const detail = error?.detail ?? error?.message ?? `the run ended ${status}`;
  if (error?.type !== undefined && error.status !== undefined) {
    const { type, status: code, title = type } = error;
    return new Fault({ type, status: code, title, detail, instance: pointer });
  }
  if (status === 'timed_out') return fault('timeout', pointer, { detail });
  return ownFault(status === 'failed' ? terminationReason : status, pointer, detail);
}
