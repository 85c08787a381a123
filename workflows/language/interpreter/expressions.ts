import type { DurationValue, Filter } from '../../../contracts/definition-parts.js';
import type { Json } from '../../../contracts/json.js';
import type { Value } from '../../../contracts/values.js';
import type { Variables } from '../../lib/evaluator.js';
import { ExpressionError } from '../../lib/expression-error.js';
import { holds } from '../../lib/truth.js';
import { inline, plain } from '../../lib/values.js';
import { JqError } from '../jq/index.js';
import { durationMs } from './duration.js';
import { fault } from './fault.js';
import type { Place } from './place.js';
import { fieldProgram, type IsExpression, templateProgram } from './template-program.js';

/** A field that is jq with or without `${ }`. Fails with an expression error. */
export function evaluateField(place: Place, text: string, data: Value, variables: Variables): Promise<Value> {
  return named(place, async () => place.ctx.evaluate(fieldProgram(text), data, variables));
}

/** `from` and `as`: jq, or an object whose leaves are evaluated; the data itself when there is none. */
export async function applyFilter(
  place: Place,
  filter: Filter | undefined,
  data: Value,
  variables: Variables,
): Promise<Value> {
  if (filter === undefined) return data;
  if (typeof filter === 'string') return evaluateField(place, filter, data, variables);
  return evaluateTemplate(place, filter as Json, data, variables);
}

/** Any JSON with jq in the `${ }` of its strings. */
export async function evaluateTemplate(
  place: Place,
  template: Json,
  data: Value,
  variables: Variables,
  isExpression?: IsExpression,
): Promise<Value> {
  return named(place, async () => {
    const program = templateProgram(template, isExpression);
    return program === undefined ? inline(template) : place.ctx.evaluate(program, data, variables);
  });
}

/** Whether a condition holds: all but false, null and no result. */
export async function isTrue(
  place: Place,
  condition: string | undefined,
  data: Value,
  variables: Variables,
): Promise<boolean | undefined> {
  return condition === undefined ? undefined : holds(await evaluateField(place, condition, data, variables));
}

/** Milliseconds of a duration, which may be an expression. */
export async function readDuration(
  place: Place,
  duration: DurationValue,
  data: Value,
  variables: Variables,
): Promise<number> {
  const value = await evaluateTemplate(place, duration as Json, data, variables);
  const json = plain(value);
  const ms = json === undefined ? undefined : durationMs(json);
  if (ms !== undefined) return ms;
  throw fault('expression', place.pointer, { detail: `is no duration: ${JSON.stringify(json)?.slice(0, 100)}` });
}

async function named<T>(place: Place, work: () => Promise<T>): Promise<T> {
  try {
    return await work();
  } catch (error) {
    if (error instanceof ExpressionError || error instanceof JqError)
      throw fault('expression', place.pointer, { detail: error.message });
    throw error;
  }
}
