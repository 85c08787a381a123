import type { CloudEvent } from '../../../contracts/event-bus.js';
import type { EventFilter } from '../../../contracts/definition-events.js';
import type { Json } from '../../../contracts/json.js';

/** What a filter without `expect` has been correlated with, by its first event. */
export type Correlated = Map<string, Json>;

/** How expressions of a filter are evaluated where it stands; undefined for what is too large to look at. */
export interface FilterReader {
  /** jq over data. */
  field(text: string, data: Json): Promise<Json | undefined>;
  /** A text with `${ }` over an attribute. */
  attribute(text: string, value: Json): Promise<Json | undefined>;
  /** What a value of the event has to be. */
  expected(text: string): Promise<Json | undefined>;
  /** Whether the program was no jq, or failed. */
  isFailure(error: unknown): boolean;
}

/**
 * Whether an event fits: each attribute of `with` equals it, matches it as a regular expression, or is an expression
 * over it that gives true or its value; and each value of `correlate` is the expected one. Gives those values; undefined
 * when it does not fit.
 */
export async function fitsEvent(
  reader: FilterReader,
  filter: EventFilter,
  event: CloudEvent,
  correlated: Correlated,
): Promise<Map<string, Json> | undefined> {
  const keys = new Map<string, Json>();
  for (const [name, wanted] of Object.entries(filter.with)) {
    if (!(await fitsAttribute(reader, wanted as Json, event[name] ?? null))) return undefined;
  }
  for (const [name, { from, expect }] of Object.entries(filter.correlate ?? {})) {
    const value = (await reader.field(from, event)) ?? null;
    const expected = expect === undefined ? correlated.get(name) : await reader.expected(expect);
    if (expected === undefined) correlated.set(name, value);
    else if (JSON.stringify(expected) !== JSON.stringify(value)) return undefined;
    keys.set(name, value);
  }
  return keys;
}

async function fitsAttribute(reader: FilterReader, wanted: Json, value: Json): Promise<boolean> {
  if (typeof wanted !== 'string') return JSON.stringify(wanted) === JSON.stringify(value);
  if (wanted.includes('${')) {
    const made = (await reader.attribute(wanted, value)) ?? null;
    return made === true || JSON.stringify(made) === JSON.stringify(value);
  }
  if (wanted === value || typeof value !== 'string') return wanted === value;
  try {
    return (await reader.field(`test(${JSON.stringify(`^(?:${wanted})$`)})`, value)) === true;
  } catch (error) {
    // No regular expression: only its text would have fitted.
    if (reader.isFailure(error)) return false;
    throw error;
  }
}
