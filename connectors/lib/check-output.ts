import { Ajv2020, type ErrorObject, type ValidateFunction } from 'ajv/dist/2020.js';
import formats from 'ajv-formats';
import { BrikkError } from '../../contracts/errors.js';
import type { Json, SchemaDocument } from '../../contracts/json.js';

const MAX_COMPILED = 500;
const MAX_MESSAGES = 10;
const compiled = new Map<string, ValidateFunction>();

/**
 * What breaks the schema (JSON Schema 2020-12), as `/path message`, at most ten; empty when the value fits. Fails
 * `request.invalid` when the schema itself cannot be compiled.
 */
export function violationsOf(schema: SchemaDocument, value: Json): string[] {
  const validate = validatorOf(schema);
  if (validate(value)) return [];
  return (validate.errors ?? []).slice(0, MAX_MESSAGES).map(describeError);
}

/** Why the schema cannot be compiled; undefined when it can. */
export function whyNoSchema(schema: SchemaDocument): string | undefined {
  try {
    validatorOf(schema);
    return undefined;
  } catch (error) {
    return (error as Error).message;
  }
}

function validatorOf(schema: SchemaDocument): ValidateFunction {
  const text = JSON.stringify(schema);
  const known = compiled.get(text);
  if (known) return known;
  const [oldest] = compiled.keys();
  if (compiled.size >= MAX_COMPILED && oldest !== undefined) compiled.delete(oldest);
  try {
    // An instance of its own for each schema: two agents may use the same $id.
    const ajv = new Ajv2020({ strict: false, allErrors: false, logger: false });
    formats.default(ajv);
    const validate = ajv.compile(schema);
    compiled.set(text, validate);
    return validate;
  } catch (cause) {
    throw new BrikkError('request.invalid', `The schema cannot be used: ${(cause as Error).message}`, { cause });
  }
}

function describeError({ instancePath, message }: ErrorObject): string {
  return `${instancePath || '/'} ${message ?? 'is invalid'}`;
}
