import type { SequentialParams, Step } from '../../contracts/sequential.js';
import type { Value } from '../../contracts/run-workflow.js';
import type { PatternContext } from '../lib/pattern-context.js';
import { isUsable, type PatternResult, result } from '../lib/pattern-result.js';
import { holds } from '../lib/truth.js';
import { checkOutput } from './check-output.js';
import { runTask } from './run-task.js';
import { chainData, chainOutput, type Chain, startChain, stepDone, stepLost } from './step-chain.js';
import { undoSteps } from './undo-steps.js';

/**
 * Steps one after another. A failed step ends the pattern, is left out (`continue`), or has the completed ones undone
 * in reverse order (`compensate`, also when the run is canceled or overdue, or an expression fails).
 */
export async function sequential(
  outer: PatternContext,
  params: SequentialParams,
  given: Value,
): Promise<PatternResult> {
  const ctx = outer.withOptions(params);
  const input = await ctx.input(params.input, given, { input: given });
  const chain = startChain(params.chain, input);
  const undo = () => (params.onFailure === 'compensate' ? undoSteps(ctx, chain, input) : Promise.resolve());
  try {
    const end = await runSteps(ctx, params, chain);
    const checked = await checkOutput(ctx, { ...end, ...chainSummary(chain, end) }, params.outputSchema);
    if (!isUsable(checked)) await undo();
    return { ...checked, warnings: chain.warnings };
  } catch (error) {
    await undo();
    throw error;
  }
}

async function runSteps(ctx: PatternContext, { steps, onFailure }: SequentialParams, chain: Chain) {
  for (const [position, step] of steps.entries()) {
    const done = await runStep(ctx.at('steps', step.name), step, chain, `${position + 1} of ${steps.length}`);
    if (done === 'skipped') continue;
    if (ctx.stopped !== undefined || done.status === 'canceled') {
      return result('canceled', 'canceled', chainOutput(chain));
    }
    if (!isUsable(done)) {
      stepLost(chain, step, done);
      if (onFailure === 'continue') continue;
      return { ...done, output: chainOutput(chain) };
    }
    if (await saysYes(ctx.at('steps', step.name), step.exitIf, done.output, chain)) {
      return result('completed', 'exit_if', chainOutput(chain));
    }
  }
  return result('completed', 'done', chainOutput(chain));
}

async function runStep(
  ctx: PatternContext,
  step: Step,
  chain: Chain,
  position: string,
): Promise<PatternResult | 'skipped'> {
  const { name } = step;
  const path = ctx.where;
  const stepInput = await ctx.input(step.input, chainData(chain), { input: chain.input });
  if (await saysYes(ctx, step.skipIf, stepInput, chain)) {
    ctx.emit(`step/${ctx.path}/skipped`, 'step.skipped', { path, name, reason: 'skip_if' });
    return 'skipped';
  }
  ctx.describe(`step ${name} (${position})`);
  ctx.emit(`step/${ctx.path}/started`, 'step.started', { path, name });
  const done = await runTask(ctx, step, stepInput);
  if (isUsable(done)) stepDone(chain, step, done);
  ctx.emit(`step/${ctx.path}/finished`, 'step.finished', { path, name, outcome: outcomeOf(done) });
  return done;
}

async function saysYes(ctx: PatternContext, condition: string | undefined, data: Value, { input }: Chain) {
  if (condition === undefined) return false;
  return holds(await ctx.evaluate(condition, data, { input }));
}

/** A step left out, or one that had gaps itself, is a gap of the whole. */
function chainSummary({ gaps, degraded }: Chain, end: PatternResult): Partial<PatternResult> {
  if (end.status !== 'completed' || gaps === 0) return { degraded };
  const reason = end.terminationReason === 'exit_if' ? 'exit_if' : 'agent_failed';
  return { degraded, status: 'partial', terminationReason: reason };
}

function outcomeOf({ status }: PatternResult): 'completed' | 'failed' | 'partial' | 'canceled' {
  return status === 'completed' || status === 'partial' || status === 'canceled' ? status : 'failed';
}
