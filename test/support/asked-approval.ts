import type { NewApproval } from '../../contracts/approval-activities.js';
import { listApprovals } from '../../database/approvals.repository.js';
import type { Database } from '../../database/database.js';
import { openApproval } from '../../database/pending-approvals.js';

/** A pending approval of a run, as its workflow would open it; answers with its id. */
export async function askedApproval(
  database: Database,
  orgId: string,
  runId: string,
  more: Partial<NewApproval> = {},
): Promise<string> {
  const approval: NewApproval = {
    key: 'approvals/steps/pay/before',
    path: '/steps/pay',
    kind: 'before',
    question: 'Pay?',
    subject: { inline: { amount: 5 } },
    assignees: [],
    onTimeout: 'reject',
    dueAt: Date.now() + 60_000,
    ...more,
  };
  await openApproval(database, { orgId, runId, approval });
  const { items } = await database.inOrg(orgId, (tx) => listApprovals(tx, { run: runId, limit: 1 }));
  return items[0]!.id;
}
