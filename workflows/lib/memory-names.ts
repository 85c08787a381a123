import type { Json } from '../../contracts/json.js';
import type { Value } from '../../contracts/values.js';
import type { Variables } from './evaluator.js';
import type { PatternContext } from './pattern-context.js';
import { plain } from './values.js';

const NAME = /^[A-Za-z0-9._-]{1,128}$/;
const MAX_QUERY = 1_000;

/** Names of shared memory that jq may have made: checked here. */
export async function memoryNames<Field extends string>(
  ctx: PatternContext,
  names: { [Name in Field]?: string },
  data: Value,
  variables: Variables = {},
): Promise<{ found: { [Name in Field]?: string } } | { problem: string }> {
  const found: { [Name in Field]?: string } = {};
  for (const [field, template] of Object.entries<string | undefined>(names)) {
    if (template === undefined) continue;
    const name = plain(await ctx.input(template, data, variables));
    if (typeof name !== 'string' || !NAME.test(name))
      return { problem: `${field} must be 1 to 128 characters of A-Z a-z 0-9 . _ -` };
    found[field as Field] = name;
  }
  return { found };
}

/** The words of a search, which jq may have made; undefined when they are none. */
export async function memoryQuery(
  ctx: PatternContext,
  template: string,
  data: Value,
  variables: Variables = {},
): Promise<string | undefined> {
  const words: Json | undefined = plain(await ctx.input(template, data, variables));
  return typeof words === 'string' && words.length > 0 && words.length <= MAX_QUERY ? words : undefined;
}

export const WRONG_QUERY = 'the query must be a text of 1 to 1,000 characters';
