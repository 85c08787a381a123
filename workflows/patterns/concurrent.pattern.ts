import type { ConcurrentParams } from '../../contracts/concurrent.js';
import type { Value } from '../../contracts/values.js';
import type { PatternContext } from '../lib/pattern-context.js';
import { canceled, failed, isUsable, type PatternResult } from '../lib/pattern-result.js';
import { NULL } from '../lib/values.js';
import { aggregate } from './aggregate.js';
import { planBranches } from './branch-plan.js';
import { checkOutput } from './check-output.js';
import { neededBranches, ruleName } from './completion.js';
import { type BranchesEnd, type BranchResult, runBranches } from './run-branches.js';

const SHOWN = 100;

/**
 * Branches side by side until the completion rule is met or can no longer be met; then one output of theirs. Under
 * `all` with `onBranchFailure: continue` missing branches make the result `partial`; any other rule that is missed
 * fails with the outputs so far.
 */
export async function concurrent(
  outer: PatternContext,
  params: ConcurrentParams,
  given: Value,
): Promise<PatternResult> {
  const ctx = outer.withOptions(params);
  const input = await ctx.input(params.input, given, { input: given });
  const branches = await planBranches(ctx, params, input);
  ctx.describe(`${branches.length} branches, ${ruleName(params.completion, branches.length)}`);
  const end = await runBranches(ctx, params, branches, input);
  report(ctx, params, end);

  const usable = counted(params, end);
  const slots = outputSlots(params, end, usable);
  if (ctx.stopped !== undefined) return summarise(canceled({ list: slots }), end);
  if (end.verdict !== 'met' && !mayHaveGaps(params, usable)) return missed(ctx, params, end, slots);
  if (usable.length === 0) return summarise({ ...failed('done', { list: [] }), status: 'completed' }, end);

  const combined = await aggregate(ctx, params, usable, slots, input);
  const result = summarise(combined, end);
  if (!isUsable(combined)) return result;
  return checkOutput(ctx, { ...result, ...completion(params, end) }, params.outputSchema);
}

/** The outputs that count: of the first ones to arrive as many as the rule asks for, in declaration order. */
function counted({ completion: rule }: ConcurrentParams, { arrived, results }: BranchesEnd): BranchResult[] {
  const first = new Set(rule === 'all' ? arrived : arrived.slice(0, neededBranches(rule, results.length)));
  return results.filter((branch) => first.has(branch));
}

/** Under `all` an output stands at its branch's position, with null for a gap. */
function outputSlots(
  { completion: rule }: ConcurrentParams,
  { results }: BranchesEnd,
  usable: BranchResult[],
): Value[] {
  if (rule !== 'all') return usable.map(({ result }) => result.output);
  return results.map(({ result }) => (isUsable(result) ? result.output : NULL));
}

const mayHaveGaps = ({ completion: rule, onBranchFailure }: ConcurrentParams, usable: BranchResult[]): boolean =>
  rule === 'all' && onBranchFailure === 'continue' && usable.length > 0;

function missed(ctx: PatternContext, params: ConcurrentParams, end: BranchesEnd, slots: Value[]): PatternResult {
  const rule = ruleName(params.completion, end.results.length);
  const cause = end.results.find(({ result }) => result.error)?.result;
  const late = end.timedOut ? ' in time' : '';
  const message = `${rule} was not met${late}${cause?.error ? `: ${cause.error.message}` : ''}`;
  const error = { code: cause?.error?.code ?? 'agent.timeout', message, path: ctx.where };
  const nobody = end.arrived.length === 0 && !end.timedOut && params.completion === 'all';
  const reason = nobody && cause ? cause.terminationReason : 'rule_unreachable';
  return summarise(failed(reason, { list: slots }, error), end);
}

function completion({ completion: rule }: ConcurrentParams, { verdict, arrived }: BranchesEnd): Partial<PatternResult> {
  if (verdict !== 'met') return { status: 'partial', terminationReason: 'agent_failed' };
  const gaps = arrived.some(({ result }) => result.status === 'partial');
  return { status: gaps ? 'partial' : 'completed', terminationReason: rule === 'all' ? 'done' : 'rule_met' };
}

function summarise(result: PatternResult, { results }: BranchesEnd): PatternResult {
  const warnings = results.flatMap(({ branch, result: { status, error, warnings: own } }) => [
    ...(status === 'failed' ? [`${branch.name} failed: ${error?.message ?? 'no reason given'}`] : []),
    ...own.map((warning) => `${branch.name}: ${warning}`),
  ]);
  const shown = warnings.slice(0, SHOWN);
  if (warnings.length > SHOWN) shown.push(`and ${warnings.length - SHOWN} more warnings`);
  return {
    ...result,
    degraded: result.degraded || results.some(({ result: { degraded } }) => degraded),
    warnings: shown,
  };
}

function report(ctx: PatternContext, { completion: rule }: ConcurrentParams, end: BranchesEnd): void {
  const { results, arrived, verdict } = end;
  const names = (wanted: (status: PatternResult['status']) => boolean) =>
    results.filter(({ result: { status } }) => wanted(status)).map(({ branch: { name } }) => name);
  const missing = names((status) => status === 'failed');
  const cancelled = names((status) => status === 'canceled');
  const slowest = arrived.reduce<BranchResult | undefined>(
    (slow, branch) => (slow && slow.elapsedMs >= branch.elapsedMs ? slow : branch),
    undefined,
  );
  ctx.decide({
    what: 'completion',
    rule: ruleName(rule, results.length),
    scores: {
      total: results.length,
      needed: neededBranches(rule, results.length),
      completed: arrived.length,
      missing: missing.slice(0, SHOWN),
      missingCount: missing.length,
      cancelled: cancelled.slice(0, SHOWN),
      cancelledCount: cancelled.length,
      slowest: slowest ? { name: slowest.branch.name, ms: slowest.elapsedMs } : null,
    },
    chosen: end.timedOut ? 'timed_out' : verdict,
  });
}
