import type { ErrorObject } from 'ajv';
import { Ajv2020 } from 'ajv/dist/2020.js';
import addFormats from 'ajv-formats';
import { stepsOf } from '../../json-pointer.js';

const OPTIONS = { strict: false, validateFormats: true, logger: false } as const;
/** Knows what a schema is, and no schema of a user. */
let judge: Ajv2020 | undefined;

/** Why a JSON Schema (2020-12) is none, and where. */
export function refusalOf(schema: unknown): { path: (string | number)[]; message: string } | undefined {
  if (typeof schema === 'boolean') return undefined;
  if (typeof schema !== 'object' || schema === null || Array.isArray(schema))
    return { path: [], message: 'must be a JSON Schema: an object, true or false' };
  judge ??= new Ajv2020(OPTIONS);
  try {
    if (!judge.validateSchema(schema)) return placed(judge.errors?.[0]);
    // A compiler each time: schemas must not see one another's ids.
    const compiler = new Ajv2020({ ...OPTIONS, meta: false, validateSchema: false });
    addFormats.default(compiler);
    compiler.compile(schema);
    return undefined;
  } catch (error) {
    const reason = error instanceof Error ? error.message.slice(0, 300) : 'it cannot be compiled';
    return { path: [], message: `is no usable JSON Schema: ${reason}` };
  }
}

/** The first error; those that follow it mostly say the same of other branches. */
function placed(error: ErrorObject | undefined) {
  if (!error) return { path: [], message: 'is no usable JSON Schema' };
  const { allowedValues } = error.params as { allowedValues?: unknown[] };
  const reason = allowedValues ? `must be one of ${allowedValues.join(', ')}` : (error.message ?? 'is wrong');
  return { path: stepsOf(error.instancePath), message: `is no usable JSON Schema: ${reason}` };
}
