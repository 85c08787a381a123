import { proxyLocalActivities } from '@temporalio/workflow';
import type { FunctionCall } from '../../../contracts/definition-tasks.js';
import type { Json } from '../../../contracts/json.js';
import type { LanguageActivities } from '../../../contracts/language-activities.js';
import type { PatternName } from '../../../contracts/patterns.js';
import type { NestedPattern } from '../../../contracts/tasks.js';
import type { Value } from '../../../contracts/values.js';
import { SMALL_STEP } from '../../lib/activity-options.js';
import { isUsable, type PatternResult } from '../../lib/pattern-result.js';
import type { Variables } from '../../lib/evaluator.js';
import { define, inline, plain } from '../../lib/values.js';
import { patternField } from '../pattern-fields.js';
import { evaluateTemplate } from './expressions.js';
import { fault, Halt, ownFault } from './fault.js';
import { bodyVariables, type Interpretation } from './interpretation.js';
import type { TaskPlace } from './place.js';

/**
 * A pattern of the catalogue as a task: `${ }` in its parameters is evaluated once, but for the fields that the pattern
 * evaluates itself. Its output, also a partial one, is the task's; any other end is an error of its reason's name.
 */
export async function callPattern(
  run: Interpretation,
  place: TaskPlace,
  { call, with: given, metadata }: FunctionCall,
  input: Value,
): Promise<Value> {
  const known = bodyVariables(run, place);
  const params = await parametersOf(run, place, { call, with: given }, input, known);
  const { ctx } = place;
  const { input: _, ...variables } = known;
  const end = await ctx.at(place.path.slice(1)).withVariables(variables).runPattern(params, input);
  if (ctx.stopped !== undefined) throw new Halt();
  if (!isUsable(end)) throw failure(place, end);
  return metadata?.brikk?.output === 'result' ? wholeResult(end) : end.output;
}

/** The parameters of a pattern, checked, with what is evaluated before the call. */
export async function parametersOf(
  run: Interpretation,
  place: TaskPlace,
  { call, with: given }: Pick<FunctionCall, 'call' | 'with'>,
  data: Value,
  known: Variables,
): Promise<NestedPattern> {
  const [once, later] = split((given ?? {}) as Json, []);
  const evaluated = plain(await evaluateTemplate(place, once, data, known));
  if (evaluated === undefined)
    throw fault('configuration', place.pointer, { detail: `the parameters of ${call} are too large` });
  return paramsOf(run, place, call as PatternName, restore(evaluated, later));
}

/** What was checked before is not checked again: a loop calls with the same parameters. */
async function paramsOf(run: Interpretation, place: TaskPlace, name: PatternName, given: Json): Promise<NestedPattern> {
  const text = JSON.stringify([name, given]);
  const known = run.parsed.get(text);
  if (known) return known;
  const { readParams } = proxyLocalActivities<LanguageActivities>(SMALL_STEP);
  const answer = await readParams({ ...run.ref, function: name, with: given });
  if ('errors' in answer)
    throw fault('validation', place.pointer, { detail: `with of ${name}: ${answer.errors.join('; ')}` });
  const task = { pattern: name, with: answer.params } as NestedPattern;
  if (run.parsed.size < MAX_PARSED) run.parsed.set(text, task);
  return task;
}

const MAX_PARSED = 200;

function failure({ pointer }: TaskPlace, end: PatternResult) {
  const message = end.error?.message ?? end.warnings[0] ?? `it ended ${end.status}`;
  return ownFault(end.terminationReason, pointer, message);
}

function wholeResult({ output, status, terminationReason, rounds, warnings, degraded }: PatternResult): Value {
  return { object: { output, ...inlineParts({ status, terminationReason, rounds, warnings, degraded }) } };
}

const inlineParts = (parts: Record<string, Json>): Record<string, Value> =>
  Object.fromEntries(Object.entries(parts).map(([name, part]) => [name, inline(part)]));

/** Fields that patterns evaluate themselves: per bid, per round, per item. */
const isLater = (name: string) =>
  ['jq', 'own', 'template', 'told', 'question', 'schema'].includes(patternField(name) ?? '');

interface Kept {
  path: (string | number)[];
  value: Json;
}

/** The parameters without what is evaluated later, and that, with its place. */
function split(value: Json, path: (string | number)[]): [once: Json, later: Kept[]] {
  if (value === null || typeof value !== 'object') return [value, []];
  const later: Kept[] = [];
  const part = (inner: Json, key: string | number): Json => {
    const [once, kept] = split(inner, [...path, key]);
    later.push(...kept);
    return once;
  };
  if (Array.isArray(value)) return [value.map(part), later];
  const fields: Record<string, Json> = {};
  for (const [name, inner] of Object.entries(value)) {
    if (isLater(name)) later.push({ path: [...path, name], value: inner });
    define(fields, name, isLater(name) ? null : part(inner, name));
  }
  return [fields, later];
}

function restore(value: Json, later: Kept[]): Json {
  for (const { path, value: kept } of later) {
    const outer = path
      .slice(0, -1)
      .reduce<Json>((inner, key) => (inner as Record<string | number, Json>)[key] as Json, value);
    define(outer as Record<string, Json>, String(path.at(-1)), kept);
  }
  return value;
}
