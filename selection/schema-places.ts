import type { Json, SchemaDocument } from '../contracts/json.js';
import { isSchemaOfAll, type Parts, partsOf } from './schema-parts.js';

type Fields = { [name: string]: SchemaDocument };

const fieldsIn = (schema: Parts[number]['schema']) => (schema['properties'] ?? {}) as Fields;
const requiredIn = (schema: Parts[number]['schema']) => (schema['required'] ?? []) as string[];

/** The fields that a schema names, by what it says of them or because they must be there. */
export function fieldsNamed(narrow: Parts): string[] {
  return [...new Set(narrow.flatMap(({ schema }) => [...Object.keys(fieldsIn(schema)), ...requiredIn(schema)]))];
}

/** What a field of that name has to fit; undefined: it is not named, or it cannot be there. */
export function fieldOf(narrow: Parts, name: string): Parts | undefined {
  const known = narrow.some(
    ({ schema }) => name in fieldsIn(schema) || requiredIn(schema).includes(name) || 'patternProperties' in schema,
  );
  const demands = narrow.map(({ schema, root }) => {
    const own = fieldsIn(schema);
    if (Object.hasOwn(own, name)) return { schema: own[name]!, root };
    return { schema: 'patternProperties' in schema ? true : furtherOf(schema), root };
  });
  return known || demands.some(({ schema }) => !isSchemaOfAll(schema)) ? together(demands) : undefined;
}

/** What fields that are not named have to fit; undefined: they count as not there. */
export function furtherFieldOf(narrow: Parts): Parts | undefined {
  if (narrow.some(({ schema }) => 'patternProperties' in schema)) return [];
  const demands = narrow.map(({ schema, root }) => ({ schema: furtherOf(schema), root }));
  return demands.some(({ schema }) => !isSchemaOfAll(schema)) ? together(demands) : undefined;
}

const furtherOf = (schema: Parts[number]['schema']) => (schema['additionalProperties'] ?? true) as SchemaDocument;

/** How many items have a schema of their own. */
export const itemsNamed = (narrow: Parts): number =>
  Math.max(0, ...narrow.map(({ schema }) => prefixIn(schema).length));

const prefixIn = (schema: Parts[number]['schema']) => (schema['prefixItems'] ?? []) as SchemaDocument[];

/** What the item at a place has to fit; undefined: there is none. */
export function itemOf(narrow: Parts, index: number): Parts | undefined {
  const last = Math.min(...narrow.map(({ schema }) => (schema['maxItems'] as number | undefined) ?? Infinity));
  if (index >= last) return undefined;
  return together(
    narrow.map(({ schema, root }) => {
      const rest: Json = schema['items'] ?? true;
      return { schema: prefixIn(schema)[index] ?? (rest as SchemaDocument), root };
    }),
  );
}

/** The parts of all of them; undefined: no value fits. */
function together(demands: { schema: SchemaDocument; root: SchemaDocument }[]): Parts | undefined {
  const parts = demands.map(partsOfPlace);
  return parts.includes(null) ? undefined : parts.flatMap((one) => one!);
}

const partsOfPlace = (demand: { schema: SchemaDocument; root: SchemaDocument }) => partsOf(demand);
