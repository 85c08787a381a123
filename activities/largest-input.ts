import type { Json, SchemaDocument } from '../contracts/json.js';

const BYTES_PER_TOKEN = 4;
const BYTES_OF: { readonly [type: string]: number } = { null: 4, boolean: 5, integer: 24, number: 24 };

/**
 * The size of the largest input that one of the schemas allows, in tokens of four bytes: the least over the schemas, null
 * where none of them has a bound. Upper bounds come from `maxLength`, `maxItems`, `enum`, `const` and objects that are
 * closed (`additionalProperties: false`).
 */
export function largestInputTokens(schemas: readonly SchemaDocument[]): number | null {
  const bytes = Math.min(...schemas.map((schema) => largestBytes(schema as Json)));
  return Number.isFinite(bytes) ? Math.ceil(bytes / BYTES_PER_TOKEN) : null;
}

/** What a schema says in several ways holds altogether, so that the least of them is the bound. */
function largestBytes(schema: Json | undefined): number {
  if (schema === false) return 0;
  if (schema === null || typeof schema !== 'object' || Array.isArray(schema)) return Number.POSITIVE_INFINITY;
  const { const: only, enum: among, allOf, anyOf, oneOf } = schema;
  return Math.min(
    bytesOfTypes(schema),
    'const' in schema ? bytesOf(only as Json) : Number.POSITIVE_INFINITY,
    Array.isArray(among) ? Math.max(0, ...among.map(bytesOf)) : Number.POSITIVE_INFINITY,
    Array.isArray(allOf) ? Math.min(...allOf.map(largestBytes)) : Number.POSITIVE_INFINITY,
    ...[anyOf, oneOf].map((any) =>
      Array.isArray(any) ? Math.max(0, ...any.map(largestBytes)) : Number.POSITIVE_INFINITY,
    ),
  );
}

function bytesOfTypes(schema: Record<string, Json>): number {
  const { type } = schema;
  if (type === undefined) return Number.POSITIVE_INFINITY;
  const types = Array.isArray(type) ? type : [type];
  return Math.max(0, ...types.map((name) => bytesOfType(name, schema)));
}

function bytesOfType(type: Json, schema: Record<string, Json>): number {
  const { maxLength, maxItems, items, prefixItems, properties, additionalProperties, patternProperties } = schema;
  switch (type) {
    case 'string':
      return typeof maxLength === 'number' ? maxLength + 2 : Number.POSITIVE_INFINITY;
    case 'array': {
      if (typeof maxItems !== 'number' || Array.isArray(prefixItems)) return Number.POSITIVE_INFINITY;
      return maxItems === 0 ? 2 : 2 + maxItems * (largestBytes(items) + 1);
    }
    case 'object': {
      if (additionalProperties !== false || patternProperties !== undefined) return Number.POSITIVE_INFINITY;
      const fields = Object.entries((properties ?? {}) as Record<string, Json>);
      return fields.reduce((sum, [name, field]) => sum + name.length + 4 + largestBytes(field), 2);
    }
    default:
      return (typeof type === 'string' ? BYTES_OF[type] : undefined) ?? Number.POSITIVE_INFINITY;
  }
}

const bytesOf = (value: Json): number => Buffer.byteLength(JSON.stringify(value));
