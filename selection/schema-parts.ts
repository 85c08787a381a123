import type { Json, SchemaDocument } from '../contracts/json.js';

export type Keywords = { [keyword: string]: Json };
/** A schema with the document that its references point into. */
export interface Located {
  schema: SchemaDocument;
  root: SchemaDocument;
}
/** What a value has to fit all of: keywords, and the document that references in them point into. */
export type Parts = { schema: Keywords; root: SchemaDocument }[];

const TYPES = ['null', 'boolean', 'object', 'array', 'string', 'integer', 'number'] as const;
/** `number` stands for those that are no integers. */
export type TypeName = (typeof TYPES)[number];

const MAX_REFERENCES = 32;
/** Stands for a reference that leads nowhere, or in circles. */
export const UNRESOLVED = '$unresolved';

/** The keywords beside `allOf` and `$ref`, and those that these two bring; null: no value fits. */
export function partsOf({ schema, root }: Located, references = 0): Parts | null {
  if (schema === true) return [];
  if (schema === false) return null;
  const { $ref, allOf, ...own } = schema;
  const further = [...((allOf ?? []) as SchemaDocument[])];
  if (typeof $ref === 'string') {
    const target = references < MAX_REFERENCES ? resolve($ref, root) : undefined;
    if (target === undefined) own[UNRESOLVED] = $ref;
    else further.push(target);
  }
  const parts: Parts = [{ schema: own, root }];
  for (const one of further) {
    const more = partsOf({ schema: one, root }, references + 1);
    if (more === null) return null;
    parts.push(...more);
  }
  return parts;
}

/** Within the document, by JSON pointer. */
function resolve(reference: string, root: SchemaDocument): SchemaDocument | undefined {
  if (reference !== '#' && !reference.startsWith('#/')) return undefined;
  let found: Json | undefined = root as Json;
  for (const token of reference.split('/').slice(1)) {
    const name = decode(token).replaceAll('~1', '/').replaceAll('~0', '~');
    found = typeof found === 'object' && found !== null ? (found as Keywords)[name] : undefined;
  }
  const isSchema = typeof found === 'boolean' || (typeof found === 'object' && found !== null && !Array.isArray(found));
  return isSchema ? (found as SchemaDocument) : undefined;
}

function decode(token: string): string {
  try {
    return decodeURIComponent(token);
  } catch {
    return token;
  }
}

export const isSchemaOfAll = (schema: SchemaDocument): boolean =>
  schema === true || (schema !== false && Object.keys(schema).length === 0);

/** The types that a value which fits all parts may have. */
export function typesOf(parts: Parts): Set<TypeName> {
  let types = new Set<TypeName>(TYPES);
  for (const { schema } of parts) {
    const { type, nullable } = schema;
    if (type !== undefined) types = meet(types, [type, nullable === true ? 'null' : []].flat() as TypeName[]);
  }
  const values = valuesOf(parts);
  return values ? meet(types, values.map(typeOf)) : types;
}

function meet(types: Set<TypeName>, named: TypeName[]): Set<TypeName> {
  const wider = new Set(named.flatMap((type) => (type === 'number' ? (['number', 'integer'] as const) : [type])));
  return new Set([...types].filter((type) => wider.has(type)));
}

/** The only values that may fit all parts; undefined where they are not counted out. */
export function valuesOf(parts: Parts): Json[] | undefined {
  const [first, ...others] = parts.flatMap(({ schema }) => [
    ...('const' in schema ? [[schema['const'] as Json]] : []),
    ...(Array.isArray(schema['enum']) ? [schema['enum']] : []),
  ]);
  return first?.filter((value) => others.every((list) => list.some((one) => equal(one, value))));
}

function typeOf(value: Json): TypeName {
  if (value === null) return 'null';
  if (Array.isArray(value)) return 'array';
  if (typeof value === 'number') return Number.isInteger(value) ? 'integer' : 'number';
  return typeof value as 'boolean' | 'object' | 'string';
}

/** Whether two JSON values are the same, whatever the order of their fields. */
export function equal(one: Json | undefined, other: Json | undefined): boolean {
  if (one === other) return true;
  if (typeof one !== 'object' || typeof other !== 'object' || one === null || other === null) return false;
  if (Array.isArray(one) !== Array.isArray(other)) return false;
  const names = Object.keys(one);
  return (
    names.length === Object.keys(other).length &&
    names.every((name) => Object.hasOwn(other, name) && equal((one as Keywords)[name], (other as Keywords)[name]))
  );
}
