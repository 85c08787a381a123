import type { Json } from '../../contracts/json.js';
import type { Value } from '../../contracts/values.js';
import { utf8Length } from './utf8.js';

/** What a reference takes on its way. */
const REFERENCE_BYTES = 128;

export const NULL: Value = { inline: null };
export const inline = (json: Json): Value => ({ inline: json });

/** The JSON a value stands for when no part of it is a reference; undefined otherwise. */
export function plain(value: Value): Json | undefined {
  if ('inline' in value) return value.inline;
  if ('list' in value) return plainList(value.list);
  if ('ref' in value) return undefined;
  const entries: Record<string, Json> = {};
  for (const [name, part] of Object.entries(value.object)) {
    const json = plain(part);
    if (json === undefined) return undefined;
    define(entries, name, json);
  }
  return entries;
}

export function plainList(values: Value[]): Json[] | undefined {
  const list = values.map(plain);
  return list.includes(undefined) ? undefined : (list as Json[]);
}

/** Bytes that the value takes with its references resolved; of an element of a stored list, an even share. */
export function valueBytes(value: Value): number {
  if ('inline' in value) return inlineBytes(value);
  if ('ref' in value) return value.index === undefined ? value.bytes : value.bytes / Math.max(1, value.length ?? 1);
  const parts = 'list' in value ? value.list : Object.values(value.object);
  return parts.reduce((sum, part) => sum + valueBytes(part) + 1, 2);
}

/** Bytes that the value takes inline. */
export function inlineBytes(value: Value): number {
  if ('inline' in value) return utf8Length(JSON.stringify(value.inline) ?? 'null');
  if ('ref' in value) return REFERENCE_BYTES;
  const parts = 'list' in value ? value.list : Object.values(value.object);
  const names = 'list' in value ? [] : Object.keys(value.object);
  return (
    parts.reduce((sum, part) => sum + inlineBytes(part) + 1, 2) +
    names.reduce((sum, name) => sum + utf8Length(JSON.stringify(name)) + 1, 0)
  );
}

/**
 * The elements of a list, each a value of its own; undefined when the value is no list. Elements of a stored list are
 * references into it.
 */
export function elements(value: Value): Value[] | undefined {
  if ('list' in value) return value.list;
  if ('inline' in value) return Array.isArray(value.inline) ? value.inline.map(inline) : undefined;
  if (!('ref' in value) || value.index !== undefined || value.length === undefined) return undefined;
  const { ref, bytes } = value;
  return Array.from({ length: value.length }, (_, index) => ({ ref, bytes, index }));
}

/** A field that is safe for any name, also `__proto__`. */
export function define<T>(target: Record<string, T>, name: string, value: T): void {
  Object.defineProperty(target, name, { value, enumerable: true, configurable: true, writable: true });
}
