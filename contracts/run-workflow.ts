import type { RequestKind } from './agent-protocol.js';
import type { Budget, BudgetLimit, CallBudget } from './budget.js';
import type { BudgetRaise, RaisedBudget } from './budget-ledger.js';
import type { CallTimeout, Distribution, Hedge, Retry, Select } from './calls.js';
import type { ContextRoom } from './context.js';
import type { NewRunEvent } from './events.js';
import type { SchemaDocument } from './json.js';
import type { PendingCall } from './later-answers.js';
import type { MemoryActivities } from './memory-activities.js';
import type { Needs } from './needs.js';
import type { PatternName, PatternParams, RunKind } from './patterns.js';
import type { Priority } from './priority.js';
import type { Usage } from './usage.js';
import type { RunRef, Value } from './values.js';
import type { CarriedRun, RunParams } from './workflow-run.js';
import type { BulkCounts, CallError, RunEnd, RunError, TerminalStatus, TerminationReason } from './runs.js';

/** A batch's input stays below this inline, and its output below this for each `BATCH_CALLS` of it. */
export const BATCH_BYTES = 128 * 1_024;
/** Calls of one activity that do not all wait for one another. */
export const BATCH_CALLS = 250;

/** What every run's workflow is started with; its id is `org_<org id>/<run id>`. */
export interface RunInput<Name extends RunKind = RunKind> {
  orgId: string;
  runId: string;
  with: RunParams[Name];
  input: Value;
  /** Milliseconds since the epoch. */
  deadlineAt: number;
  priority: Priority;
  /** Of the whole run, with that of its pattern. */
  budget?: Budget;
  correlationId?: string;
  traceparent?: string;
  /** Where agent calls are worked off; on the queue of the workflow unless said. */
  agentQueue?: string;
  /** The journal may hold results already (restored run, rerun from a step): it is read on the first attempt, too. */
  resumed: boolean;
  /** Of a run that goes on in a new history. */
  carried?: CarriedRun;
}

/** What the workflow of a run that follows a definition is started with. */
export type StartableWorkflow = RunInput<'workflow'>;

/** Every workflow type by its name; the workflow returns how the run ended, its result is in Postgres. */
export type WorkflowCatalog = {
  [Name in RunKind]: (input: RunInput<Name>) => Promise<TerminalStatus>;
};

/** A part of a bulk run's items that one workflow works off: a run of its own below the bulk run. */
export interface BulkShard {
  runId: string;
  /** Index of its first item. */
  first: number;
  items: number;
}

/** What the workflow of a bulk run is started with. */
export interface BulkInput extends Omit<RunInput, 'with' | 'input'> {
  /** `workflow`: its items follow a definition, each as a run of its own. */
  pattern: RunKind;
  /** Nothing of a definition: its items read it where it is on record. */
  with: PatternParams[PatternName] | Record<string, never>;
  shards: BulkShard[];
  /** Items under way at once, over all shards. */
  maxConcurrency: number;
}

/** What the workflow of one shard is started with, and goes on with when its history is full. */
export interface BulkShardInput extends Omit<RunInput, 'with'>, Pick<BulkInput, 'pattern' | 'with'> {
  bulkRunId: string;
  /** Its place among the shards. */
  shard: number;
  first: number;
  items: number;
  maxConcurrency: number;
  /** Index of the first item that was not taken yet. */
  next: number;
  paused: boolean;
  /** Of the budget over all items a person is being asked for more. */
  asked?: BudgetLimit;
  /** Pauses and waits that workflows before it have told of. */
  shown?: { pauses: number; waits: number };
}

/** The workflows of bulk runs by their names. */
export interface BulkCatalog {
  bulk(input: BulkInput): Promise<TerminalStatus>;
  bulkShard(input: BulkShardInput): Promise<TerminalStatus>;
}

export interface CallTarget {
  capability?: string;
  /** Name or id. */
  agent?: string;
  labels?: Record<string, string>;
  version?: string;
}

/** An agent that can take a call of a target now. The record is the mean over its instances, null until they have been called. */
export interface CandidateAgent {
  agentId: string;
  agent: string;
  version: string;
  labels: Record<string, string>;
  /** 0 to 1. */
  successRate: number | null;
  /** 0 to 1, of the agent in the capability; null without feedback. */
  reputation: number | null;
  latencyMs: number | null;
  /** Declared, US dollars a call. */
  costUsd: number | null;
}

/** One agent call. `key` is stable over attempts, unique in the run, and travels as the idempotency key. */
export interface AgentCall {
  key: string;
  path: string;
  /** A task unless said. */
  kind?: RequestKind;
  target: CallTarget;
  select: Select;
  /** With `select: sticky`: jq over the input. */
  stickyKey?: string;
  /** Whose agents come first. */
  region?: string;
  distribution?: Distribution;
  input: Value;
  outputSchema?: SchemaDocument;
  timeout: CallTimeout;
  retry: Retry;
  idempotent: boolean;
  /** How long known agents that cannot be reached are waited for; as the worker is set unless said. */
  patienceMs?: number;
  budget?: CallBudget;
  hedge?: Hedge;
  /** Leased before it is made. */
  needs?: Needs;
  /** What the agent is told beside its input; an object. */
  context?: Value;
  role?: string;
  round?: number;
  /** Its agent has it and was to answer later: what came of that is looked up before anybody is asked. */
  pending?: boolean;
  /** Calls that follow in the same activity, each as soon as the one before it is completed. */
  following?: FollowingCall[];
}

/** Asked with what is known beforehand, or with what comes of the call before it. */
export interface FollowingCall extends Omit<AgentCall, 'input' | 'pending' | 'following'> {
  input: Value | FromBefore;
  /** Written as the call begins. */
  events: NewRunEvent[];
}

/** The output of the call before, or what jq makes of it. */
export interface FromBefore {
  program?: string;
  variables: Record<string, Value>;
}

/** What the calls of one task have in common. */
export type SharedTerms = Omit<
  AgentCall,
  'key' | 'path' | 'input' | 'context' | 'role' | 'round' | 'pending' | 'following'
>;

/** A call as a batch carries it; `terms` is the place of what it shares with others among the batch's. */
export type Batched<Call extends object> = Omit<Call, keyof SharedTerms | 'following'> & { terms: number };
export type BatchedCall = Batched<AgentCall> & { following?: Batched<FollowingCall>[] };

export interface CallBatch {
  orgId: string;
  runId: string;
  deadlineAt: number;
  priority: Priority;
  traceparent?: string;
  resumed: boolean;
  /** Carried once for all the calls that have them. */
  terms: SharedTerms[];
  calls: BatchedCall[];
  /** Decisions since the last flush; they are durable before a call is over. */
  events: NewRunEvent[];
}

export interface FinishedCall {
  key: string;
  status: 'completed' | 'failed' | 'canceled';
  output?: Value;
  error?: CallError;
  confidence?: number;
  /** Somebody or something stood in for who should have done it, and had failed; or its pool had fewer members than it should. */
  degraded?: boolean;
  agentId: string | null;
  agent: string | null;
  version: string | null;
  instanceId: string | null;
  attempts: number;
  usage: Usage;
  queueMs: number;
  execMs: number;
}
/** A call that would have waited over 2 s: the workflow waits `afterMs` and asks again. */
export interface DeferredCall {
  key: string;
  deferred: { afterMs: number };
}
/** What a workflow decides by; the rest of a finished call is in the journal. */
export type CallResult = Pick<
  FinishedCall,
  'key' | 'status' | 'output' | 'error' | 'confidence' | 'degraded' | 'queueMs' | 'execMs'
> & {
  costUsd?: number;
  /** The output of work that was done, and refused by a person. */
  refused?: Value;
};
export type CallOutcome = CallResult | DeferredCall | PendingCall;

/** Activities on the agent queue. */
export interface AgentActivities {
  /**
   * Outcomes of the calls and of those that followed them. A call that follows has none when it was not made: the one
   * before it was not completed, the run is held by a pause or a cancel, its input could not be made, or it would have
   * to wait for a free agent.
   */
  callAgents(batch: CallBatch): Promise<CallOutcome[]>;
}

/** Local activities: small steps in Postgres. */
export interface RunActivities extends MemoryActivities {
  recordEvents(flush: RunRef & { events: NewRunEvent[] }): Promise<void>;
  /** jq over a value that is not inline; the result is a reference again when it is large. Fails `expression.failed`. */
  evaluate(request: RunRef & { program: string; input: Value; variables: Record<string, Value> }): Promise<Value>;
  /** Whether the value fits the schema; the messages when it does not. */
  validate(request: RunRef & { value: Value; schema: SchemaDocument }): Promise<{ errors: string[] }>;
  /** The distinct agents that can take a call of this target now, at most `limit`, by name and then id. */
  listCandidates(request: RunRef & { target: CallTarget; limit: number }): Promise<CandidateAgent[]>;
  /** What agents of this target declare to take in. */
  contextRoom(request: RunRef & { target: CallTarget }): Promise<ContextRoom>;
  /** The calls among `keys` that have finished. */
  findOutcomes(request: RunRef & { keys: string[] }): Promise<CallResult[]>;
  /** Nobody waits any longer for these calls, whose agents were to answer later: they are recorded as they stand. */
  withdrawCalls(request: RunRef & { keys: string[] }): Promise<void>;
  /** The place has ended: what it did not use of its lease goes back. Repeats change nothing. */
  closeBudget(request: RunRef & { place: string }): Promise<void>;
  /** A person allowed more, with its event. Repeats change nothing. */
  raiseBudget(request: RunRef & BudgetRaise): Promise<RaisedBudget>;
  /** Ends the run: result, usage (summed from the journal), last events, in one transaction. Repeats change nothing. */
  finishRun(end: RunRef & RunEnd & { output: Value; events: NewRunEvent[] }): Promise<void>;
}

/** How an item ended; `output` is the best so far when it did not complete. */
export interface EndedItem {
  index: number;
  status: TerminalStatus;
  terminationReason: TerminationReason;
  output: Value;
  error?: RunError;
  degraded: boolean;
  warnings: string[];
}

/** Local activities of bulk runs. */
export interface BulkActivities {
  /**
   * In one transaction: records items that ended, with one `bulk.progress` of the bulk run, and takes the next ones of
   * the shard from index `next` on, at most `limit` and 128 KiB of input. Repeats change nothing and take the same.
   */
  exchangeItems(
    request: BulkShard & { orgId: string; bulkRunId: string; shard: number; ended: EndedItem[] } & {
      next: number;
      limit: number;
    },
  ): Promise<{ taken: { index: number; input: Value }[]; counts: BulkCounts }>;
  /** Ends every item, its run and every shard that is still open; gives the counts of all items. Repeats change nothing. */
  closeItems(request: RunRef & { status: TerminalStatus; terminationReason: TerminationReason }): Promise<BulkCounts>;
}
export const CORE_QUEUE = 'brikk-core';
export const runWorkflowId = ({ orgId, runId }: RunRef): string => `org_${orgId}/${runId}`;
