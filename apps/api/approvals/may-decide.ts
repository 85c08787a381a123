import type { Approval } from '../../../contracts/approvals.js';
import type { Role } from '../../../contracts/permissions.js';

const ABOVE_ASSIGNEES: readonly Role[] = ['owner', 'admin'];

/** Whether a key that may decide approvals may decide this one. */
export function mayDecide({ role, name }: { role: Role; name: string }, { assignees }: Pick<Approval, 'assignees'>) {
  return assignees.length === 0 || assignees.includes(name) || ABOVE_ASSIGNEES.includes(role);
}
