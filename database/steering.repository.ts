import type { Json } from '../contracts/json.js';
import type { ApprovalVerdict } from '../contracts/approval-activities.js';
import { BrikkError } from '../contracts/errors.js';
import type { NewRunEvent } from '../contracts/events.js';
import type { LaterAnswerNotice } from '../contracts/run-signals.js';
import { isTerminal, type RunStatus } from '../contracts/runs.js';
import type { Tx } from './database.js';
import { runNotFound } from './find-run.js';
import type { SteeringKind, SteeringRequest } from './steering-request.js';
import { isUuid, uuidv7 } from './uuid.js';
import { writeRunRecords } from './write-run-records.js';

interface SteeredRun {
  orgId: string;
  status: RunStatus;
  pauseRequested: boolean;
  cancelRequested: boolean;
  steering: SteeringRequest[] | null;
}

/**
 * Stores what the workflow is to be told, with its event; whoever delivers it calls `settleSteering`. A pause or cancel
 * that was asked for already adds nothing and answers undefined. Fails `run.not_found`, `run.finished`, and
 * `run.not_paused` for resuming what nobody paused.
 */
export async function requestSteering(
  tx: Tx,
  runId: string,
  kind: SteeringKind,
  signal: { name: string; data: Json } = { name: '', data: null },
): Promise<{ status: RunStatus; request: SteeringRequest | undefined }> {
  const run = await lockOpen(tx, runId);
  const { status } = run;
  if (kind === 'resume' && !run.pauseRequested && status !== 'paused')
    throw new BrikkError('run.not_paused', `Run ${runId} is not paused`);
  if ((kind === 'pause' && run.pauseRequested) || (kind === 'cancel' && run.cancelRequested))
    return { status, request: undefined };
  const request: SteeringRequest = kind === 'signal' ? { id: uuidv7(), kind, ...signal } : { id: uuidv7(), kind };
  await enqueue(tx, runId, request, {
    ...run,
    pauseRequested: kind === 'pause' || (run.pauseRequested && kind !== 'resume'),
    cancelRequested: run.cancelRequested || kind === 'cancel',
  });
  const event = eventOf(request);
  if (event) await writeRunRecords(tx, run.orgId, [{ runId, event }]);
  return { status, request };
}

/** Stores a person's decision for the workflow. Locks the run. Fails `run.not_found` and `run.finished`. */
export async function requestVerdict(tx: Tx, runId: string, verdict: ApprovalVerdict): Promise<void> {
  await enqueue(tx, runId, { id: uuidv7(), kind: 'approval', verdict }, await lockOpen(tx, runId));
}

/** Stores for the workflow that an answer has come. Locks the run. Fails `run.not_found` and `run.finished`. */
export async function requestAnswer(tx: Tx, runId: string, notice: LaterAnswerNotice): Promise<void> {
  await enqueue(tx, runId, { id: uuidv7(), kind: 'answer', notice }, await lockOpen(tx, runId));
}

/** What is still to be delivered, in order. */
export async function findSteering(tx: Tx, runId: string): Promise<SteeringRequest[]> {
  const [run] = await tx<{ steering: SteeringRequest[] | null }>('SELECT steering FROM run WHERE id = $1', [runId]);
  return run?.steering ?? [];
}

/** These requests have reached the workflow. */
export async function settleSteering(tx: Tx, runId: string, ids: string[]): Promise<void> {
  const run = await lockSteered(tx, runId);
  const left = (run?.steering ?? []).filter(({ id }) => !ids.includes(id));
  await tx(
    `UPDATE run SET steering = $2, steering_requested_at = CASE WHEN $3 THEN steering_requested_at END WHERE id = $1`,
    [runId, left.length > 0 ? JSON.stringify(left) : null, left.length > 0],
  );
}

async function enqueue(tx: Tx, runId: string, request: SteeringRequest, run: SteeredRun): Promise<void> {
  await tx(
    `UPDATE run SET steering = $2, steering_requested_at = now(), pause_requested = $3, cancel_requested = $4 WHERE id = $1`,
    [runId, JSON.stringify([...(run.steering ?? []), request]), run.pauseRequested, run.cancelRequested],
  );
}

/** Fails `run.not_found` and `run.finished`. */
export async function lockOpen(tx: Tx, runId: string): Promise<SteeredRun> {
  const run = await lockSteered(tx, runId);
  if (!run) throw runNotFound(runId);
  if (isTerminal(run.status)) throw new BrikkError('run.finished', `Run ${runId} has ended ${run.status}`);
  return run;
}

async function lockSteered(tx: Tx, runId: string): Promise<SteeredRun | undefined> {
  if (!isUuid(runId)) return undefined;
  const [run] = await tx<SteeredRun>(
    `SELECT org_id AS "orgId", status, pause_requested AS "pauseRequested", cancel_requested AS "cancelRequested", steering
     FROM run WHERE id = $1 FOR UPDATE`,
    [runId],
  );
  return run;
}

/** Resuming has no event of its own: the workflow writes `run.resumed`. That of a decision is written with it. */
function eventOf(request: SteeringRequest): NewRunEvent | undefined {
  switch (request.kind) {
    case 'cancel':
      return { key: 'run/cancel_requested', type: 'run.cancel_requested', data: {} };
    case 'pause':
      return { key: `run/pause_requested/${request.id}`, type: 'run.pause_requested', data: {} };
    case 'signal':
      return {
        key: `run/signalled/${request.id}`,
        type: 'run.signalled',
        data: { name: request.name, data: request.data },
      };
    case 'resume':
    case 'approval':
    case 'answer':
      return undefined;
  }
}
