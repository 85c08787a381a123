import type { Chat } from '../../contracts/group-chat.js';
import type { Member } from '../../contracts/members.js';
import type { Value } from '../../contracts/values.js';
import type { PatternContext } from '../lib/pattern-context.js';
import { canceled, failed, fromCall, isUsable, type PatternResult, result } from '../lib/pattern-result.js';
import { holds } from '../lib/truth.js';
import { inline, NULL } from '../lib/values.js';
import { nextSpeaker } from './chat-manager.js';
import { chatData, type Talk } from './talk.js';

/**
 * One turn after another. A turn that fails is a gap; when as many in a row have failed as take part, the chat fails with
 * what was said.
 */
export async function runChat(ctx: PatternContext, chat: Chat, input: Value): Promise<PatternResult> {
  const talk: Talk = { input, names: chat.participants.map(({ name }) => name), messages: [], warnings: [] };
  let gaps = 0;
  let silence = 0;
  const said = (end: PatternResult, rounds: number): PatternResult => ({
    ...end,
    ...(gaps > 0 ? withGaps(end) : {}),
    output: chat.output === 'messages' ? chatData(talk).messages : (talk.messages.at(-1)?.content ?? NULL),
    rounds,
    warnings: talk.warnings,
  });

  for (let round = 1; round <= chat.maxRounds; round += 1) {
    const place = ctx.at('rounds', round - 1);
    const name = await nextSpeaker(place, chat, talk, round);
    if (ctx.stopped !== undefined) return said(canceled(NULL), round - 1);
    if (name === undefined) return said(result('completed', 'done', NULL), round - 1);
    ctx.describe(`round ${round} of at most ${chat.maxRounds}: ${name}`);
    const speaker = chat.participants.find((participant) => participant.name === name) as Member;
    const turn = await speak(place.at('turn'), speaker, talk, round);
    if (ctx.stopped !== undefined || turn.status === 'canceled') return said(canceled(NULL), round);
    talk.last = name;
    if (isUsable(turn)) {
      talk.messages.push({ round, from: name, content: turn.output });
      silence = 0;
      if (await isOver(place, chat, talk, round)) return said(result('completed', 'rule_met', NULL), round);
    } else {
      talk.warnings.push(`round ${round}: ${name} failed: ${turn.error?.message ?? turn.terminationReason}`);
      gaps += 1;
      silence += 1;
      if (silence >= talk.names.length) return said(failed(turn.terminationReason, NULL, turn.error), round);
    }
  }
  // Turns in declared order with no other end than their number are a plan that was carried out, not a limit reached.
  const isPlanned = (chat.manager ?? 'round-robin') === 'round-robin' && chat.terminateWhen === undefined;
  const end = isPlanned ? result('completed', 'done', NULL) : result('partial', 'max_rounds', NULL);
  return said(end, chat.maxRounds);
}

function withGaps({ status, terminationReason }: PatternResult): Partial<PatternResult> {
  if (status !== 'completed') return {};
  return { status: 'partial', terminationReason: terminationReason === 'done' ? 'agent_failed' : terminationReason };
}

async function speak(ctx: PatternContext, speaker: Member, talk: Talk, round: number): Promise<PatternResult> {
  const { input } = talk;
  const data: Value = { object: { ...chatData(talk), round: inline(round), you: inline(speaker.name) } };
  const task = await ctx.input(speaker.input, data, { input });
  return fromCall(await ctx.callAgent({ key: '', task: speaker, input: task, role: speaker.name, round }), ctx.where);
}

async function isOver(ctx: PatternContext, { terminateWhen }: Chat, talk: Talk, round: number): Promise<boolean> {
  if (terminateWhen === undefined) return false;
  const last = talk.messages.at(-1)?.content ?? NULL;
  const data: Value = { object: { ...chatData(talk), last, round: inline(round) } };
  return holds(await ctx.evaluate(terminateWhen, data, { input: talk.input }));
}
