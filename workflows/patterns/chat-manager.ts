import type { Chat } from '../../contracts/group-chat.js';
import type { Value } from '../../contracts/values.js';
import type { PatternContext } from '../lib/pattern-context.js';
import { inline, NULL, plain } from '../lib/values.js';
import { type Choice, CHOICE, nextInOrder, readChoice } from './group-chat-rules.js';
import { chatData, type Talk } from './talk.js';

/**
 * Who speaks next; undefined ends the talk. A manager that fails or names nobody who takes part is not waited for:
 * declared order holds for that round.
 */
export async function nextSpeaker(
  ctx: PatternContext,
  { manager = 'round-robin' }: Chat,
  talk: Talk,
  round: number,
): Promise<string | undefined> {
  const inOrder = nextInOrder(talk.names as [string, ...string[]], talk.last);
  if (manager === 'round-robin') return inOrder;
  const data: Value = { object: { ...chatData(talk), round: inline(round) } };
  const rule = 'expr' in manager ? 'expr' : 'agent';
  const choice =
    'expr' in manager
      ? await choiceIn(ctx, await ctx.evaluate(manager.expr, data, { input: talk.input }), talk)
      : await askManager(ctx, manager, data, talk, round);
  if (ctx.stopped !== undefined) return undefined;
  if ('invalid' in choice) talk.warnings.push(`round ${round}: the manager ${choice.invalid}; declared order holds`);
  const chosen = 'invalid' in choice ? inOrder : 'next' in choice ? choice.next : null;
  ctx.decide({
    what: 'speaker',
    rule: 'invalid' in choice ? 'round-robin' : rule,
    candidates: talk.names,
    scores: { reason: 'invalid' in choice ? choice.invalid : (choice.reason ?? null) },
    chosen,
  });
  return chosen ?? undefined;
}

async function askManager(
  ctx: PatternContext,
  manager: { capability?: string; agent?: string },
  data: Value,
  talk: Talk,
  round: number,
): Promise<Choice> {
  const task = { ...manager, kind: 'decide' as const };
  const answer = await ctx.callAgent({ key: 'manager', task, input: data, role: 'manager', round });
  if (answer.status !== 'completed') return { invalid: `failed: ${answer.error?.message ?? 'no reason given'}` };
  return choiceIn(ctx, answer.output ?? NULL, talk);
}

const choiceIn = async (ctx: PatternContext, answer: Value, { names }: Talk): Promise<Choice> =>
  readChoice(plain(await ctx.transform(CHOICE, answer)) ?? null, names);
