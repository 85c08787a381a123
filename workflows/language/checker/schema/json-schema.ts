/**
 * The part of JSON Schema 2020-12 that our schemas and those of the catalogue use; `check-value.ts` knows these keywords
 * and no other.
 */
export interface JsonSchema {
  readonly $schema?: string;
  readonly $id?: string;
  readonly $ref?: string;
  readonly $defs?: { readonly [name: string]: JsonSchema };
  readonly title?: string;
  readonly description?: string;
  readonly default?: unknown;
  readonly examples?: readonly unknown[];
  readonly type?: JsonType;
  readonly const?: unknown;
  readonly enum?: readonly unknown[];
  readonly pattern?: string;
  readonly minLength?: number;
  readonly maxLength?: number;
  readonly minimum?: number;
  readonly maximum?: number;
  readonly exclusiveMinimum?: number;
  readonly properties?: { readonly [name: string]: JsonSchema };
  readonly required?: readonly string[];
  readonly additionalProperties?: boolean | JsonSchema;
  readonly propertyNames?: JsonSchema;
  readonly minProperties?: number;
  readonly maxProperties?: number;
  readonly items?: JsonSchema;
  readonly minItems?: number;
  readonly maxItems?: number;
  readonly oneOf?: readonly JsonSchema[];
  readonly anyOf?: readonly JsonSchema[];
  /** Only of values. */
  readonly not?: { readonly enum: readonly unknown[] };
  /** What an editor, and the checker, say instead of naming the pattern or the bound. */
  readonly errorMessage?: string;
}

export type JsonType = 'string' | 'number' | 'integer' | 'boolean' | 'null' | 'object' | 'array';

type Properties = { readonly [name: string]: JsonSchema };

/** An object of known fields. */
export const object = (
  properties: Properties,
  required: readonly string[] = [],
  extra: JsonSchema = {},
): JsonSchema => ({
  type: 'object',
  properties,
  ...(required.length > 0 ? { required } : {}),
  additionalProperties: false,
  ...extra,
});

/** An object of any names. */
export const mapOf = (values: JsonSchema, extra: JsonSchema = {}): JsonSchema => ({
  type: 'object',
  additionalProperties: values,
  ...extra,
});

export const listOf = (items: JsonSchema, extra: JsonSchema = {}): JsonSchema => ({ type: 'array', items, ...extra });
export const text = (description?: string, extra: JsonSchema = {}): JsonSchema => ({
  type: 'string',
  ...(description === undefined ? {} : { description }),
  ...extra,
});
export const flag = (description: string, preset?: boolean): JsonSchema => ({
  type: 'boolean',
  description,
  ...(preset === undefined ? {} : { default: preset }),
});
export const oneOfTexts = (values: readonly string[], description?: string): JsonSchema => ({
  type: 'string',
  enum: values,
  ...(description === undefined ? {} : { description }),
});
export const ref = (name: string, description?: string): JsonSchema => ({
  $ref: `#/$defs/${name}`,
  ...(description === undefined ? {} : { description }),
});
export const anyObject: JsonSchema = { type: 'object' };
