import type { ChildEnd, ChildRequest, OpenedChild, RefusedChild } from '../contracts/child-runs.js';
import type { Definition } from '../contracts/definition.js';
import { BrikkError } from '../contracts/errors.js';
import { pinnedRun } from '../contracts/pinned-run.js';
import { PRIORITIES, type Priority } from '../contracts/priority.js';
import type { StartableWorkflow } from '../contracts/run-workflow.js';
import type { StartWorkflow } from '../contracts/start-run.js';
import type { RunRef } from '../contracts/values.js';
import { leaseBudget, settleLease, unsaid } from './child-budgets.js';
import type { Tx } from './database.js';
import { findPinnedDefinition } from './definitions.repository.js';
import type { RunRow } from './entities/run.entity.js';
import { runNotFound } from './find-run.js';
import { describePayload, materialise } from './payloads.repository.js';
import { recordRun } from './record-run.js';
import { findStartableRun } from './runs.repository.js';

/** Workflows that run each other without end stop here. */
const MOST_DEEP = 20;

/**
 * The run of a workflow below another run: accepted when the transaction commits, once for a key, with what the parent
 * has of labels, priority and trace. Refused are workflows that are not there, and runs too deep inside each other.
 */
export async function openChild(tx: Tx, request: ChildRequest): Promise<OpenedChild | RefusedChild> {
  const { runId, key, depth } = request;
  const [parent] = await tx<ParentRow>(
    `SELECT accepted_at AS "acceptedAt", labels, priority, correlation_id AS "correlationId", traceparent,
       trace_id AS "traceId" FROM run WHERE id = $1 FOR UPDATE`,
    [runId],
  );
  if (!parent) throw runNotFound(runId);
  const [known] = await tx<KnownRow>(
    `SELECT id, workflow, priority, finished_at AS "finishedAt" FROM run WHERE parent_run_id = $1 AND parent_key = $2`,
    [runId, key],
  );
  if (known) return found(tx, known);
  if (depth >= MOST_DEEP)
    return { reason: 'configuration', refused: `workflows run each other at most ${MOST_DEEP} deep` };
  try {
    return await accept(tx, request, parent);
  } catch (error) {
    if (!(error instanceof BrikkError) || !['workflow.not_found', 'workflow.invalid'].includes(error.code)) throw error;
    return { reason: 'configuration', refused: error.message };
  }
}

/** Null while it goes on; then its budget is settled with those it was leased from. Fails `run.not_found`. */
export async function readChild(
  tx: Tx,
  { runId, childRunId, key }: RunRef & { childRunId: string; key: string },
): Promise<ChildEnd | null> {
  const [row] = await tx<EndRow>(
    `SELECT status, termination_reason AS "terminationReason", output, output_ref AS "outputRef", error
     FROM run WHERE id = $1 AND parent_run_id = $2 AND finished_at IS NOT NULL`,
    [childRunId, runId],
  );
  if (!row) return null;
  await settleLease(tx, { runId, key }, childRunId);
  const { status, terminationReason, output, outputRef, error } = row;
  return {
    status,
    terminationReason,
    output: outputRef === null ? { inline: output } : await describePayload(tx, outputRef),
    error,
  };
}

type ParentRow = Pick<RunRow, 'acceptedAt' | 'labels' | 'priority' | 'correlationId' | 'traceparent' | 'traceId'>;
type KnownRow = Pick<RunRow, 'id' | 'finishedAt'> & { workflow: string; priority: Priority };
type EndRow = Omit<ChildEnd, 'output'> & { output: StartWorkflow['input']; outputRef: string | null };

async function accept(tx: Tx, request: ChildRequest, parent: ParentRow): Promise<OpenedChild | RefusedChild> {
  const { orgId, runId, key, namespace, name, version, depth, deadlineAt, budget: around } = request;
  const pinned = await findPinnedDefinition(tx, { namespace, name, version, before: parent.acceptedAt });
  const { labels, correlationId, traceparent, traceId } = parent;
  const start = pinnedRun(
    pinned,
    {
      input: await materialise(tx, request.input),
      labels,
      priority: pinned.definition.document.metadata?.brikk?.priority ?? parent.priority,
      ...(correlationId === null ? {} : { correlationId }),
    },
    depth + 1,
  );
  const missing = deadlineAt === undefined && around ? unsaid(around, start.with.budget) : [];
  if (missing.length > 0) {
    const refused = `nobody waits for it, so that its own budget has to say how much of the run's it takes: ${missing.join(', ')}`;
    return { reason: 'budget', refused };
  }
  const budget = around && (await leaseBudget(tx, { ...around, orgId, runId, key }, start.with.budget));
  const ends = Date.now() + start.deadlineMs;
  const child = await recordRun(tx, {
    orgId,
    start: budget ? { ...start, with: { ...start.with, budget } } : start,
    definitionHash: pinned.hash,
    deadlineAt: Math.min(ends, deadlineAt ?? ends),
    parentRunId: runId,
    parentKey: key,
    ...(traceparent === null ? {} : { traceparent }),
    ...(traceId === null ? {} : { traceId }),
  });
  return {
    runId: child.input.runId,
    workflow: nameOf(pinned.definition),
    start: child.input as StartableWorkflow,
    priorityKey: PRIORITIES[start.priority],
  };
}

async function found(tx: Tx, { id, workflow, priority, finishedAt }: KnownRow): Promise<OpenedChild> {
  const opened = { runId: id, workflow, priorityKey: PRIORITIES[priority] };
  if (finishedAt !== null) return opened;
  const { input } = await findStartableRun(tx, id);
  return { ...opened, start: { ...(input as StartableWorkflow), resumed: true } };
}

const nameOf = ({ document: { namespace, name, version } }: Definition): string => `${namespace}/${name}:${version}`;
