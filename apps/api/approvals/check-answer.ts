import { Ajv2020 } from 'ajv/dist/2020.js';
import addFormats from 'ajv-formats';
import type { Approval, DecideApproval } from '../../../contracts/approvals.js';
import { BrikkError, type Violation } from '../../../contracts/errors.js';
import type { SchemaDocument } from '../../../contracts/json.js';
import { inWords } from '../common/in-words.js';

const MAX_VIOLATIONS = 20;

/** Fails `request.invalid` with every place where the data of an answer breaks the schema that the approval states. */
export function checkAnswer({ decision, data }: DecideApproval, { schema }: Pick<Approval, 'schema'>): void {
  if (decision !== 'answer' || schema === null) return;
  // A compiler each time: the schemas of two approvals may use the same $id.
  const ajv = new Ajv2020({ strict: false, allErrors: true, logger: false });
  addFormats.default(ajv);
  const validate = ajv.compile(schema as SchemaDocument);
  if (validate(data)) return;
  const violations = (validate.errors ?? []).slice(0, MAX_VIOLATIONS).map(({ instancePath, message }): Violation => ({
    path: `data${instancePath.replaceAll('/', '.')}`,
    message: message ?? 'is invalid',
  }));
  throw new BrikkError('request.invalid', inWords('The answer breaks the schema of the approval', violations), {
    violations,
  });
}
