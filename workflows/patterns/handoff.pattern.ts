import type { HandoffParams } from '../../contracts/handoff.js';
import type { Member } from '../../contracts/members.js';
import type { Value } from '../../contracts/values.js';
import type { PatternContext } from '../lib/pattern-context.js';
import { canceled, failed, fromCall, type PatternResult, result } from '../lib/pattern-result.js';
import { inline, NULL, plain } from '../lib/values.js';
import { checkOutput } from './check-output.js';
import { HANDED_CONTEXT, HANDOVER, judge, receivers, type Trail } from './handoff-rules.js';

/** What the holder of the work was handed; `context` is also the best so far of a chain that ends without an output. */
interface Handed {
  by: { from: string; reason: string | null } | null;
  context: Value;
  refused: string | null;
}

/**
 * The work goes from hand to hand until its holder answers with an output. A hand-over to nobody that is allowed goes
 * back to its author once, with the reason. Without an output the last context handed over is the output.
 */
export async function handoff(outer: PatternContext, params: HandoffParams, given: Value): Promise<PatternResult> {
  const ctx = outer.withOptions(params);
  const input = await ctx.input(params.input, given, { input: given });
  return checkOutput(ctx, await passOn(ctx, params, input), params.outputSchema);
}

async function passOn(ctx: PatternContext, params: HandoffParams, input: Value): Promise<PatternResult> {
  const { targets, maxHops } = params;
  const first = params.start ?? (targets[0] as Member).name;
  const trail: Trail = { targets: targets.map(({ name }) => name), holders: [first], maxHops };
  const warnings: string[] = [];
  let handed: Handed = { by: null, context: NULL, refused: null };
  for (let turn = 0; ; turn += 1) {
    const from = trail.holders.at(-1);
    const holder = targets.find(({ name }) => name === from) as Member;
    const place = ctx.at('turns', turn);
    ctx.describe(`${holder.name} has the work, hand-over ${trail.holders.length - 1} of at most ${maxHops}`);
    const done = await ask(place, holder, input, { trail, handed, turn });
    const said = { rounds: turn + 1, warnings };
    if (ctx.stopped !== undefined || done.status === 'canceled') return { ...canceled(handed.context), ...said };
    if (done.status !== 'completed') return { ...done, output: handed.context, ...said };

    const verdict = judge(plain(await place.transform(HANDOVER, done.output)) ?? null, trail);
    if (verdict.kind === 'output') return { ...done, ...said };
    if (verdict.kind === 'refused') {
      const error = { code: 'agent.invalid_output', message: verdict.why, path: place.where };
      if (handed.refused !== null) return { ...failed('invalid_output', handed.context, error), ...said };
      warnings.push(`${holder.name}: ${verdict.why}`);
      handed = { ...handed, refused: verdict.why };
      continue;
    }
    const context = await place.transform(HANDED_CONTEXT, done.output);
    if (verdict.kind === 'limit') return { ...result('partial', verdict.limit, context), ...said };
    const { to, reason } = verdict;
    ctx.decide({
      what: 'handoff',
      rule: 'agent',
      candidates: receivers(trail),
      scores: { from: holder.name, reason },
      chosen: to,
    });
    handed = { by: { from: holder.name, reason }, context, refused: null };
    trail.holders.push(to);
  }
}

async function ask(
  ctx: PatternContext,
  holder: Member,
  input: Value,
  { trail, handed, turn }: { trail: Trail; handed: Handed; turn: number },
): Promise<PatternResult> {
  const { by, context, refused } = handed;
  const received: Value = by ? { object: { from: inline(by.from), reason: inline(by.reason), context } } : NULL;
  const data: Value = {
    object: {
      input,
      targets: inline(receivers(trail)),
      received,
      refused: inline(refused),
    },
  };
  const task = await ctx.input(holder.input, data, { input });
  const call = { key: '', task: holder, input: task, role: holder.name, round: turn + 1 };
  return fromCall(await ctx.callAgent(call), ctx.where);
}
