import type { Value } from '../../contracts/values.js';
import { ExpressionError } from '../lib/expression-error.js';
import type { PatternContext } from '../lib/pattern-context.js';
import type { Chain } from './step-chain.js';

/**
 * Undoes completed steps in reverse order, also the one that was refused after it was done; a step without `compensate` is passed over. Each undo gets its step's output
 * as data and has its own retries and time limit; one that fails is reported, and the others go on.
 */
export async function undoSteps(outer: PatternContext, chain: Chain, input: Value): Promise<void> {
  const ctx = outer.shielded();
  for (const { step, output } of [...chain.done, ...chain.refused].toReversed()) {
    const { name, compensate } = step;
    if (!compensate) continue;
    const place = ctx.at('compensate', name);
    place.describe(`undoing step ${name}`);
    const failure = await undo(place, compensate, output, input);
    if (failure !== undefined) chain.warnings.push(`step ${name} could not be undone: ${failure}`);
    const outcome = failure === undefined ? 'completed' : 'failed';
    const at = ctx.at('steps', name);
    ctx.emit(`step/${at.path}/compensated`, 'step.compensated', { path: at.where, name, outcome });
  }
}

/** Why it could not be undone. An expression that fails here must not keep other steps from being undone. */
async function undo(
  ctx: PatternContext,
  task: NonNullable<Chain['done'][number]['step']['compensate']>,
  output: Value,
  input: Value,
): Promise<string | undefined> {
  try {
    const data = await ctx.input(task.input, output, { input });
    const call = await ctx.callAgent({ key: '', task, input: data, role: 'compensation' });
    return call.status === 'completed' ? undefined : (call.error?.message ?? call.status);
  } catch (error) {
    if (error instanceof ExpressionError) return error.message;
    throw error;
  }
}
