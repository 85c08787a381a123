import type { Chat, GroupChatParams } from '../../contracts/group-chat.js';
import type { Value } from '../../contracts/values.js';
import type { PatternContext } from '../lib/pattern-context.js';
import type { PatternResult } from '../lib/pattern-result.js';
import { checkOutput } from './check-output.js';
import { makeAndCheck } from './maker-checker.js';
import { runChat } from './run-chat.js';

/** Participants speak one after another, each given all that was said; or one makes and others check. */
export async function groupChat(outer: PatternContext, params: GroupChatParams, given: Value): Promise<PatternResult> {
  const ctx = outer.withOptions(params);
  const input = await ctx.input(params.input, given, { input: given });
  // The schema has seen to it that a chat without the preset has its participants and its limit.
  const end = params.makerChecker
    ? await makeAndCheck(ctx, params.makerChecker, input)
    : await runChat(ctx, params as Chat, input);
  return checkOutput(ctx, end, params.outputSchema);
}
