import type { Json } from '../../contracts/json.js';
import type { Value } from '../../contracts/values.js';
import { ExpressionError } from '../lib/expression-error.js';
import type { PatternContext } from '../lib/pattern-context.js';
import { elements, inline, plain } from '../lib/values.js';
import { placeOf } from './board.js';
import { isObject } from './board-writes.js';

/** An entry of a board as the shared memory keeps it. */
export interface StoredEntry {
  section: string;
  key: string;
  value: Value;
  confidence: number | null;
  author: string;
  /** Milliseconds since the epoch. */
  expiresAt: number | null;
  /** Names the write: two entries with one stamp are the same. */
  stamp: string;
}

/** By place, in the order in which they were written. */
export type BoardDocument = Map<string, StoredEntry>;

/** Headings of so many entries stay small enough to be looked at. */
const HEADINGS_AT_ONCE = 20;

export const writeDocument = (document: BoardDocument): Value => ({
  object: { entries: { list: [...document.values()].map(toValue) } },
});

function toValue({ value, ...heading }: StoredEntry): Value {
  const fields = Object.entries(heading).map(([name, field]) => [name, inline(field)] as const);
  return { object: { ...Object.fromEntries(fields), value } };
}

/**
 * The board that a memory entry holds; a large one is looked at piece by piece. It may have been written by anybody: what
 * is no entry is left out. Fails with an `ExpressionError` when it holds no board at all.
 */
export async function readDocument(ctx: PatternContext, stored: Value): Promise<BoardDocument> {
  const { headings, values } = await partsOf(ctx, stored);
  const document: BoardDocument = new Map();
  for (const [position, heading] of headings.entries()) {
    const value = values[position];
    const entry = value && readEntry(heading, value);
    if (entry) document.set(placeOf(entry), entry);
  }
  return document;
}

async function partsOf(ctx: PatternContext, stored: Value): Promise<{ headings: Json[]; values: Value[] }> {
  const json = plain(stored);
  if (json !== undefined) {
    const list = isObject(json) ? json.entries : undefined;
    if (!Array.isArray(list)) throw notABoard(ctx);
    return { headings: list, values: list.map((entry) => inline(isObject(entry) ? (entry.value ?? null) : null)) };
  }
  const count = plain(await ctx.transform('.entries? | if type == "array" then length else -1 end', stored));
  if (typeof count !== 'number' || count < 0) throw notABoard(ctx);
  const headings: Json[] = [];
  for (let from = 0; from < count; from += HEADINGS_AT_ONCE) {
    const slice = `[.entries[${from}:${from + HEADINGS_AT_ONCE}][] | if type == "object" then del(.value) else . end]`;
    const part = plain(await ctx.transform(slice, stored));
    if (!Array.isArray(part)) throw notABoard(ctx);
    headings.push(...part);
  }
  const values = elements(await ctx.transform('[.entries[] | if type == "object" then .value else null end]', stored));
  return { headings, values: values ?? [] };
}

function readEntry(heading: Json, value: Value): StoredEntry | undefined {
  if (!isObject(heading)) return undefined;
  const { section, key, confidence = null, author = 'memory', expiresAt = null, stamp = '' } = heading;
  if (typeof section !== 'string' || !/^[A-Za-z0-9._-]{1,128}$/.test(section)) return undefined;
  if (typeof key !== 'string' || key === '' || key.length > 256) return undefined;
  if (confidence !== null && !(typeof confidence === 'number' && confidence >= 0 && confidence <= 1)) return undefined;
  if (expiresAt !== null && typeof expiresAt !== 'number') return undefined;
  if (typeof author !== 'string' || typeof stamp !== 'string') return undefined;
  return { section, key, value, confidence, author, expiresAt, stamp };
}

const notABoard = ({ where }: PatternContext) =>
  new ExpressionError('the memory entry of the board holds no board: {entries: […]}', where);
