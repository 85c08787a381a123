import {
  CancellationScope,
  type ChildWorkflowHandle,
  condition,
  getExternalWorkflowHandle,
  startChild,
} from '@temporalio/workflow';
import { WorkflowExecutionAlreadyStartedError } from '@temporalio/common';
import type { RunRef } from '../../contracts/values.js';
import type { PatternContext } from './pattern-context.js';
import { StopScope } from './stop-scope.js';

type RunWorkflow<Input> = (input: Input) => Promise<unknown>;

export interface RunBelow extends RunRef {
  /** Milliseconds since the epoch. */
  deadlineAt: number;
  correlationId?: string;
  summary: string;
  /** As the run around it unless said. */
  priorityKey?: number;
  /** Goes on when the run around it has ended. */
  isDetached?: boolean;
}

/** After the run's own deadline, as of every run. */
const DEADLINE_GRACE_MS = 60_000;
/** Between looks at a run that somebody else has started. */
const FIRST_LOOK_MS = 500;
const LONGEST_LOOK_MS = 10_000;

/** Starts the workflow of an accepted run below, of a definition; undefined when somebody did already, such as the sweeper. */
export async function startRunBelow<Input>(
  type: string,
  input: Input,
  { orgId, runId, deadlineAt, correlationId, summary, priorityKey, isDetached = false }: RunBelow,
): Promise<ChildWorkflowHandle<RunWorkflow<Input>> | undefined> {
  try {
    return await startChild<RunWorkflow<Input>>(type, {
      args: [input],
      workflowId: `org_${orgId}/${runId}`,
      workflowIdReusePolicy: 'REJECT_DUPLICATE',
      workflowTaskTimeout: 1_000,
      workflowExecutionTimeout: Math.max(0, deadlineAt - Date.now()) + DEADLINE_GRACE_MS,
      parentClosePolicy: isDetached ? 'ABANDON' : 'REQUEST_CANCEL',
      searchAttributes: {
        BrikkOrg: [orgId],
        BrikkPattern: ['workflow'],
        BrikkStatus: ['accepted'],
        ...(correlationId === undefined ? {} : { BrikkCorrelationId: [correlationId] }),
      },
      staticSummary: summary,
      ...(priorityKey === undefined ? {} : { priority: { priorityKey, fairnessKey: orgId } }),
    });
  } catch (error) {
    if (error instanceof WorkflowExecutionAlreadyStartedError) return undefined;
    throw error;
  }
}

/**
 * Waits for the end of a run below by `work`: a pause of this run pauses it, and what stops the work here cancels it; its
 * end is waited for all the same, since it may have something to undo.
 */
export async function steeringBelow<T>(ctx: PatternContext, runId: string, work: () => Promise<T>): Promise<T> {
  const child = getExternalWorkflowHandle(`org_${ctx.ref.orgId}/${runId}`);
  const over = new StopScope();
  // One that has just ended needs no telling. What stops the work may be the end of the scope that is current then.
  const tell = (what: () => Promise<void>) => CancellationScope.nonCancellable(what).catch(() => undefined);
  const forget = ctx.onStop(() => void tell(() => child.cancel()));
  const pauses = followPauses(ctx, over, (what) => tell(() => child.signal(what)));
  try {
    return await work();
  } finally {
    forget();
    over.stop('lost');
    await pauses;
  }
}

/** The end of a run below as `read` finds it on record; undefined when the work here is stopped before. */
export async function endOnRecord<End>(ctx: PatternContext, read: () => Promise<End | null>): Promise<End | undefined> {
  for (let lookMs = FIRST_LOOK_MS; ; lookMs = Math.min(LONGEST_LOOK_MS, lookMs * 2)) {
    const end = await read();
    if (end) return end;
    if (ctx.stopped !== undefined) return undefined;
    await ctx.wait(lookMs);
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
