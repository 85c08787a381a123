import type { AgentActivities } from '../contracts/run-workflow.js';
import type { WorkerSinks } from '../contracts/worker-sinks.js';
import { Ejections } from '../selection/ejections.js';
import { askSkill } from './a2a-agents.js';
import { AgentHistories } from './agent-histories.js';
import type { AgentConnector } from './attempt.js';
import { beating } from './beat.js';
import { callAgents } from './call-agents.js';
import { BudgetDesk, DEFAULT_ESTIMATE, type UsageEstimate } from './budget-desk.js';
import type { CallRoom } from './call-terms.js';
import { CallPace } from './call-pace.js';
import { CallStats } from './call-stats.js';
import { CandidateDirectory } from './candidate-directory.js';
import type {
  ActivityLog,
  AgentRegistry,
  Budgets,
  Callbacks,
  CallJournal,
  Consolidation,
  Leases,
  Payloads,
  PendingCalls,
  Quotas,
  RunEvents,
  ClientCertificates,
  SigningSecrets,
  WaitingCalls,
} from './dependencies.js';
import { InstanceBreakers } from './instance-breakers.js';
import { InstanceSlots } from './instance-slots.js';
import { LeaseDesk } from './lease-desk.js';
import { LlmAgents, type LlmOptions } from './llm-agents.js';
import { askTool } from './mcp-agents.js';
import { namingFailures } from './naming-failures.js';
import { OrgShares } from './org-shares.js';
import { withinShare } from './within-share.js';
import { QuotaDesk } from './quota-desk.js';
import { RemoteAgents, type RemoteOptions, type RemoteRecord } from './remote-agents.js';
import { toolRoom } from './tool-room.js';

export interface AgentActivityOptions {
  registry: AgentRegistry;
  journal: CallJournal;
  events: RunEvents;
  payloads: Payloads;
  budgets: Budgets;
  leases: Leases;
  quotas: Quotas;
  consolidation: Consolidation;
  pending: PendingCalls;
  /** Undefined: agents cannot answer later. */
  callbacks?: Callbacks;
  /** Of a call about whose agent nothing is known. */
  estimate?: UsageEstimate;
  connector: AgentConnector;
  signing: SigningSecrets;
  certificates: ClientCertificates;
  /** Undefined: no agents are models. */
  llm?: LlmOptions;
  /** Undefined: no agents are those of servers. */
  remote?: RemoteOptions & { record: RemoteRecord };
  log: ActivityLog;
  random?: () => number;
  unreachablePatienceMs?: number;
  /** Batches that the worker makes at once, which organisations share; undefined: whoever comes is served. */
  places?: number;
}

/** Longer than a heartbeat of an agent, so that it can register again after an outage in which its lease ended. */
const UNREACHABLE_PATIENCE_MS = 20_000;

interface OwnParts {
  /** Reads who can take calls of the target, ahead of calls that are on their way. */
  expect: WorkerSinks['agents']['expect'];
  /** Calls that wait for a slot now. */
  waiting: () => WaitingCalls[];
  /** Writes the statistics that are still in hand. */
  close: () => Promise<void>;
}

/** The agent activities of one worker, and what belongs to them. */
export function createAgentActivities(options: AgentActivityOptions): AgentActivities & OwnParts {
  const { registry, log } = options;
  const slots = new InstanceSlots();
  const ejections = new Ejections();
  const random = options.random ?? Math.random;
  const histories = new AgentHistories(registry);
  const room: CallRoom = {
    ...options,
    slots,
    ejections,
    histories,
    budgets: new BudgetDesk(options.budgets, histories, options.estimate ?? DEFAULT_ESTIMATE),
    leases: new LeaseDesk(options.leases),
    quotas: new QuotaDesk(options.quotas),
    pace: new CallPace(),
    directory: new CandidateDirectory(registry, slots, ejections, random),
    breakers: new InstanceBreakers(registry, log, ejections),
    stats: new CallStats(registry, log),
    random,
    unreachablePatienceMs: options.unreachablePatienceMs ?? UNREACHABLE_PATIENCE_MS,
  };
  const { llm, remote } = options;
  room.others = {
    ...(llm && { llm: new LlmAgents(llm, toolRoom(room)) }),
    ...(remote && { mcp: new RemoteAgents(remote, askTool), a2a: new RemoteAgents(remote, askSkill) }),
  };
  const shares = options.places === undefined ? undefined : new OrgShares(options.places);
  const activities = namingFailures<AgentActivities>({
    callAgents: (batch) => beating(() => (shares ? withinShare(room, shares, batch) : callAgents(room, batch))),
  });
  return {
    ...activities,
    expect: (orgId, target) => room.directory.expect(orgId, target),
    waiting: () => room.directory.waiting(),
    close: () => room.stats.flush(),
  };
}
