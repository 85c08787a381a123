import type { NestedPattern } from '../../contracts/tasks.js';
import type { CallResult } from '../../contracts/run-workflow.js';
import type { Value } from '../../contracts/values.js';
import type { CallTask } from './call-shape.js';
import type { CallSpec, PatternContext } from './pattern-context.js';
import { completed, failed, fromCall, isUsable, type PatternResult } from './pattern-result.js';
import { type CaredTask, type SentBack, takeCare, type Target, told } from './take-care.js';
import { inline, NULL } from './values.js';

/** An offer is no work: what is paid, checked and stood in for is the award. */
export const needsCare = ({ kind, budget, gates, fallback }: CallTask): boolean =>
  kind !== 'bid' && (budget !== undefined || gates !== undefined || fallback !== undefined);

/** A call whose output has to pass gates, or behind which others stand. `ctx` is its place. */
export function carefulCall(ctx: PatternContext, spec: CallSpec): Promise<CallResult> {
  const { input } = spec;
  const { gates, fallback, ...plain } = spec.task;
  const call = (task: CallSpec['task'], key: string, sentBack: SentBack | undefined) =>
    ctx.callOnce({ ...spec, task, key, ...(sentBack && { context: { object: { sentBack: told(sentBack) } } }) });
  const task: CaredTask<CallResult> = {
    input,
    perform: async (key, sentBack) => (key === '' && spec.failed) || call(plain, key, sentBack),
    substitute: (target, key, sentBack) => call({ ...plain, ...only(target) }, key, sentBack),
    replace: (value, outcome) => ({ ...outcome, error: undefined, status: 'completed', output: value }),
    outputOf: ({ status, output }) => (status === 'completed' ? (output ?? NULL) : undefined),
    failureOf: ({ status, error }) => (status === 'failed' ? (error?.message ?? 'no reason given') : undefined),
    reject: (outcome, why) => ({ ...outcome, output: undefined, status: 'failed', error: rejection(why) }),
    degrade: (outcome) => ({ ...outcome, degraded: true }),
  };
  return takeCare(ctx, { gates, fallback }, task);
}

/** The same for a nested pattern, whose expressions may read `$reasons` when it is done again. */
export function carefulPattern(ctx: PatternContext, nested: NestedPattern, input: Value): Promise<PatternResult> {
  const task: CaredTask<PatternResult> = {
    input,
    perform: (key, sentBack) =>
      ctx
        .at(key)
        .withVariables({ reasons: inline(sentBack?.reasons ?? []) })
        .runOnce(nested, input),
    substitute: async (target, key, sentBack) => {
      const context = sentBack && { context: { object: { sentBack: told(sentBack) } } };
      return fromCall(await ctx.callOnce({ key, task: target, input, ...context }), ctx.where);
    },
    replace: (value) => completed(value),
    outputOf: (result) => (isUsable(result) ? result.output : undefined),
    failureOf: ({ status, error, terminationReason }) =>
      isFailure(status) ? (error?.message ?? terminationReason) : undefined,
    reject: ({ output, warnings, rounds }, why) => {
      const { code, message } = rejection(why);
      return { ...failed('invalid_output', output, { code, message, path: ctx.where }), warnings, rounds };
    },
    degrade: (result) => ({ ...result, degraded: true }),
  };
  return takeCare(ctx, nested, task);
}

const isFailure = (status: PatternResult['status']): boolean => status === 'failed' || status === 'budget_exceeded';

const rejection = (why: string) => ({ code: 'agent.invalid_output', message: why, retryable: false });

const only = ({ capability, agent }: Target): Target => ({ capability, agent });
