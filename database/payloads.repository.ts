import { BrikkError } from '../contracts/errors.js';
import type { Json } from '../contracts/json.js';
import type { Value } from '../contracts/values.js';
import type { Tx } from './database.js';
import { uuidv7 } from './uuid.js';

export type PayloadRef = { ref: string; bytes: number; length?: number };

/** Stores a value that is too large to travel. `length` is there for a list. */
export async function storePayload(tx: Tx, runId: string, json: Json): Promise<PayloadRef> {
  const ref = uuidv7();
  const content = JSON.stringify(json);
  const bytes = Buffer.byteLength(content);
  await tx(
    `INSERT INTO payload (id, org_id, run_id, bytes, content) VALUES ($1, current_setting('app.org')::uuid, $2, $3, $4)`,
    [ref, runId, bytes, content],
  );
  return { ref, bytes, ...(Array.isArray(json) ? { length: json.length } : {}) };
}

/** The reference to a stored value. Fails `payload.not_found`. */
export async function describePayload(tx: Tx, ref: string): Promise<PayloadRef> {
  const [row] = await tx<{ bytes: number; length: number | null }>(
    `SELECT bytes, CASE WHEN json_typeof(content) = 'array' THEN json_array_length(content) END AS length FROM payload WHERE id = $1`,
    [ref],
  );
  if (!row) throw new BrikkError('payload.not_found', `There is no payload ${ref}`);
  return { ref, bytes: row.bytes, ...(row.length === null ? {} : { length: row.length }) };
}

/** The JSON that a value stands for; each payload is read once. Fails `payload.not_found`. */
export async function materialise(tx: Tx, value: Value): Promise<Json> {
  const whole = new Set<string>();
  const parts = new Map<string, Set<number>>();
  collectRefs(value, whole, parts);
  const contents = new Map<string, Json>();
  for (const [ref, indexes] of parts) {
    const [index, ...more] = indexes;
    if (whole.has(ref) || more.length > 0 || index === undefined) whole.add(ref);
    else contents.set(`${ref} ${index}`, await loadContent(tx, ref, index));
  }
  for (const ref of whole) contents.set(ref, await loadContent(tx, ref));
  return compose(value, contents);
}

/** The JSON of a value that refers to nothing stored; undefined for one that does. */
export function plainOf(value: Value): Json | undefined {
  const whole = new Set<string>();
  const parts = new Map<string, Set<number>>();
  collectRefs(value, whole, parts);
  return whole.size + parts.size > 0 ? undefined : compose(value, new Map());
}

function collectRefs(value: Value, whole: Set<string>, parts: Map<string, Set<number>>): void {
  if ('list' in value) for (const part of value.list) collectRefs(part, whole, parts);
  else if ('object' in value) for (const part of Object.values(value.object)) collectRefs(part, whole, parts);
  else if ('ref' in value) {
    if (value.index === undefined) whole.add(value.ref);
    else parts.set(value.ref, (parts.get(value.ref) ?? new Set()).add(value.index));
  }
}

async function loadContent(tx: Tx, ref: string, index?: number): Promise<Json> {
  const rows = await tx<{ content: string | null }>(
    `SELECT (CASE WHEN $2::int IS NULL THEN content ELSE content -> $2::int END)::text AS content FROM payload WHERE id = $1`,
    [ref, index ?? null],
  );
  const content = rows[0]?.content;
  if (content == null) throw missing(ref, index);
  return JSON.parse(content);
}

function compose(value: Value, contents: Map<string, Json>): Json {
  if ('inline' in value) return value.inline;
  if ('list' in value) return value.list.map((part) => compose(part, contents));
  if ('object' in value)
    return Object.fromEntries(Object.entries(value.object).map(([name, part]) => [name, compose(part, contents)]));
  const { ref, index } = value;
  const part = index === undefined ? undefined : contents.get(`${ref} ${index}`);
  if (part !== undefined) return part;
  const content = contents.get(ref) as Json;
  if (index === undefined) return content;
  const element = Array.isArray(content) ? content[index] : undefined;
  if (element === undefined) throw missing(ref, index);
  return element;
}

const missing = (ref: string, index?: number) =>
  new BrikkError(
    'payload.not_found',
    index === undefined ? `There is no payload ${ref}` : `Payload ${ref} has no element ${index}`,
  );
