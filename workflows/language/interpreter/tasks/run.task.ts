import { proxyLocalActivities } from '@temporalio/workflow';
import type { ChildEnd, OpenedChild, RefusedChild } from '../../../../contracts/child-runs.js';
import type { RunProcess, RunTask } from '../../../../contracts/definition-tasks.js';
import type { Json } from '../../../../contracts/json.js';
import type { LanguageActivities } from '../../../../contracts/language-activities.js';
import type { Value } from '../../../../contracts/values.js';
import { SMALL_STEP } from '../../../lib/activity-options.js';
import { inline, NULL, plain } from '../../../lib/values.js';
import { authenticationIn, policyOf } from '../authentication.js';
import { addressOf, callPartsOf } from '../call-parts.js';
import { endOfChild, startChildRun } from '../child-run.js';
import { evaluateField, evaluateTemplate } from '../expressions.js';
import { Fault, fault, Halt, ownFault } from '../fault.js';
import { bodyVariables, type Interpretation } from '../interpretation.js';
import { makeProcessCall } from '../make-call.js';
import type { TaskEnd, TaskPlace } from '../place.js';

type ChildProcess = NonNullable<RunProcess['workflow']>;
type ScriptSource = Required<Pick<NonNullable<RunProcess['script']>, 'source'>>;
type Wanted = NonNullable<RunProcess['return']>;

/**
 * Runs a published workflow as a run of its own. Its output is the task's, its error is raised here; with `await: false`
 * the run goes on by itself and the output is the input. Processes of the operating system need the operator's leave.
 */
export async function performRun(run: Interpretation, place: TaskPlace, task: RunTask, input: Value): Promise<TaskEnd> {
  const { workflow, await: isAwaited = true, return: wanted = 'stdout' } = task.run;
  if (!workflow) return performProcess(run, place, task.run, input);
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
  return { output: returned(wanted, { code: 0, stdout: end.output, stderr: '' }) };
}

/** A process of the operator's machine: one that ends with another code than 0 has failed, unless its code is asked for. */
async function performProcess(
  run: Interpretation,
  place: TaskPlace,
  task: RunTask['run'],
  input: Value,
): Promise<TaskEnd> {
  const { pointer } = place;
  const { await: isAwaited = true, return: wanted = 'stdout' } = task;
  const kind = (['container', 'script', 'shell'] as const).find((name) => task[name] !== undefined);
  if (kind === undefined) throw fault('configuration', pointer, { detail: 'run needs something to run' });
  if (!isAwaited)
    throw fault('configuration', pointer, { detail: `run.${kind} is awaited: await: false is not possible` });
  const { source, ...request } = task[kind] as Record<string, Json>;
  const resource = source === undefined ? undefined : (task.script as ScriptSource).source;
  const uri = resource && (await addressOf(run, place, resource.endpoint, input));
  const document = resource && policyOf(run, place, authenticationIn(resource.endpoint));
  const output = await makeProcessCall(run, place, {
    request: { kind: 'process', process: kind, ...(uri !== undefined && { source: uri }) },
    parts: await callPartsOf(run, place, { request, authentication: undefined, document }, input),
  });
  const end = await readEnd(place, output);
  if (end.code !== 0 && wanted !== 'code' && wanted !== 'all') {
    const detail = `run.${kind} ended with code ${end.code}: ${end.stderr.trim().slice(0, MAX_COMPLAINT)}`;
    throw fault('runtime', pointer, { detail });
  }
  return { output: returned(wanted, end) };
}

/** Large outputs are stored: what is asked for is taken out of them. */
async function readEnd(place: TaskPlace, output: Value): Promise<ProcessEnd> {
  const [code, stdout, stderr] = await Promise.all(
    ['.code', '.stdout', `.stderr[:${MAX_STDERR}]`].map((field) => evaluateField(place, field, output, {})),
  );
  const told = plain(stderr as Value);
  return { code: Number(plain(code as Value)), stdout: stdout as Value, stderr: typeof told === 'string' ? told : '' };
}

const MAX_COMPLAINT = 1_000;
/** Of what is kept of it; the rest of what a process says belongs on its output. */
const MAX_STDERR = 10_000;

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

interface ProcessEnd {
  code: number;
  stdout: Value;
  stderr: string;
}

function returned(wanted: Wanted, { code, stdout, stderr }: ProcessEnd): Value {
  switch (wanted) {
    case 'stdout':
      return stdout;
    case 'stderr':
      return inline(stderr);
    case 'code':
      return inline(code);
    case 'all':
      return { object: { code: inline(code), stdout, stderr: inline(stderr) } };
    case 'none':
      return NULL;
  }
}
