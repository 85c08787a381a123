import type { CloudEvent } from '../../../contracts/event-bus.js';
import type { EventFilter } from '../../../contracts/definition-events.js';
import type { Json } from '../../../contracts/json.js';
import type { Value } from '../../../contracts/run-workflow.js';
import type { Variables } from '../../lib/evaluator.js';
import { inline, plain } from '../../lib/values.js';
import { evaluateField, evaluateTemplate } from './expressions.js';
import { Fault } from './fault.js';
import type { Place } from './place.js';

/** What a filter without `expect` has been correlated with, by its first event. */
export type Correlated = Map<string, Json>;

/**
 * Whether an event fits: each attribute of `with` equals it, matches it as a regular expression, or is an expression
 * over it that gives true or its value; and each value of `correlate` is the expected one.
 */
export async function fitsFilter(
  place: Place,
  filter: EventFilter,
  event: CloudEvent,
  { input, variables, correlated }: { input: Value; variables: Variables; correlated: Correlated },
): Promise<boolean> {
  for (const [name, wanted] of Object.entries(filter.with)) {
    if (!(await fitsAttribute(place, wanted as Json, event[name] ?? null, variables))) return false;
  }
  for (const [name, { from, expect }] of Object.entries(filter.correlate ?? {})) {
    const value = plain(await evaluateField(place, from, inline(event), variables)) ?? null;
    const expected =
      expect === undefined ? correlated.get(name) : plain(await evaluateTemplate(place, expect, input, variables));
    if (expected === undefined) correlated.set(name, value);
    else if (JSON.stringify(expected) !== JSON.stringify(value)) return false;
  }
  return true;
}

async function fitsAttribute(place: Place, wanted: Json, value: Json, variables: Variables): Promise<boolean> {
  if (typeof wanted !== 'string') return JSON.stringify(wanted) === JSON.stringify(value);
  if (wanted.includes('${')) {
    const made = plain(await evaluateTemplate(place, wanted, inline(value), variables)) ?? null;
    return made === true || JSON.stringify(made) === JSON.stringify(value);
  }
  if (wanted === value || typeof value !== 'string') return wanted === value;
  try {
    const program = `test(${JSON.stringify(`^(?:${wanted})$`)})`;
    return plain(await evaluateField(place, program, inline(value), {})) === true;
  } catch (error) {
    // No regular expression: only its text would have fitted.
    if (error instanceof Fault) return false;
    throw error;
  }
}
