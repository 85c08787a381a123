import { proxyLocalActivities } from '@temporalio/workflow';
import type { ChildEnd, OpenedChild, RefusedChild } from '../../../../contracts/child-runs.js';
import type { RunProcess, RunTask } from '../../../../contracts/definition-tasks.js';
import type { Json } from '../../../../contracts/json.js';
import type { LanguageActivities } from '../../../../contracts/language-activities.js';
import type { Value } from '../../../../contracts/values.js';
import { SMALL_STEP } from '../../../lib/activity-options.js';
import { inline, NULL } from '../../../lib/values.js';
import { endOfChild, startChildRun } from '../child-run.js';
import { evaluateTemplate } from '../expressions.js';
import { Fault, fault, Halt, ownFault } from '../fault.js';
import { bodyVariables, type Interpretation } from '../interpretation.js';
import type { TaskEnd, TaskPlace } from '../place.js';

type ChildProcess = NonNullable<RunProcess['workflow']>;

/**
 * Runs a published workflow as a run of its own. Its output is the task's, its error is raised here; with `await: false`
 * the run goes on by itself and the output is the input. Processes of the operating system are refused.
 */
export async function performRun(run: Interpretation, place: TaskPlace, task: RunTask, input: Value): Promise<TaskEnd> {
  const { workflow, await: isAwaited = true, return: wanted = 'stdout' } = task.run;
  if (!workflow) throw refusedProcess(task.run, place.pointer);
  const { ctx } = place;
  const child = await open(run, place, workflow, isAwaited, input);
  ctx.emit(`child${place.path}`, 'run.child_started', {
    path: place.pointer,
    runId: child.runId,
    workflow: child.workflow,
  });
  await ctx.flush();
  const handle = await startChildRun(place, child, isAwaited);
  if (!isAwaited) return { output: input };
  const end = await endOfChild(place, child, handle);
  if (ctx.stopped !== undefined || !end) throw new Halt();
  if (end.status !== 'completed' && end.status !== 'partial') throw failure(place, end);
  return { output: returned(wanted, end.output) };
}

async function open(
  run: Interpretation,
  place: TaskPlace,
  { namespace, name, version, input: given }: ChildProcess,
  isAwaited: boolean,
  input: Value,
): Promise<OpenedChild> {
  const { ctx, pointer, path } = place;
  const data =
    given === undefined ? input : await evaluateTemplate(place, given as Json, input, bodyVariables(run, place));
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

/** What processes give, of a workflow that completed. */
function returned(wanted: NonNullable<RunProcess['return']>, output: Value): Value {
  switch (wanted) {
    case 'stdout':
      return output;
    case 'stderr':
      return inline('');
    case 'code':
      return inline(0);
    case 'all':
      return { object: { code: inline(0), stdout: output, stderr: inline('') } };
    case 'none':
      return NULL;
  }
}

function refusedProcess(process: RunProcess, pointer: string): Fault {
  const kind = (['container', 'script', 'shell'] as const).find((name) => process[name] !== undefined) ?? 'this';
  return fault('configuration', pointer, { detail: `run.${kind} is refused: this installation starts no processes` });
}
