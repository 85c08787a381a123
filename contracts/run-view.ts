import type { ApprovalKind } from './approvals.js';
import type { EventData, RunEvent } from './events.js';
import type { Json } from './json.js';
import {
  type BulkCounts,
  isTerminal,
  type CallError,
  type Decision,
  type RunStatus,
  type TerminationReason,
} from './runs.js';
import type { Usage } from './usage.js';

export interface StepView {
  path: string;
  name: string;
  outcome: 'running' | 'skipped' | EventData['step.finished']['outcome'];
  /** How its compensation ended, when a later failure undid it. */
  undone?: EventData['step.compensated']['outcome'];
  reason?: string;
  startedAt: string | null;
  finishedAt: string | null;
}

export interface CallView {
  callKey: string;
  path: string | null;
  agent: string | null;
  instanceId: string | null;
  status: 'running' | EventData['call.finished']['status'];
  attempts: number;
  /** Failed attempts that led to another candidate. */
  retries: { agent: string | null; error: CallError }[];
  /** Its agent has taken it and answers later. */
  pending?: { taskId: string; dueAt: string };
  /** What its agent said of it last. */
  progress?: { fraction?: number; message?: string; data?: Json };
  queueMs: number | null;
  execMs: number | null;
  usage: Usage;
  output?: EventData['call.finished']['output'];
  outputRef?: string;
  error?: CallError;
  finishedAt: string | null;
}

export interface ApprovalView {
  id: string;
  path: string;
  kind: ApprovalKind;
  question: string;
  assignees: string[];
  dueAt: string;
  status: 'pending' | 'approved' | 'rejected' | 'answered' | 'expired';
  /** What came of it when it expired. */
  outcome?: 'approve' | 'reject';
  /** Name of the API key. */
  decidedBy?: string;
  comment?: string;
  openedAt: string;
  closedAt: string | null;
}

/** A run as its events tell it: what the live view, the story, playback and the trace show. */
export interface RunView {
  runId: string;
  status: RunStatus;
  terminationReason: TerminationReason | null;
  error: EventData['run.finished']['error'] | null;
  pattern: string | null;
  acceptedAt: string | null;
  startedAt: string | null;
  finishedAt: string | null;
  /** Position of the last event taken in. */
  position: number;
  /** In the order they began. */
  steps: StepView[];
  calls: CallView[];
  decisions: Decision[];
  /** Of a bulk run: its items by status. */
  items: BulkCounts | null;
  approvals: ApprovalView[];
  timeline: RunEvent[];
}

export const emptyRunView = (runId: string): RunView => ({
  runId,
  status: 'accepted',
  terminationReason: null,
  error: null,
  pattern: null,
  acceptedAt: null,
  startedAt: null,
  finishedAt: null,
  position: 0,
  steps: [],
  calls: [],
  decisions: [],
  items: null,
  approvals: [],
  timeline: [],
});

/** The view after all events; they must be in order. */
export function viewRun(runId: string, events: Iterable<RunEvent>): RunView {
  let view = emptyRunView(runId);
  for (const event of events) view = reduceRunView(view, event);
  return view;
}

/** The view after one more event. An event that was taken in before changes nothing. */
export function reduceRunView(view: RunView, event: RunEvent): RunView {
  if (event.position <= view.position) return view;
  return apply({ ...view, position: event.position, timeline: [...view.timeline, event] }, event);
}

function apply(view: RunView, { type, data, at }: RunEvent): RunView {
  switch (type) {
    case 'run.accepted':
      return { ...view, pattern: data.pattern, acceptedAt: at };
    case 'run.started':
      return { ...view, status: 'running', startedAt: view.startedAt ?? at };
    case 'run.waiting':
      return { ...view, status: 'waiting' };
    case 'run.paused':
      return { ...view, status: 'paused' };
    case 'run.resumed':
      return isTerminal(view.status) ? view : { ...view, status: 'running' };
    case 'run.finished':
      return {
        ...view,
        status: data.status,
        terminationReason: data.terminationReason,
        error: data.error ?? null,
        finishedAt: at,
      };
    case 'step.started':
      return withStep(view, data, { startedAt: at });
    case 'step.finished':
      return withStep(view, data, { outcome: data.outcome, finishedAt: at });
    case 'step.skipped':
      return withStep(view, data, { outcome: 'skipped', reason: data.reason, finishedAt: at });
    case 'step.compensated':
      return withStep(view, data, { undone: data.outcome });
    case 'call.started':
      return withCall(view, data, () => ({
        agent: data.agent,
        instanceId: data.instanceId,
        attempts: data.attempt,
      }));
    case 'call.pending':
      return withCall(view, data, () => ({
        agent: data.agent,
        instanceId: data.instanceId,
        attempts: data.attempt,
        pending: { taskId: data.taskId, dueAt: data.dueAt },
      }));
    case 'call.progress':
      return withCall(view, data, ({ progress }) => ({
        agent: data.agent,
        instanceId: data.instanceId,
        attempts: data.attempt,
        progress: latestOf(progress, data),
      }));
    case 'call.hedged':
      return withCall(view, data, () => ({ attempts: data.attempt }));
    case 'call.retried':
      return withCall(view, data, ({ retries }) => ({
        attempts: data.attempt,
        retries: [...retries, { agent: data.agent, error: data.error }],
      }));
    case 'call.finished':
      return withCall(view, data, () => finishedCall(data, at));
    case 'decision':
      return { ...view, decisions: [...view.decisions, { ...data, at }] };
    case 'bulk.progress':
      return { ...view, items: data.counts };
    case 'approval.opened':
      return { ...view, approvals: [...view.approvals, openedApproval(data, at)] };
    case 'approval.decided':
      return withApproval(view, data.approvalId, {
        status: DECIDED[data.decision],
        decidedBy: data.by.name,
        ...(data.comment === undefined ? {} : { comment: data.comment }),
        closedAt: at,
      });
    case 'approval.expired': {
      const { approvalId, outcome, assignees, dueAt } = data;
      if (outcome !== 'escalate') return withApproval(view, approvalId, { status: 'expired', outcome, closedAt: at });
      return withApproval(view, approvalId, { ...(assignees && { assignees }), ...(dueAt && { dueAt }) });
    }
    case 'run.pause_requested':
    case 'run.cancel_requested':
    case 'run.signalled':
    case 'market.settled':
    case 'budget.refused':
    case 'budget.exceeded':
    case 'budget.raised':
    case 'resource.waiting':
    case 'resource.granted':
    case 'resource.deadlock':
    case 'step.retried':
    case 'event.emitted':
    case 'event.heard':
    case 'correlation.started':
    case 'correlation.completed':
    case 'event.dropped':
    case 'run.child_started':
    case 'payload.stored':
      return view;
  }
}

const DECIDED = { approve: 'approved', reject: 'rejected', answer: 'answered' } as const;

function openedApproval(data: EventData['approval.opened'], openedAt: string): ApprovalView {
  const { approvalId: id, path, kind, question, assignees, dueAt } = data;
  return { id, path, kind, question, assignees, dueAt, status: 'pending', openedAt, closedAt: null };
}

function withApproval(view: RunView, id: string, change: Partial<ApprovalView>): RunView {
  return {
    ...view,
    approvals: view.approvals.map((approval) => (approval.id === id ? { ...approval, ...change } : approval)),
  };
}

function finishedCall(data: EventData['call.finished'], finishedAt: string): Partial<CallView> {
  const { agent, instanceId, status, attempts, usage, queueMs, execMs, output, outputRef, error } = data;
  return {
    pending: undefined,
    progress: undefined,
    agent,
    instanceId,
    status,
    attempts,
    usage,
    queueMs,
    execMs,
    finishedAt,
    ...(output === undefined ? {} : { output }),
    ...(outputRef === undefined ? {} : { outputRef }),
    ...(error === undefined ? {} : { error }),
  };
}

function latestOf(
  before: CallView['progress'],
  { fraction, message, data }: EventData['call.progress'],
): CallView['progress'] {
  return {
    ...before,
    ...(fraction !== undefined && { fraction }),
    ...(message !== undefined && { message }),
    ...(data !== undefined && { data }),
  };
}

function withStep(view: RunView, { path, name }: { path: string; name: string }, change: Partial<StepView>): RunView {
  const index = view.steps.findIndex((step) => step.path === path);
  const blank: StepView = { path, name, outcome: 'running', startedAt: null, finishedAt: null };
  const step = { ...(view.steps[index] ?? blank), ...change };
  return { ...view, steps: index < 0 ? [...view.steps, step] : view.steps.with(index, step) };
}

function withCall(
  view: RunView,
  { callKey, path }: { callKey: string; path?: string },
  change: (call: CallView) => Partial<CallView>,
): RunView {
  const index = view.calls.findIndex((call) => call.callKey === callKey);
  const blank: CallView = {
    callKey,
    path: path ?? null,
    agent: null,
    instanceId: null,
    status: 'running',
    attempts: 0,
    retries: [],
    queueMs: null,
    execMs: null,
    usage: {},
    finishedAt: null,
  };
  const known = view.calls[index] ?? blank;
  const call = { ...known, path: known.path ?? path ?? null, ...change(known) };
  return { ...view, calls: index < 0 ? [...view.calls, call] : view.calls.with(index, call) };
}
