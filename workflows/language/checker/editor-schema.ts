import { DEFINITION_SCHEMA } from './schema/definition.schema.js';
import { type JsonSchema, ref } from './schema/json-schema.js';

type Schemas = { readonly [name: string]: JsonSchema };

/**
 * JSON Schema (2020-12) of a definition for editors, its calls completed with the parameters of the catalogue's
 * functions. `parameters` has a property for each function, and what they share in `$defs`.
 */
export function editorSchema(parameters: JsonSchema): JsonSchema {
  const { task, ...defs } = DEFINITION_SCHEMA.$defs ?? {};
  const names = Object.keys(parameters.properties ?? {});
  const kinds = (task?.oneOf ?? []).flatMap((kind) => (isFunctionCall(kind) ? functionCalls(kind, names) : [kind]));
  return {
    ...DEFINITION_SCHEMA,
    description: 'Open Workflow Specification DSL 1.0.3 with the functions of the catalogue.',
    $defs: {
      ...defs,
      task: { oneOf: kinds },
      ...prefixed(parameters.$defs ?? {}),
      ...prefixed(parameters.properties ?? {}, 'with.'),
    },
  };
}

const isFunctionCall = ({ properties = {} }: JsonSchema) => properties['call']?.not !== undefined;

const spellings = (name: string) => [name, `${name}:1.0.0`, `${name}:1.0.0@default`];

/** A kind of task for each function, and one for all others. */
function functionCalls(kind: JsonSchema, names: readonly string[]): JsonSchema[] {
  const { call, ...others } = kind.properties ?? {};
  const known = names.map((name) => ({
    ...kind,
    properties: { ...others, call: { type: 'string' as const, enum: spellings(name) }, with: ref(`with.${name}`) },
  }));
  const taken = [...(call?.not?.enum ?? []), ...names.flatMap(spellings)];
  return [...known, { ...kind, properties: { ...others, call: { ...call, not: { enum: taken } } } }];
}

const PREFIX = 'functions.';

/** The names of other documents' definitions, out of the way of ours. */
function prefixed(schemas: Schemas, prefix = PREFIX): Schemas {
  return Object.fromEntries(Object.entries(schemas).map(([name, schema]) => [`${prefix}${name}`, evaluable(schema)]));
}

/** Any value of a parameter may be an expression in `${ }`: it is evaluated before the call. */
function evaluable(schema: JsonSchema): JsonSchema {
  const { $ref, properties, items, additionalProperties, propertyNames, oneOf, anyOf, ...rest } = schema;
  const orExpression = (inner: JsonSchema): JsonSchema =>
    Object.keys(inner).length === 0 || inner.const !== undefined
      ? inner
      : { anyOf: [evaluable(inner), ref('expression')] };
  return {
    ...rest,
    ...($ref === undefined ? {} : { $ref: $ref.replace('#/$defs/', `#/$defs/${PREFIX}`) }),
    ...(properties ? { properties: mapValues(properties, orExpression) } : {}),
    ...(propertyNames ? { propertyNames: evaluable(propertyNames) } : {}),
    ...(items ? { items: orExpression(items) } : {}),
    ...(additionalProperties === undefined
      ? {}
      : {
          additionalProperties:
            typeof additionalProperties === 'boolean' ? additionalProperties : orExpression(additionalProperties),
        }),
    // One of several kinds of value: `oneOf` would count an expression as each of them.
    ...((oneOf ?? anyOf) ? { anyOf: (oneOf ?? anyOf ?? []).map(evaluable) } : {}),
  };
}

const mapValues = (schemas: Schemas, change: (schema: JsonSchema) => JsonSchema): Schemas =>
  Object.fromEntries(Object.entries(schemas).map(([name, schema]) => [name, change(schema)]));
