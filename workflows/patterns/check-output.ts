import type { SchemaDocument } from '../../contracts/json.js';
import type { PatternContext } from '../lib/pattern-context.js';
import { failed, isUsable, type PatternResult } from '../lib/pattern-result.js';

/** A pattern whose output breaks its own schema has failed; the output is kept for the reader. */
export async function checkOutput(
  ctx: PatternContext,
  result: PatternResult,
  schema: SchemaDocument | undefined,
): Promise<PatternResult> {
  if (schema === undefined || !isUsable(result)) return result;
  const errors = await ctx.validate(result.output, schema);
  if (errors.length === 0) return result;
  const message = `the output breaks outputSchema: ${errors.slice(0, 5).join('; ')}`;
  return {
    ...failed('invalid_output', result.output, { code: 'agent.invalid_output', message, path: ctx.where }),
    warnings: result.warnings,
  };
}
