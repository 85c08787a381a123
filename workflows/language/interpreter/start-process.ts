import { startChild, uuid4 } from '@temporalio/workflow';
import type { DetachedCatalog } from '../../../contracts/detached-process.js';
import type { ProcessCall } from '../../../contracts/language-activities.js';

/** Starts a process that goes on by itself: no pause, no cancel and no end of the run reaches it. */
export async function startProcess(call: ProcessCall): Promise<void> {
  const { orgId, runId } = call;
  await startChild<DetachedCatalog['detachedProcess']>('detachedProcess', {
    args: [call],
    workflowId: `org_${orgId}/${runId}/process/${uuid4()}`,
    workflowTaskTimeout: 1_000,
    parentClosePolicy: 'ABANDON',
    searchAttributes: { BrikkOrg: [orgId] },
    staticSummary: call.path,
  });
}
