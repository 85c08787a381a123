import { proxyLocalActivities } from '@temporalio/workflow';
import type { LanguageActivities } from '../../../contracts/language-activities.js';
import type { Value } from '../../../contracts/values.js';
import type { WorkflowParams } from '../../../contracts/workflow-run.js';
import type { PatternContext } from '../../lib/pattern-context.js';
import { SMALL_STEP } from '../../lib/activity-options.js';
import { GoingOn } from '../../lib/going-on.js';
import { canceled, completed, failed, type PatternResult } from '../../lib/pattern-result.js';
import { NULL } from '../../lib/values.js';
import { checkSchema } from './check-schema.js';
import { applyFilter, readDuration } from './expressions.js';
import { Fault, fault, Halt, runErrorOf } from './fault.js';
import { Interpretation } from './interpretation.js';
import type { Place } from './place.js';
import { PERFORM, runDocumentList } from './run-list.js';
import { undoTasks } from './undo-tasks.js';
import { timeoutOf, withinTime } from './within-time.js';

/**
 * A run that follows a definition of the Open Workflow Specification, DSL 1.0.3: one workflow for all its tasks. An error
 * that nothing catches ends it `failed` with reason `fault`, its own `timeout` with `timed_out`; then, and when it is
 * canceled, the tasks that say how are undone.
 */
export async function workflow(outer: PatternContext, params: WorkflowParams, given: Value): Promise<PatternResult> {
  const ctx = params.needs ? outer.withOptions({ needs: params.needs }) : outer;
  const { carried } = ctx.start;
  const startedAt = carried?.startedAt ?? Date.now();
  const run = new Interpretation({ params, ref: ctx.ref, input: given, startedAt, perform: PERFORM, carried });
  const place: Place = { ctx, pointer: '', variables: {}, functions: [] };
  // Whatever a task waits for, the run ends at its deadline.
  const clock = ctx.newScope();
  void ctx.branch(clock, false).wait(Number.MAX_SAFE_INTEGER);
  try {
    return completed(await runInTime(run, place));
  } catch (error) {
    if (error instanceof GoingOn) throw error;
    const warnings = await undoTasks(ctx, run.undos);
    if (error instanceof Halt) return { ...canceled(run.latest), warnings };
    if (error instanceof Fault) return { ...faulted(error), warnings };
    throw error;
  } finally {
    clock.stop('lost');
  }
}

async function runInTime(run: Interpretation, place: Place): Promise<Value> {
  const { timeout } = run.definition;
  if (timeout === undefined) return runDocument(run, place);
  const at = { ...place, pointer: '/timeout' };
  const ms = await readDuration(at, timeoutOf(run, at, timeout).after, run.input, run.beforeTasks);
  return withinTime(at, ms - (Date.now() - run.startedAt), (inner) => runDocument(run, { ...place, ctx: inner.ctx }));
}

async function runDocument(run: Interpretation, place: Place): Promise<Value> {
  const { output, do: tasks } = run.definition;
  const [before, list, after] = ['/input', '/do', '/output'].map((pointer) => ({ ...place, pointer })) as [
    Place,
    Place,
    Place,
  ];
  const { carried } = place.ctx.start;
  if (!carried) await checkProcesses(run);
  const end = carried
    ? await runDocumentList(run, list, tasks, carried.data, carried)
    : await runDocumentList(run, list, tasks, await firstInput(run, before));
  const made = await applyFilter(after, output?.as, end.output, run.globals());
  await checkSchema(run, after, output?.schema, made, 'output');
  return made;
}

/** What it may not start here ends it before its first task, not in the middle of its work. */
async function checkProcesses({ params, ref }: Interpretation): Promise<void> {
  const { processes } = params;
  if (processes === undefined) return;
  const { checkProcesses: check } = proxyLocalActivities<LanguageActivities>(SMALL_STEP);
  const { errors } = await check({ ...ref, processes });
  if (errors.length > 0) throw fault('configuration', '/do', { detail: errors.join('; ') });
}

async function firstInput(run: Interpretation, place: Place): Promise<Value> {
  const { input } = run.definition;
  await checkSchema(run, place, input?.schema, run.input, 'input');
  const data = await applyFilter(place, input?.from, run.input, run.beforeTasks);
  run.context = data;
  return data;
}

function faulted(fault: Fault): PatternResult {
  const end = failed('fault', NULL, runErrorOf(fault));
  return fault.error.instance === '/timeout' ? { ...end, status: 'timed_out', terminationReason: 'deadline' } : end;
}
