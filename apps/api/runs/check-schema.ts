import { Ajv2020 } from 'ajv/dist/2020.js';
import addFormats from 'ajv-formats';

/** Why a JSON Schema (2020-12) does not compile. A compiler each time: user schemas must not see one another's ids. */
export function checkSchema(schema: unknown): string[] {
  if (schema === undefined || typeof schema === 'boolean') return [];
  try {
    const ajv = new Ajv2020({ strict: false, validateFormats: true });
    addFormats.default(ajv);
    ajv.compile(schema as object);
    return [];
  } catch (error) {
    return [`is not a usable JSON Schema: ${error instanceof Error ? error.message.slice(0, 300) : 'unknown reason'}`];
  }
}
