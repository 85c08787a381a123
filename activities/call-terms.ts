import type { Candidate } from '../contracts/candidates.js';
import type { BrikkError } from '../contracts/errors.js';
import type { AgentCall, CallBatch } from '../contracts/run-workflow.js';
import type { CallError } from '../contracts/runs.js';
import type { Ejections } from '../selection/ejections.js';
import type { AgentHistories } from './agent-histories.js';
import type { BudgetDesk } from './budget-desk.js';
import { BudgetRefused } from './budget-refused.js';
import type { LeaseDesk } from './lease-desk.js';
import type { CandidateDirectory } from './candidate-directory.js';
import type {
  Callbacks,
  CallJournal,
  ClientCertificates,
  Consolidation,
  Payloads,
  PendingCalls,
  RunEvents,
  SigningSecrets,
  AgentRegistry,
} from './dependencies.js';
import type { InstanceBreakers } from './instance-breakers.js';
import type { InstanceSlots } from './instance-slots.js';
import type { CallPace } from './call-pace.js';
import type { QuotaDesk } from './quota-desk.js';
import type { CallStats } from './call-stats.js';
import type { AgentConnector, OtherAgents } from './attempt.js';

/** What all calls of a worker share. */
export interface CallRoom {
  directory: CandidateDirectory;
  pace: CallPace;
  slots: InstanceSlots;
  breakers: InstanceBreakers;
  ejections: Pick<Ejections, 'among'>;
  stats: CallStats;
  registry: Pick<AgentRegistry, 'isKnown'>;
  connector: AgentConnector;
  signing: SigningSecrets;
  certificates: ClientCertificates;
  /** Those of other protocols, by protocol. */
  others?: Partial<Record<NonNullable<Candidate['protocol']>, OtherAgents>>;
  payloads: Payloads;
  events: RunEvents;
  journal: CallJournal;
  pending: PendingCalls;
  /** Undefined: agents cannot answer later. */
  callbacks?: Callbacks;
  histories: AgentHistories;
  budgets: Pick<BudgetDesk, 'reserve' | 'estimate'>;
  consolidation: Consolidation;
  leases: Pick<LeaseDesk, 'ask' | 'wait' | 'freed'>;
  quotas: Pick<QuotaDesk, 'take'>;
  random: () => number;
  /** How long a call waits for the known agents of its target while none of them can be reached. */
  unreachablePatienceMs: number;
}

/** One call and how it may end early. */
export interface CallTerms {
  batch: Omit<CallBatch, 'terms' | 'calls' | 'events'>;
  call: AgentCall;
  signal: AbortSignal;
  /** Whether the run wants the call canceled; otherwise an aborted signal means that this worker has to give it up. */
  cancelRequested: () => boolean;
  /** Calls of the batch that do not wait for resources; where some need any. */
  company?: { working: number };
  /** Of a tool of a model: how many models are above it. */
  depth?: number;
}

export function errorOf(error: BrikkError): CallError {
  const { code, message, retryable } = error;
  if (!(error instanceof BudgetRefused)) return { code, message, retryable };
  const { place, limit } = error.refusal;
  return { code, message, retryable, budget: { place: `/${place}`, limit } };
}
