import type { z } from 'zod';

type Schema = z.core.$ZodType;

/** The schemas a value at this path may have; several below a union, unless literals such as `pattern` tell which. */
export function schemasAt(root: Schema, path: readonly PropertyKey[], rootValue: unknown): Schema[] {
  let value = rootValue;
  let schemas = meant(unwrap(root), value);
  for (const key of path) {
    value = fieldOf(value, key);
    schemas = meant(
      schemas.flatMap((schema) => child(schema, key)),
      value,
    );
  }
  return schemas;
}

const fieldOf = (value: unknown, key: PropertyKey): unknown =>
  typeof value === 'object' && value !== null && Object.hasOwn(value, key)
    ? (value as Record<PropertyKey, unknown>)[key]
    : undefined;

/** Of several schemas those with a literal that the value has, if there are any. */
function meant(schemas: Schema[], value: unknown): Schema[] {
  const told = schemas.filter((schema) => {
    const definition = schema._zod.def as Definition;
    if (definition.type !== 'object') return false;
    return Object.entries(definition.shape).some(([name, field]) => {
      const literal = peel(field)._zod.def as Definition;
      return literal.type === 'literal' && literal.values.includes(fieldOf(value, name));
    });
  });
  return told.length > 0 ? told : schemas;
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
  | { type: 'literal'; values: unknown[] }
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
