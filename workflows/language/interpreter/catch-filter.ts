import type { ErrorFilter } from '../../../contracts/definition-parts.js';
import type { WorkflowError } from '../../../contracts/workflow-error.js';
import { isSameType } from './fault.js';

/** Whether every field of the filter equals the error's; without a filter every error is caught. */
export function isCaught(filter: ErrorFilter | undefined, error: WorkflowError): boolean {
  return Object.entries(filter ?? {}).every(([field, wanted]) => {
    const value = error[field as keyof WorkflowError];
    return field === 'type' ? isSameType(String(wanted), error.type) : value === wanted;
  });
}
