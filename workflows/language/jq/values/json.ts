/** A JSON value. Objects are plain; those made here have no prototype, so that `__proto__` is a key like any other. */
export type Json = null | boolean | number | string | readonly Json[] | JsonObject;
export interface JsonObject {
  readonly [key: string]: Json;
}

/** An object under construction. */
export type MutableObject = Record<string, Json>;

export type JsonType = 'null' | 'boolean' | 'number' | 'string' | 'array' | 'object';

export function typeOf(value: Json): JsonType {
  if (value === null || value === undefined) return 'null';
  if (Array.isArray(value)) return 'array';
  return typeof value as JsonType;
}

export const isArray = (value: Json): value is readonly Json[] => Array.isArray(value);

export const isObject = (value: Json): value is JsonObject =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

/** In jq everything but `false` and `null` is true. */
export const isTruthy = (value: Json): boolean => value !== null && value !== false;

export const emptyObject = (): MutableObject => Object.create(null) as MutableObject;

export const ownValue = (object: JsonObject, key: string): Json =>
  Object.hasOwn(object, key) ? (object[key] ?? null) : null;

/** A copy that may be written to; `__proto__` stays a plain key. */
export function copyObject(object: JsonObject): MutableObject {
  const copy = emptyObject();
  for (const key of Object.keys(object)) copy[key] = object[key] ?? null;
  return copy;
}

export function objectOf(entries: Iterable<readonly [string, Json]>): MutableObject {
  const object = emptyObject();
  for (const [key, value] of entries) object[key] = value;
  return object;
}
