import type { AgentParams } from '../../contracts/agent-pattern.js';
import type { Value } from '../../contracts/values.js';
import type { PatternContext } from '../lib/pattern-context.js';
import { fromCall, type PatternResult } from '../lib/pattern-result.js';

/** One agent call. With `onFailure: continue` a failed one ends `partial` with output null and says why. */
export async function agent(ctx: PatternContext, params: AgentParams, input: Value): Promise<PatternResult> {
  ctx.describe(`one call to ${params.capability ?? params.agent ?? 'an agent'}`);
  const task = await ctx.input(params.input, input, { input });
  const result = fromCall(await ctx.callAgent({ key: '', task: params, input: task }), ctx.where);
  if (result.status !== 'failed' || params.onFailure === 'fail') return result;
  return { ...result, status: 'partial', warnings: [`the call failed: ${result.error?.message ?? 'no reason given'}`] };
}
