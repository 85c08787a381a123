import { Context } from '@temporalio/activity';
import type { CallBatch, CallOutcome } from '../contracts/run-workflow.js';
import { announce } from './announce.js';
import { callAgents } from './call-agents.js';
import type { CallRoom } from './call-terms.js';
import type { OrgShares } from './org-shares.js';

/**
 * Makes the calls where their organisation has a place in this worker; else the workflow asks again when it is their turn,
 * and what led to them is durable by then. A repeat is always let in: some of its calls may have been made.
 */
export async function withinShare(room: CallRoom, shares: OrgShares, batch: CallBatch): Promise<CallOutcome[]> {
  const { orgId, calls, events } = batch;
  const { info, cancellationSignal: signal } = Context.current();
  const isNew = info.attempt === 1 && !batch.resumed && calls.every(({ pending }) => !pending);
  const waitMs = isNew ? shares.enter(orgId) : undefined;
  if (waitMs !== undefined) {
    await announce(room, { batch, signal }, events);
    return calls.map(({ key }) => ({ key, deferred: { afterMs: waitMs } }));
  }
  const enteredAt = Date.now();
  try {
    return await callAgents(room, batch);
  } finally {
    if (isNew) shares.leave(orgId, Date.now() - enteredAt);
  }
}
