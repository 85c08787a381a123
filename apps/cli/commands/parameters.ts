import type { CatalogFunction } from '../../../sdk/client.js';

type Schema = Record<string, unknown>;

interface Parameter {
  name: string;
  type: string;
  isRequired: boolean;
  /** The default as JSON; undefined when there is none. */
  preset: string | undefined;
}

/** The fields of a pattern's parameters, needed ones first, read from their JSON Schema. */
export function parametersOf(document: CatalogFunction['with']): Parameter[] {
  const root = resolve(document, document);
  const needed = (root.required ?? []) as string[];
  return Object.entries((root.properties ?? {}) as Record<string, Schema>)
    .map(([name, given]) => {
      const schema = resolve(given, document);
      const preset = given.default ?? schema.default;
      return {
        name,
        type: typeOf(given, document),
        isRequired: needed.includes(name),
        preset: preset === undefined ? undefined : JSON.stringify(preset),
      };
    })
    .sort((one, other) => Number(other.isRequired) - Number(one.isRequired));
}

function resolve(schema: Schema, document: Schema): Schema {
  const name = /^#\/\$defs\/(.+)$/.exec(String(schema.$ref))?.[1];
  const definitions = document.$defs as Record<string, Schema> | undefined;
  const definition = name === undefined ? undefined : definitions?.[name];
  if (definition !== undefined) return resolve(definition, document);
  // A default or description around a reference.
  const [only, ...others] = (schema.allOf ?? []) as Schema[];
  return only !== undefined && others.length === 0 ? { ...resolve(only, document), ...schema } : schema;
}

const NESTED = 2;
const MOST_FIELDS = 8;
const WIDEST = 70;

/** In a few words: enough to write a first one; the documentation says the rest. */
function typeOf(given: Schema, document: Schema, depth = 0): string {
  const schema = resolve(given, document);
  const values = (schema.enum ?? (schema.const === undefined ? undefined : [schema.const])) as unknown[] | undefined;
  if (values) return values.map((value) => JSON.stringify(value)).join(' | ');
  const options = (schema.anyOf ?? schema.oneOf) as Schema[] | undefined;
  if (options) {
    const types = [...new Set(options.map((option) => typeOf(option, document, depth + 1)))].join(' | ');
    return types.length <= WIDEST ? types : `one of ${options.length} forms`;
  }
  if (schema.type === 'array') return `[${typeOf((schema.items ?? {}) as Schema, document, depth + 1)}]`;
  if (schema.type !== 'object') return typeof schema.type === 'string' ? schema.type : 'any JSON';
  const fields = Object.keys((schema.properties ?? {}) as Schema);
  if (fields.length === 0 || depth >= NESTED) return 'object';
  const more = fields.length > MOST_FIELDS ? ', …' : '';
  return `{${fields.slice(0, MOST_FIELDS).join(', ')}${more}}`;
}
