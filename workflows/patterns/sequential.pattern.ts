import type { SequentialParams, Step } from '../../contracts/sequential.js';
import type { Value } from '../../contracts/values.js';
import type { PatternContext } from '../lib/pattern-context.js';
import { fromCall, isRefused, isUsable, type PatternResult, result } from '../lib/pattern-result.js';
import { holds } from '../lib/truth.js';
import { checkOutput } from './check-output.js';
import { isMemory, isNested, runTask } from './run-task.js';
import { stepFinished, stepStarted } from './step-events.js';
import { type CallStep, stretchFrom } from './stretch.js';
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

async function runSteps(ctx: PatternContext, params: SequentialParams, chain: Chain) {
  const { steps, onFailure } = params;
  for (let at = 0; at < steps.length;) {
    const stretch = stretchFrom(params, at);
    for (const done of await runStretch(ctx, stretch, chain, positionOf(stretch, at, steps))) {
      const step = steps[at] as Step;
      at += 1;
      if (done === 'skipped') continue;
      if (ctx.stopped !== undefined || done.status === 'canceled') {
        return result('canceled', 'canceled', chainOutput(chain));
      }
      if (!isUsable(done)) {
        stepLost(chain, step, done);
        if (onFailure === 'continue' && !isRefused(done)) continue;
        return { ...done, output: chainOutput(chain) };
      }
      if (await saysYes(placeOf(ctx, step), step.exitIf, done.output, chain)) {
        return result('completed', 'exit_if', chainOutput(chain));
      }
    }
  }
  return result('completed', 'done', chainOutput(chain));
}

/** What became of the steps of the stretch, as far as they were made: at least of the first. */
async function runStretch(
  ctx: PatternContext,
  stretch: [Step, ...CallStep[]],
  chain: Chain,
  position: string,
): Promise<(PatternResult | 'skipped')[]> {
  const [step, ...following] = stretch;
  const place = placeOf(ctx, step);
  const input = await place.input(step.input, chainData(chain), { input: chain.input });
  if (await saysYes(place, step.skipIf, input, chain)) {
    const { name } = step;
    place.emit(`step/${place.path}/skipped`, 'step.skipped', { path: place.where, name, reason: 'skip_if' });
    return ['skipped'];
  }
  ctx.describe(position);
  const started = stepStarted(place, step);
  ctx.emit(started.key, started.type, started.data);
  const results =
    following.length === 0 || isNested(step) || isMemory(step)
      ? [await runTask(isMemory(step) ? place.withVariables({ input: chain.input }) : place, step, input)]
      : await runInTurn(ctx, step, following, { input, chain });
  results.forEach((done, index) => isUsable(done) && stepDone(chain, stretch[index] as Step, done));
  const last = stretch[results.length - 1] as Step;
  const finished = stepFinished(placeOf(ctx, last), last, (results.at(-1) as PatternResult).status);
  ctx.emit(finished.key, finished.type, finished.data);
  return results;
}

async function runInTurn(
  ctx: PatternContext,
  first: CallStep,
  following: CallStep[],
  { input, chain }: { input: Value; chain: Chain },
): Promise<PatternResult[]> {
  const outcomes = await ctx.callInTurn(
    { key: keyOf(first), task: first, input },
    following.map((step, index) => {
      const before = following[index - 1] ?? first;
      return {
        key: keyOf(step),
        task: step,
        template: step.input,
        variables: { input: chain.input },
        events: [stepFinished(placeOf(ctx, before), before, 'completed'), stepStarted(placeOf(ctx, step), step)],
      };
    }),
  );
  return outcomes.map((outcome, index) => fromCall(outcome, placeOf(ctx, following[index - 1] ?? first).where));
}

const keyOf = ({ name }: Step): string => `steps/${name}`;
const placeOf = (ctx: PatternContext, step: Step): PatternContext => ctx.at('steps', step.name);

function positionOf(stretch: Step[], at: number, steps: Step[]): string {
  const [first, last] = [stretch[0], stretch.at(-1)] as [Step, Step];
  if (first === last) return `step ${first.name} (${at + 1} of ${steps.length})`;
  return `steps ${first.name} to ${last.name} (${at + 1} to ${at + stretch.length} of ${steps.length})`;
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
