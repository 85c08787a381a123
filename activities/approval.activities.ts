import type { ApprovalActivities } from '../contracts/approval-activities.js';
import type { Approvals } from './dependencies.js';
import { namingFailures } from './naming-failures.js';

/** Questions of a run to persons. */
export function createApprovalActivities(approvals: Approvals): ApprovalActivities {
  return namingFailures<ApprovalActivities>({
    openApproval: (request) => approvals.open(request),
    closeApproval: (request) => approvals.close(request),
  });
}
