import { Ajv2020 } from 'ajv/dist/2020.js';
import type { ErrorObject } from 'ajv';
import addFormats from 'ajv-formats';

/** Why a JSON Schema (2020-12) does not compile. A compiler each time: user schemas must not see one another's ids. */
export function checkSchema(schema: unknown): string[] {
  if (schema === undefined || typeof schema === 'boolean') return [];
  try {
    const ajv = new Ajv2020({ strict: false, validateFormats: true });
    addFormats.default(ajv);
    if (!ajv.validateSchema(schema as object)) return [`is not a usable JSON Schema${firstOf(ajv.errors)}`];
    ajv.compile(schema as object);
    return [];
  } catch (error) {
    return [`is not a usable JSON Schema: ${error instanceof Error ? error.message.slice(0, 300) : 'unknown reason'}`];
  }
}

/** The first error with what would be right; those that follow it mostly say the same of other branches. */
function firstOf(errors: readonly ErrorObject[] | null | undefined): string {
  const [error] = errors ?? [];
  if (!error) return '';
  const { instancePath, message = 'is wrong', params } = error;
  const allowed = (params as { allowedValues?: string[] }).allowedValues;
  return `: ${instancePath.slice(1) || 'it'} ${allowed ? `must be one of ${allowed.join(', ')}` : message}`;
}
