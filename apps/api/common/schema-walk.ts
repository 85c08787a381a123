import type { z } from 'zod';

type Schema = z.core.$ZodType;

/** The schemas a value at this path may have; several below a union. */
export function schemasAt(root: Schema, path: readonly PropertyKey[]): Schema[] {
  return path.reduce<Schema[]>((schemas, key) => schemas.flatMap((schema) => child(schema, key)), unwrap(root));
}

/** The branches of the union at this path, in the order of its issues. */
export function unionAt(root: Schema, path: readonly PropertyKey[]): readonly Schema[] {
  const parents = path
    .slice(0, -1)
    .reduce<Schema[]>((all, key) => all.flatMap((schema) => child(schema, key)), unwrap(root));
  const last = path.at(-1);
  const found = last === undefined ? [root] : parents.flatMap((schema) => rawChild(schema, last));
  for (const schema of found) {
    const definition = peel(schema)._zod.def as Definition;
    if (definition.type === 'union') return definition.options;
  }
  return [];
}

/** Names of the fields an object schema knows. */
export function fieldsOf(schema: Schema): string[] {
  const definition = schema._zod.def as Definition;
  return definition.type === 'object' ? Object.keys(definition.shape) : [];
}

type Definition =
  | { type: 'object'; shape: Record<string, Schema> }
  | { type: 'array'; element: Schema }
  | { type: 'record'; valueType: Schema }
  | { type: 'union'; options: Schema[] }
  | { type: 'lazy'; getter: () => Schema }
  | { type: 'pipe'; in: Schema }
  | { type: 'optional' | 'nullable' | 'default' | 'prefault' | 'readonly' | 'catch'; innerType: Schema }
  | { type: 'string' | 'number' | 'boolean' | 'any' };

/** The schema without the wrappers that do not change what may be written. */
function peel(schema: Schema): Schema {
  const definition = schema._zod.def as Definition;
  switch (definition.type) {
    case 'lazy':
      return peel(definition.getter());
    case 'pipe':
      return peel(definition.in);
    case 'optional':
    case 'nullable':
    case 'default':
    case 'prefault':
    case 'readonly':
    case 'catch':
      return peel(definition.innerType);
    default:
      return schema;
  }
}

function unwrap(schema: Schema): Schema[] {
  const peeled = peel(schema);
  const definition = peeled._zod.def as Definition;
  return definition.type === 'union' ? definition.options.flatMap(unwrap) : [peeled];
}

const child = (schema: Schema, key: PropertyKey): Schema[] => rawChild(schema, key).flatMap(unwrap);

function rawChild(schema: Schema, key: PropertyKey): Schema[] {
  const definition = schema._zod.def as Definition;
  if (definition.type === 'array') return [definition.element];
  if (definition.type === 'record') return [definition.valueType];
  if (definition.type !== 'object') return [];
  const field = definition.shape[String(key)];
  return field ? [field] : [];
}
