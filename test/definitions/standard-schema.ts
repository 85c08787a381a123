import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { ValidateFunction } from 'ajv';
import { Ajv2020 } from 'ajv/dist/2020.js';
import addFormats from 'ajv-formats';
import { parse } from 'yaml';

/** The standard's own schema of definitions, in the folder of conformance data. */
export function standardSchema(folder: string): ValidateFunction {
  const ajv = new Ajv2020({ strict: false, validateFormats: true, unicodeRegExp: true });
  addFormats.default(ajv);
  return ajv.compile(parse(readFileSync(join(folder, 'ows/schema/workflow.yaml'), 'utf8')) as object);
}

/** Why what needs it is skipped, and how to get it. */
export const NEEDS_SCHEMA =
  'needs BRIKK_CONFORMANCE_DIR with ows/schema/workflow.yaml (github.com/open-workflow-specification/specification, schema/)';
