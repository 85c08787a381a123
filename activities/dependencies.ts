import type { ClientCertificate } from '../connectors/lib/client-certificates.js';
import type { BudgetRaise, BudgetRefusal, BudgetRequest, RaisedBudget } from '../contracts/budget-ledger.js';
import type { AgentHistory, CallStat, BreakerTransition, Candidate, DeclaredRoom } from '../contracts/candidates.js';
import type { DiscoveryTask } from '../contracts/agent-discovery.js';
import type { ConnectionAuth } from '../contracts/connection-auth.js';
import type { Connection } from '../contracts/connections.js';
import type {
  AskForTokens,
  Claim,
  EffectEnd,
  TriedUrl,
  EffectRequest,
  Entry,
  HeldToken,
} from '../contracts/connector-effects.js';
import type { ConsolidatedRequest, ConsolidatedStanding } from '../contracts/consolidation.js';
import type { CloudEvent } from '../contracts/event-bus.js';
import type { NewRunEvent } from '../contracts/events.js';
import type { Json } from '../contracts/json.js';
import type { AnsweredAttempt, CallProgress, WaitingCall } from '../contracts/later-answers.js';
import type { AppendMemory, MemoryAddress, MemoryHit, PutMemory, SearchMemory } from '../contracts/memory.js';
import type { RecallRequest } from '../contracts/memory-activities.js';
import type { LeaseAnswer, LeaseRequest } from '../contracts/needs.js';
import type { ProviderName } from '../contracts/providers.js';
import type { QuotaGrant } from '../contracts/quotas.js';
import type { Lessons } from '../contracts/selection.js';
import type { PastPlan } from '../contracts/past-plans.js';
import type { ChildActivities } from '../contracts/child-runs.js';
import type { ApprovalActivities } from '../contracts/approval-activities.js';
import type { CallTarget, FinishedCall, RunActivities } from '../contracts/run-workflow.js';
import type { RunRef, Value } from '../contracts/values.js';

/** A finished call as the journal keeps it. */
export type JournalRow = FinishedCall & {
  path: string;
  role?: string;
  round?: number;
  /** What was asked for, of a call that failed. */
  capability?: string;
  startedAt: Date;
  /** What it held of budgets is settled with it. */
  hasReserved?: boolean;
  /** What it holds or waits for of resources is free with it. */
  hasAsked?: boolean;
};

/** The ledger of finished calls. What is written to one run, here or as an event, keeps its order. */
export interface CallJournal {
  outcomes(orgId: string, runId: string, keys: string[]): Promise<Map<string, FinishedCall>>;
  /**
   * Durable when resolved; gives the stored row when the key is already there. `isHeld`: somebody had asked the run to
   * pause or to cancel.
   */
  record(orgId: string, runId: string, row: JournalRow): Promise<{ call: FinishedCall; isHeld: boolean }>;
}

/** Calls that agents have taken to answer later. */
export interface PendingCalls {
  /** Durable when resolved; gives the answer when that was faster. A repeat changes nothing. */
  open(run: RunRef, call: { key: string; progress: CallProgress; event: NewRunEvent }): Promise<WaitingCall>;
  /** Those among `keys` that are or were to be answered later. */
  find(run: RunRef, keys: string[]): Promise<Map<string, WaitingCall>>;
}

/** Where agents post answers that come later. */
export interface Callbacks {
  /** Once before the first URL for an organisation; undefined when there is nothing to wait for. */
  prepare(orgId: string): Promise<void> | undefined;
  /** Undefined when there is none for this organisation. */
  urlFor(attempt: AnsweredAttempt): string | undefined;
}

/** What requests to agents are signed with. */
export interface SigningSecrets {
  /** From what is kept for the agent. Fails `agent.permanent` when it does not open. */
  open(orgId: string, agentId: string, kept: string): string | Promise<string>;
}

/** What is shown to agents that ask who calls. */
export interface ClientCertificates {
  /** That of a connection. Fails `connection.not_found` and `connection.not_usable`. */
  of(orgId: string, connection: string): Promise<ClientCertificate>;
}

export interface RunEvents {
  /** Durable when resolved, after waiting at most `withinMs` for company; keys that exist are left as they are. */
  append(orgId: string, runId: string, events: NewRunEvent[], withinMs?: number): Promise<void>;
}

export interface AgentRegistry {
  findCandidates(orgId: string, target: CallTarget): Promise<Candidate[]>;
  readContextRoom(orgId: string, target: CallTarget): Promise<DeclaredRoom>;
  /** What selection has learned of the agents of a capability. */
  readLessons(orgId: string, capability: string): Promise<Lessons>;
  /** Whether an agent of this name or capability is registered, alive or not. */
  isKnown(orgId: string, target: CallTarget): Promise<boolean>;
  recordCallStats(stats: CallStat[]): Promise<void>;
  readHistory(orgId: string, agentId: string, capability: string): Promise<AgentHistory>;
  /** Whether this caller made the transition. */
  recordBreaker(transition: BreakerTransition): Promise<boolean>;
}

/** Calls of one target that wait in this worker; `agent` or `capability` is empty where they name none. */
export interface WaitingCalls {
  orgId: string;
  agent: string;
  capability: string;
  waiting: number;
}

/** The ledgers of budgets; only calls that are under one come here. */
export interface Budgets {
  /** For each attempt the budget that does not cover it; undefined: it is reserved. A repeat of a call takes nothing more. */
  reserve(orgId: string, runId: string, requests: BudgetRequest[]): Promise<(BudgetRefusal | undefined)[]>;
  close(orgId: string, runId: string, place: string): Promise<void>;
  raise(orgId: string, runId: string, raise: BudgetRaise): Promise<RaisedBudget>;
}

/** What organisations may use in a window. */
export interface Quotas {
  /** Counts so many attempts, as far as they are covered; undefined where the organisation has no quota. */
  take(orgId: string, asked: number): Promise<QuotaGrant | undefined>;
}

/** Leases of resources; only calls that need some come here. */
export interface Leases {
  /** In their order. A call that asks again keeps what it holds and its place in the queue. */
  ask(orgId: string, requests: LeaseRequest[]): Promise<LeaseAnswer[]>;
}

/** Calls that are sent once with their equals; only those that are to be come here. */
export interface Consolidation {
  join(orgId: string, request: ConsolidatedRequest): Promise<ConsolidatedStanding>;
}

export interface Payloads {
  store(orgId: string, runId: string, json: Json): Promise<{ ref: string; bytes: number; length?: number }>;
  materialise(orgId: string, value: Value): Promise<Json>;
}

/** Writes of shared memory inside one transaction. Both fail with BrikkErrors `memory.…` and `run.not_found`. */
export interface MemoryWrites {
  put(address: MemoryAddress, change: PutMemory): Promise<{ version: number }>;
  append(address: MemoryAddress, change: AppendMemory): Promise<{ version: number }>;
}

/** Entries in the order asked for, each `{scope, scopeId?, key, version, value}`. */
export interface RecalledEntries {
  kept: { key: string; version: number; value: Json }[];
  left: { value: Json }[];
  /** All that did not fit. */
  omitted: number;
}

export interface SharedMemory {
  /** Undefined when there is none, or no such run. */
  read(orgId: string, address: MemoryAddress): Promise<{ value: Json; version: number } | undefined>;
  /** Does the work once for an operation of a run and keeps its outcome in the same transaction. */
  once<Outcome>(
    operation: RunRef & { operation: string },
    work: (write: MemoryWrites) => Promise<Outcome>,
  ): Promise<Outcome>;
  search(orgId: string, search: SearchMemory): Promise<MemoryHit[]>;
  recall(orgId: string, request: RecallRequest): Promise<RecalledEntries>;
}

/** For what secrets are read: a call of a run, or a server that is asked what it can do. */
export type SecretUse = (RunRef & { path: string }) | Pick<DiscoveryTask, 'orgId' | 'by'>;

/** Secrets of the organisation, for what goes out alone; each reading is on record. */
export interface SecretReader {
  /** Those that there are, by name. */
  open(use: SecretUse, names: string[]): Promise<Map<string, Json>>;
}

/** Connections of the organisation; each use of a credential is on record. */
export interface Connections {
  /** Fails `connection.not_found` and `connection.not_usable`. */
  find(orgId: string, wanted: { provider: ProviderName; name?: string }): Promise<Connection>;
  /** Fails `connection.not_found`. */
  load(orgId: string, id: string): Promise<Connection>;
  /**
   * Whether a call may go out now: as the line of those that wait, its limits and its circuit breaker say. What was finished
   * may always come back.
   */
  enter(ref: RunRef, connection: Connection, effect: EffectRequest): Promise<Entry>;
  /** A call that does not go out: it comes back after `waitMs`, and is shown among those that wait; without it, never. */
  putOff(ref: RunRef, connection: Connection, effect: Pick<EffectRequest, 'callKey'>, waitMs?: number): Promise<void>;
  /** What came of a call that went out, and where it went. */
  leave(
    orgId: string,
    connection: Connection,
    entry: Entry & { isOpen: true },
    end: { isFailure: boolean; tried: TriedUrl[] },
  ): Promise<void>;
  /** A token that the authority gave; one caller of all workers asks for it. */
  token(orgId: string, connection: Connection, ask: AskForTokens): Promise<HeldToken>;
  /** The system refused it: the next one is a new one. */
  forgetToken(orgId: string, connection: Connection, token: HeldToken): Promise<void>;
  /** The effect on record, before its credential is opened. Fails `connector.conflict`. */
  claim(ref: RunRef & { path: string }, connection: Connection, effect: EffectRequest): Promise<Claim>;
  /** For a test call, by whom. */
  open(orgId: string, connection: Connection, by: { id: string; requestId: string }): Promise<ConnectionAuth>;
  /**
   * Tokens for an agreement, which is taken once, as a new credential of its connection. Fails `oauth.state_invalid`, and as
   * `ask` does.
   */
  authorize(orgId: string, stateHash: string, ask: AskForTokens): Promise<Connection>;
  /** What came of a send; one that is tried again waits until then. */
  end(
    ref: RunRef,
    connection: Connection,
    effect: Pick<EffectRequest, 'key' | 'callKey'>,
    end: EffectEnd,
  ): Promise<void>;
  /** The effect is left to what stands in for the connection, also by calls to come; false: another call has it. Fails `connector.conflict`. */
  replace(ref: RunRef, connection: Connection, effect: EffectRequest): Promise<boolean>;
  /** The system refused the credential of this version, and took the one before it. */
  fellBack(ref: RunRef & { path: string }, connection: Connection, reason: string): Promise<void>;
  /** The system does not take the credential of this version any more. */
  refuse(orgId: string, connection: Connection, reason: string): Promise<void>;
}

/** Plans that earlier runs have made, the most similar to the goal first. */
export type FindSimilarPlans = (orgId: string, goal: string, limit: number) => Promise<PastPlan[]>;

/** What ends a run in Postgres: one transaction, repeats change nothing. */
export type FinishRun = RunActivities['finishRun'];

/** Questions to persons in Postgres; both may be repeated. */
export interface Approvals {
  open: ApprovalActivities['openApproval'];
  close: ApprovalActivities['closeApproval'];
}

/** Runs below runs. */
export interface ChildRuns {
  open: ChildActivities['openChild'];
  read: ChildActivities['readChild'];
}

/** Channels inside of the installation: events of a type. */
export interface MessageChannels {
  /** On record with its deliveries; the same again changes nothing. */
  publish(run: RunRef, event: CloudEvent): Promise<unknown>;
  /** From now on the run hears events of the type. */
  subscribe(run: RunRef, type: string): Promise<unknown>;
}

/** Where the activities say what nobody else sees; never payloads. */
export interface ActivityLog {
  warn(fields: Record<string, unknown>, message: string): void;
}
