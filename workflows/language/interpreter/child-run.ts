import { type ChildWorkflowHandle, proxyLocalActivities } from '@temporalio/workflow';
import type { ChildEnd, OpenedChild } from '../../../contracts/child-runs.js';
import type { LanguageActivities } from '../../../contracts/language-activities.js';
import type { StartableWorkflow } from '../../../contracts/run-workflow.js';
import { SMALL_STEP } from '../../lib/activity-options.js';
import { endOnRecord, startRunBelow, steeringBelow } from '../../lib/run-below.js';
import type { TaskPlace } from './place.js';

type Handle = ChildWorkflowHandle<(input: StartableWorkflow) => Promise<unknown>>;

/** Starts the workflow of an accepted run below; undefined when somebody did already, such as the sweeper. */
export async function startChildRun(
  { ctx }: TaskPlace,
  { workflow, start, priorityKey }: OpenedChild,
  isAwaited: boolean,
): Promise<Handle | undefined> {
  if (!start) return undefined;
  const { orgId, runId, deadlineAt, correlationId } = start;
  const { agentQueue } = ctx;
  const input = { ...start, ...(agentQueue === undefined ? {} : { agentQueue }) };
  const below = { orgId, runId, deadlineAt, summary: workflow, priorityKey, isDetached: !isAwaited };
  return startRunBelow('workflow', input, correlationId === undefined ? below : { ...below, correlationId });
}

/** How the run below ended, as the record has it. */
export async function endOfChild(
  { ctx, path }: TaskPlace,
  { runId: childRunId }: OpenedChild,
  handle: Handle | undefined,
): Promise<ChildEnd | undefined> {
  const { readChild } = proxyLocalActivities<LanguageActivities>(SMALL_STEP);
  return steeringBelow(ctx, childRunId, async () => {
    // A workflow that was ended by force says nothing: the sweeper writes its end.
    await handle?.result().catch(() => undefined);
    return endOnRecord(ctx, () => readChild({ ...ctx.ref, childRunId, key: path.slice(1) }));
  });
}
