import type { AgentParams } from '../../../contracts/agent-pattern.js';
import type { Task } from '../../../contracts/definition-tasks.js';
import type { Json } from '../../../contracts/json.js';
import type { Value } from '../../../contracts/values.js';
import type { TaskUndo } from '../../../contracts/workflow-run.js';
import type { Variables } from '../../lib/evaluator.js';
import type { PatternContext } from '../../lib/pattern-context.js';
import { parametersOf } from './call-pattern.js';
import { evaluateTemplate } from './expressions.js';
import { Fault, fault } from './fault.js';
import type { Interpretation } from './interpretation.js';
import type { TaskPlace } from './place.js';

/** They travel from one history to the next. */
const MOST_UNDOS = 1_000;

/** Keeps how a task that is done would be undone. What cannot be evaluated then is reported when it is wanted. */
export async function rememberUndo(
  run: Interpretation,
  place: TaskPlace,
  task: Task,
  made: Value,
  known: Variables,
): Promise<void> {
  const compensate = task.metadata?.brikk?.compensate;
  if (!compensate) return;
  const { name, pointer, path } = place;
  if (run.undos.length >= MOST_UNDOS)
    throw fault('runtime', pointer, { detail: `a run keeps at most ${MOST_UNDOS} tasks with compensate` });
  const { input, ...given } = compensate;
  const { with: params } = await parametersOf(run, place, { call: 'agent', with: given }, made, known);
  const told = input === undefined ? made : await inputOf(place, input, made, known);
  run.undos.push({
    name,
    pointer,
    path,
    params: params as AgentParams,
    input: 'failure' in told ? told : await place.ctx.carried(told),
  });
}

/** Undoes in reverse order, as every undo shielded from what ended the run: why some could not be undone. */
export async function undoTasks(outer: PatternContext, undos: readonly TaskUndo[]): Promise<string[]> {
  const ctx = outer.shielded();
  const warnings: string[] = [];
  for (const { name, pointer, path, params, input } of undos.toReversed()) {
    const failure = 'failure' in input ? input.failure : await undo(ctx.at('compensate', path.slice(1)), params, input);
    if (failure !== undefined) warnings.push(`task ${name} could not be undone: ${failure}`);
    const outcome = failure === undefined ? 'completed' : 'failed';
    ctx.emit(`step${path}/compensated`, 'step.compensated', { path: pointer, name, outcome });
  }
  return warnings;
}

async function undo(ctx: PatternContext, task: AgentParams, input: Value): Promise<string | undefined> {
  const call = await ctx.callAgent({ key: '', task, input, role: 'compensation' });
  return call.status === 'completed' ? undefined : (call.error?.message ?? call.status);
}

async function inputOf(
  place: TaskPlace,
  template: Json,
  made: Value,
  known: Variables,
): Promise<Value | { failure: string }> {
  try {
    return await evaluateTemplate(place, template, made, known);
  } catch (error) {
    if (error instanceof Fault) return { failure: error.error.detail ?? error.error.title };
    throw error;
  }
}
