import {
  CancellationScope,
  type ChildWorkflowHandle,
  condition,
  getExternalWorkflowHandle,
  proxyLocalActivities,
  startChild,
} from '@temporalio/workflow';
import { WorkflowExecutionAlreadyStartedError } from '@temporalio/common';
import type { ChildEnd, OpenedChild } from '../../../contracts/child-runs.js';
import type { LanguageActivities } from '../../../contracts/language-activities.js';
import type { WorkflowCatalog } from '../../../contracts/run-workflow.js';
import { SMALL_STEP } from '../../lib/activity-options.js';
import type { PatternContext } from '../../lib/pattern-context.js';
import { StopScope } from '../../lib/stop-scope.js';
import type { TaskPlace } from './place.js';

type Handle = ChildWorkflowHandle<WorkflowCatalog['workflow']>;

/** After the run's own deadline, as of every run. */
const DEADLINE_GRACE_MS = 60_000;
/** Between looks at a run that somebody else has started. */
const FIRST_LOOK_MS = 500;
const LONGEST_LOOK_MS = 10_000;

/** Starts the workflow of an accepted run below; undefined when somebody did already, such as the sweeper. */
export async function startChildRun(
  { ctx }: TaskPlace,
  { workflow, start, priorityKey }: OpenedChild,
  isAwaited: boolean,
): Promise<Handle | undefined> {
  if (!start) return undefined;
  const { orgId, runId, deadlineAt, correlationId } = start;
  try {
    return await startChild<WorkflowCatalog['workflow']>('workflow', {
      args: [{ ...start, ...(ctx.agentQueue === undefined ? {} : { agentQueue: ctx.agentQueue }) }],
      workflowId: `org_${orgId}/${runId}`,
      workflowIdReusePolicy: 'REJECT_DUPLICATE',
      workflowTaskTimeout: 1_000,
      workflowExecutionTimeout: Math.max(0, deadlineAt - Date.now()) + DEADLINE_GRACE_MS,
      parentClosePolicy: isAwaited ? 'REQUEST_CANCEL' : 'ABANDON',
      searchAttributes: {
        BrikkOrg: [orgId],
        BrikkPattern: ['workflow'],
        BrikkStatus: ['accepted'],
        ...(correlationId === undefined ? {} : { BrikkCorrelationId: [correlationId] }),
      },
      staticSummary: workflow,
      priority: { priorityKey, fairnessKey: orgId },
    });
  } catch (error) {
    if (error instanceof WorkflowExecutionAlreadyStartedError) return undefined;
    throw error;
  }
}

/**
 * How the run below ended, as the record has it. A pause of this run pauses it, and what stops the work here cancels it;
 * its end is waited for all the same, since it may have something to undo.
 */
export async function endOfChild(
  { ctx, path }: TaskPlace,
  { runId: childRunId }: OpenedChild,
  handle: Handle | undefined,
): Promise<ChildEnd | undefined> {
  const { orgId, runId } = ctx.ref;
  const child = getExternalWorkflowHandle(`org_${orgId}/${childRunId}`);
  const { readChild } = proxyLocalActivities<LanguageActivities>(SMALL_STEP);
  const read = () => readChild({ orgId, runId, childRunId, key: path.slice(1) });
  const over = new StopScope();
  // One that has just ended needs no telling. What stops the work may be the end of the scope that is current then.
  const tell = (work: () => Promise<void>) => CancellationScope.nonCancellable(work).catch(() => undefined);
  const forget = ctx.onStop(() => void tell(() => child.cancel()));
  const pauses = followPauses(ctx, over, (what) => tell(() => child.signal(what)));
  try {
    // A workflow that was ended by force says nothing: the sweeper writes its end.
    await handle?.result().catch(() => undefined);
    for (let lookMs = FIRST_LOOK_MS; ; lookMs = Math.min(LONGEST_LOOK_MS, lookMs * 2)) {
      const end = await read();
      if (end) return end;
      if (ctx.stopped !== undefined) return undefined;
      await ctx.wait(lookMs);
    }
  } finally {
    forget();
    over.stop('lost');
    await pauses;
  }
}

async function followPauses(
  ctx: PatternContext,
  over: StopScope,
  tell: (what: 'pause' | 'resume') => Promise<void>,
): Promise<void> {
  for (;;) {
    await condition(() => ctx.isPaused || over.reason !== undefined);
    if (over.reason !== undefined) return;
    await tell('pause');
    await ctx.hold(over);
    if (over.reason !== undefined) return;
    await tell('resume');
  }
}
