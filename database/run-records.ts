import type { EventData, NewRunEvent } from '../contracts/events.js';
import type { FinishedCall } from '../contracts/run-workflow.js';
import type { RunStatus } from '../contracts/runs.js';

/** A finished call and where it stood in the run. */
export type JournalEntry = FinishedCall & {
  path: string;
  role?: string;
  round?: number;
  /** What was asked for, of a call that failed: by it its like are found. */
  capability?: string;
  startedAt: Date | string | number;
  /** It has reservations to settle. */
  hasReserved?: boolean;
  /** It has asked for resources, which are free now. */
  hasAsked?: boolean;
};

/** What is waiting to be written for one run: an event, or a finished call. */
export type RunRecord = { runId: string } & ({ event: NewRunEvent } | { call: JournalEntry });

export const keyOf = (record: RunRecord): string => ('event' in record ? record.event.key : record.call.key);

/** The columns of a finished call, without those that are null. A composed value is no output of a call: it is inline or one reference. */
export function journalColumns(call: JournalEntry): Record<string, unknown> {
  const { output } = call;
  if (output && !('inline' in output) && !('ref' in output))
    throw new TypeError('a call gives an inline value or a reference');
  const stored = output && 'ref' in output ? output : undefined;
  return {
    call_key: call.key,
    path: call.path,
    status: call.status,
    attempts: call.attempts,
    agent_id: call.agentId,
    agent: call.agent,
    version: call.version,
    instance_id: call.instanceId,
    role: call.role,
    round: call.round,
    capability: call.capability,
    usage: call.usage,
    confidence: call.confidence,
    degraded: call.degraded,
    output: output && 'inline' in output ? JSON.stringify(output.inline) : undefined,
    payload_ref: stored?.ref,
    payload_bytes: stored?.bytes,
    payload_length: stored?.length,
    error: call.error,
    queue_ms: call.queueMs,
    exec_ms: call.execMs,
    started_at: new Date(call.startedAt).toISOString(),
  };
}

/** A journal row as a query selects it by `JOURNAL_COLUMNS`; `output` is JSON text, SQL's null when there is none. */
export interface StoredCall {
  runId: string;
  key: string;
  position: number;
  at: Date;
  path: string;
  status: FinishedCall['status'];
  attempts: number;
  agentId: string | null;
  agent: string | null;
  version: string | null;
  instanceId: string | null;
  role: string | null;
  round: number | null;
  usage: FinishedCall['usage'];
  confidence: number | null;
  degraded: boolean | null;
  output: string | null;
  payloadRef: string | null;
  payloadBytes: number | null;
  payloadLength: number | null;
  error: FinishedCall['error'] | null;
  queueMs: number;
  execMs: number;
}

export const JOURNAL_COLUMNS = `j.run_id AS "runId", j.call_key AS "key", j.position, j.finished_at AS at, j.path, j.status,
  j.attempts, j.agent_id AS "agentId", j.agent, j.version, j.instance_id AS "instanceId", j.role, j.round, j.usage,
  j.confidence, j.degraded, j.output::text AS output, j.payload_ref AS "payloadRef", j.payload_bytes AS "payloadBytes",
  j.payload_length AS "payloadLength", j.error, j.queue_ms AS "queueMs", j.exec_ms AS "execMs"`;

/** The outcome as the activity reported it. */
export function toFinishedCall(row: StoredCall): FinishedCall {
  const { key, status, agentId, agent, version, instanceId, attempts, usage, queueMs, execMs } = row;
  return {
    key,
    status,
    ...toOutput(row),
    ...(row.error ? { error: row.error } : {}),
    ...(row.confidence === null ? {} : { confidence: row.confidence }),
    ...(row.degraded ? { degraded: true } : {}),
    agentId,
    agent,
    version,
    instanceId,
    attempts,
    usage,
    queueMs,
    execMs,
  };
}

function toOutput(row: StoredCall): Pick<FinishedCall, 'output'> {
  if (row.output !== null) return { output: { inline: JSON.parse(row.output) } };
  if (row.payloadRef === null) return {};
  const length = row.payloadLength === null ? {} : { length: row.payloadLength };
  return { output: { ref: row.payloadRef, bytes: row.payloadBytes ?? 0, ...length } };
}

/** The same row as the event `call.finished`. */
export function toFinishedEvent(row: StoredCall): EventData['call.finished'] {
  const { path, agent, agentId, instanceId, version, role, status, attempts, usage, queueMs, execMs } = row;
  return {
    callKey: row.key,
    path,
    agent,
    agentId,
    instanceId,
    version,
    role,
    status,
    attempts,
    usage,
    queueMs,
    execMs,
    ...(row.confidence === null ? {} : { confidence: row.confidence }),
    ...(row.degraded ? { degraded: true } : {}),
    ...(row.output === null ? {} : { output: JSON.parse(row.output) }),
    ...(row.payloadRef === null ? {} : { outputRef: row.payloadRef }),
    ...(row.error ? { error: row.error } : {}),
  };
}

/** The status that an event gives its run; undefined when it stays. */
export function statusAfter({ type, data }: NewRunEvent): RunStatus | undefined {
  switch (type) {
    case 'run.started':
    case 'run.resumed':
      return 'running';
    case 'run.paused':
      return 'paused';
    case 'run.waiting':
      return 'waiting';
    case 'run.finished':
      return data.status;
    default:
      return undefined;
  }
}
