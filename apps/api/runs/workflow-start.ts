import { createHash } from 'node:crypto';
import type { Definition } from '../../../contracts/definition.js';
import type { AcceptableRun, StartBody } from '../../../contracts/runs.js';
import { canonicalJson } from '../../../database/canonical-json.js';

/** The interpreter that new runs are pinned to. */
const INTERPRETER = 1;

/** What is accepted for a body: a definition is pinned with its content hash and the interpreter's version. */
export function toAcceptable(body: StartBody): AcceptableRun {
  if (!('definition' in body)) return body;
  const { definition, ...rest } = body;
  const hash = contentHash(definition);
  const parameters = { definition: definition as unknown as Definition, hash, interpreter: INTERPRETER } as const;
  return { pattern: 'workflow', with: parameters, ...rest };
}

/** SHA-256 of a definition, the same whatever the order of its fields. */
export const contentHash = (definition: object): string =>
  createHash('sha256').update(canonicalJson(definition)).digest('hex');
