import type { AgentTask } from '../../../contracts/calls.js';
import type { CallResult } from '../../../contracts/run-workflow.js';
import type { PatternContext } from '../../lib/pattern-context.js';
import { fromCall, type PatternResult } from '../../lib/pattern-result.js';
import type { Part } from './parts.js';

/** Those behind the task, its `fallback`, do it in their order, since the market did not: `failure` says why. */
export async function standIn(
  ctx: PatternContext,
  { input: _input, ...task }: AgentTask,
  { index, input }: Pick<Part, 'index' | 'input'>,
  { error, terminationReason }: PatternResult,
): Promise<PatternResult> {
  const key = `stand-in/${index}`;
  const { code, message } = error ?? { code: 'agent.permanent', message: terminationReason };
  const failed: CallResult = {
    key,
    status: 'failed',
    error: { code, message, retryable: false },
    queueMs: 0,
    execMs: 0,
  };
  const place = ctx.at(key);
  return fromCall(await ctx.callAgent({ key, task, input, role: 'stand-in', failed }), place.where);
}
