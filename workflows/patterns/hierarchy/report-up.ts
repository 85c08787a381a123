import type { HierarchyParams } from '../../../contracts/hierarchy.js';
import type { Value } from '../../../contracts/values.js';
import type { PatternContext } from '../../lib/pattern-context.js';
import { isUsable } from '../../lib/pattern-result.js';
import { inline, NULL, plain } from '../../lib/values.js';
import type { Attended } from './attend.js';

/** About what a token of English text takes; models differ, and only the size of a report hangs on it. */
const CHARACTERS_A_TOKEN = 4;

/** What a manager learns of a subtask: its output whole, or no more than so many tokens of it. */
export async function reportUp(
  ctx: PatternContext,
  how: HierarchyParams['reportUp'],
  { id, result }: Attended,
): Promise<Value> {
  const { status, confidence = null, error, warnings } = result;
  return {
    object: {
      id: inline(id),
      status: inline(status),
      output: isUsable(result) ? await shortened(ctx.at('subtasks', id, 'summary'), how, result.output) : NULL,
      confidence: inline(confidence),
      error: inline(error?.message ?? null),
      warnings: inline(warnings.slice(0, 20)),
    },
  };
}

async function shortened(ctx: PatternContext, how: HierarchyParams['reportUp'], output: Value): Promise<Value> {
  if (how === 'full') return output;
  const characters = how.summary * CHARACTERS_A_TOKEN;
  const isShort = plain(await ctx.transform(`(tostring | length) <= ${characters}`, output));
  if (isShort === true) return output;
  if (how.capability !== undefined) {
    const call = { key: '', task: { capability: how.capability }, input: output, role: 'summariser' };
    const answer = await ctx.callAgent(call);
    if (answer.status === 'completed' && answer.output) return cut(ctx, answer.output, characters);
  }
  return cut(ctx, output, characters);
}

const cut = (ctx: PatternContext, output: Value, characters: number) =>
  ctx.transform(`tostring | if length > ${characters} then .[:${characters}] + "…" else . end`, output);
