import type { Json } from '../../contracts/json.js';
import type { Value } from '../../contracts/values.js';
import type { PatternContext } from '../lib/pattern-context.js';
import { inline, NULL, plain } from '../lib/values.js';
import type { Write } from './board.js';

const MAX_WRITES = 1_000;
const MAX_KEY = 256;

/** What a write has besides its value. */
type Heading = Omit<Write, 'value'>;
export interface Headings {
  /** By position in the answer; undefined for what is no write. */
  headings: (Heading | undefined)[];
  /** The answer names no writes: all of it is one value. */
  whole: boolean;
}

/** An answer's writes without their values, which may be large: they are picked from the reference one by one. */
const HEADINGS = `if type == "object" and has("writes") then
  {writes: (.writes | if type == "array" then map(if type == "object" then
    (if has("value") then .value = true else . end) else . end) else . end)} else null end`;

/**
 * What an answer writes: its `writes`, or the whole of it as one value under `fallback`. `malformed` counts entries of
 * `writes` that cannot be read.
 */
export async function writesIn(
  ctx: PatternContext,
  output: Value,
  fallback: { section: string; key: string },
): Promise<{ writes: Write[]; malformed: number }> {
  const json = plain(output);
  const shape = json === undefined ? plain(await ctx.transform(HEADINGS, output)) : json;
  const { headings, whole } = readHeadings(shape ?? null, fallback);
  if (whole) return { writes: [{ ...headings[0]!, value: output }], malformed: 0 };
  const writes: Write[] = [];
  for (const [position, heading] of headings.entries()) {
    if (!heading) continue;
    writes.push({ ...heading, value: heading.remove ? NULL : await valueAt(ctx, output, json, position) });
  }
  return { writes, malformed: headings.length - writes.length };
}

/** Reads data from outside: whatever is no write is undefined, never an exception. */
export function readHeadings(answer: Json, fallback: { section: string; key: string }): Headings {
  if (!isObject(answer) || !Object.hasOwn(answer, 'writes')) {
    return { headings: [{ ...fallback, confidence: null, ttlMs: null, remove: false }], whole: true };
  }
  const { writes } = answer;
  if (!Array.isArray(writes)) return { headings: [undefined], whole: false };
  return {
    headings: writes.map((write, at) => (at < MAX_WRITES ? readHeading(write, fallback) : undefined)),
    whole: false,
  };
}

function readHeading(write: Json, fallback: { section: string; key: string }): Heading | undefined {
  if (!isObject(write)) return undefined;
  const { section = fallback.section, key = fallback.key, confidence = null, ttlMs = null, remove = false } = write;
  if (typeof section !== 'string' || !/^[A-Za-z0-9._-]{1,128}$/.test(section)) return undefined;
  if (typeof key !== 'string' || key === '' || key.length > MAX_KEY) return undefined;
  if (confidence !== null && !(typeof confidence === 'number' && confidence >= 0 && confidence <= 1)) return undefined;
  if (ttlMs !== null && !(typeof ttlMs === 'number' && ttlMs > 0)) return undefined;
  if (typeof remove !== 'boolean' || (!remove && !Object.hasOwn(write, 'value'))) return undefined;
  return { section, key, confidence, ttlMs, remove };
}

function valueAt(ctx: PatternContext, output: Value, json: Json | undefined, position: number) {
  if (json === undefined) return ctx.transform(`.writes[${position}].value`, output);
  return inline((json as { writes: { value: Json }[] }).writes[position]?.value ?? null);
}

export const isObject = (json: Json | undefined): json is Record<string, Json> =>
  typeof json === 'object' && json !== null && !Array.isArray(json);
