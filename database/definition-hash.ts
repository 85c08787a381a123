import type { AcceptableRun } from '../contracts/start-run.js';
import type { WorkflowParams } from '../contracts/workflow-run.js';
import { contentHash } from './canonical-json.js';

/** SHA-256 of what the run does (pattern and parameters, not its data), the same whatever the order of fields. */
export function definitionHash({ pattern, with: parameters }: Pick<AcceptableRun, 'pattern' | 'with'>): string {
  if (pattern === 'workflow') return (parameters as WorkflowParams).hash;
  return contentHash({ pattern, with: parameters });
}
