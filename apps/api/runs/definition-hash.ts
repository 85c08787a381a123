import { createHash } from 'node:crypto';
import type { StartRun } from '../../../contracts/runs.js';
import { canonicalJson } from '../../../database/canonical-json.js';

/** SHA-256 of what the run does (pattern and parameters, not its data), the same whatever the order of fields. */
export function definitionHash({ pattern, with: parameters }: Pick<StartRun, 'pattern' | 'with'>): string {
  return createHash('sha256')
    .update(canonicalJson({ pattern, with: parameters }))
    .digest('hex');
}
