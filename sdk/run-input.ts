import type { z } from 'zod';
import type { approvalGateSchema, approvalTermsShape } from '../contracts/approvals.js';
import type { AgentTask, CallOptions, retrySchema, timeoutSchema, distributionSchema } from '../contracts/calls.js';
import type { Budget } from '../contracts/budget.js';
import type { Fallback, Gate, Judge } from '../contracts/care.js';
import type { ContextTerms } from '../contracts/context.js';
import type { durationSchema } from '../contracts/durations.js';
import type { Definition } from '../contracts/definition.js';
import type { Json, SchemaDocument } from '../contracts/json.js';
import type { AdaptiveOption, AdaptiveParams } from '../contracts/adaptive.js';
import type { AgentParams } from '../contracts/agent-pattern.js';
import type { BlackboardParams, Cleaner, Consensus, Decider, SourceExtras } from '../contracts/blackboard.js';
import type { aggregateSchema, completionSchema, ConcurrentParams } from '../contracts/concurrent.js';
import type { GroupChatParams, MakerChecker } from '../contracts/group-chat.js';
import type { HandoffParams } from '../contracts/handoff.js';
import type { Member } from '../contracts/members.js';
import type { AppendParams, GetParams, PutParams, SearchParams } from '../contracts/memory-tasks.js';
import type { ConsensusParams } from '../contracts/consensus.js';
import type { MarketParams } from '../contracts/market.js';
import type { HierarchyParams, Manager, MemberExtras } from '../contracts/hierarchy.js';
import type { planApprovalSchema, Planner, PlanParams } from '../contracts/plan.js';
import type { Recall } from '../contracts/recall.js';
import type { Priority } from '../contracts/priority.js';
import type { SequentialParams, StepExtras } from '../contracts/sequential.js';
import type { WorkersParams } from '../contracts/workers.js';

/** ISO 8601 such as `PT30S`, or its parts as numbers: `{ seconds: 30 }`. */
export type Duration = z.input<typeof durationSchema>;

/** What may be used: amounts as in `Budget`, the time as a duration. */
export type BudgetInput = Partial<Omit<Budget, 'wallClockMs' | 'approval'>> & {
  wallClock?: Duration;
  /** Who is asked for more, with `onExceeded: 'approval'`. */
  approval?: Omit<z.input<z.ZodObject<typeof approvalTermsShape>>, 'schema'>;
};

type GateInput = Partial<Pick<Gate, 'name' | 'message' | 'onFail' | 'maxRetries'>> &
  ({ schema: SchemaDocument } | { rule: string } | { judge: Judge });

type RecallInput = Partial<Recall>;

/** Options as a caller writes them: durations in ISO 8601 or as objects, defaults left out. */
type Written<Options extends CallOptions> = Omit<
  Options,
  'distribution' | 'timeout' | 'retry' | 'budget' | 'hedge' | 'gates' | 'context' | 'approval'
> & {
  context?: (Pick<ContextTerms, 'pass'> | { recall: RecallInput }) &
    Partial<Omit<ContextTerms, 'recall'>> & { recall?: RecallInput };
  /** `p95`, or a duration. */
  hedge?: { after: Duration; max?: number };
  gates?: GateInput[];
  budget?: BudgetInput;
  distribution?: z.input<typeof distributionSchema>;
  timeout?: z.input<typeof timeoutSchema>;
  retry?: z.input<typeof retrySchema>;
} & ('approval' extends keyof Options ? { approval?: ApprovalGateInput } : unknown);
type ApprovalGateInput = z.input<typeof approvalGateSchema>;

export type AgentInput = Written<Omit<AgentParams, 'onFailure'>> & {
  onFailure?: AgentParams['onFailure'] | 'approval';
};
type NestedInput = PatternInput & {
  input?: Json;
  approval?: ApprovalGateInput;
  fallback?: Fallback[];
  gates?: GateInput[];
};
/** A task of shared memory as a caller writes it. */
type MemoryTaskInput = { input?: Json } & (
  | { call: 'memory.get'; with: Defaulted<GetParams> }
  | { call: 'memory.put'; with: Defaulted<PutParams> }
  | { call: 'memory.append'; with: Defaulted<AppendParams> }
  | { call: 'memory.search'; with: SearchParams }
);
type Defaulted<Params extends { scope: unknown }> = Omit<Params, 'scope' | 'ttlMs'> &
  Partial<Pick<Params, 'scope'>> &
  ('ttlMs' extends keyof Params ? { ttl?: Duration } : unknown);
type TaskInput = Written<AgentTask> | NestedInput;
type StepInput = (TaskInput | MemoryTaskInput) &
  Omit<StepExtras, 'compensate'> & { compensate?: Written<Omit<AgentTask, 'outputSchema' | 'approval'>> };
type BranchInput = (TaskInput | MemoryTaskInput) & { name?: string };

export type SequentialInput = Written<Partial<Omit<SequentialParams, 'steps' | 'onFailure'>>> & {
  steps: StepInput[];
  onFailure?: SequentialParams['onFailure'] | 'approval';
};
export type ConcurrentInput = Written<
  Partial<Omit<ConcurrentParams, 'branches' | 'branch' | 'completion' | 'aggregate'>>
> & {
  branches?: BranchInput[];
  branch?: BranchInput;
  completion?: z.input<typeof completionSchema>;
  aggregate?: z.input<typeof aggregateSchema>;
};
type MemberInput = Written<Omit<Member, 'name'>> & { name?: string };

export type HandoffInput = Written<Partial<Omit<HandoffParams, 'targets'>>> & {
  targets: Omit<MemberInput, 'outputSchema'>[];
};
export type WorkersInput = Written<Partial<Omit<WorkersParams, 'plan' | 'worker' | 'synthesize'>>> & {
  plan?: Written<AgentTask>;
  worker: TaskInput;
  synthesize?: Written<Extract<WorkersParams['synthesize'], CallOptions>> | z.input<typeof aggregateSchema>;
};
export type ConsensusInput = Written<Partial<ConsensusParams>> & Pick<ConsensusParams, 'voters'>;
export type GroupChatInput = Written<Omit<GroupChatParams, 'participants' | 'makerChecker'>> & {
  participants?: MemberInput[];
  makerChecker?: Partial<Omit<MakerChecker, 'maker' | 'checkers'>> & { maker: MemberInput; checkers: MemberInput[] };
};
type SourceInput = TaskInput & Partial<Omit<SourceExtras, 'cooldownMs'>> & { cooldown?: Duration };
export type BlackboardInput = Written<
  Partial<Omit<BlackboardParams, 'board' | 'sources' | 'control' | 'conflict' | 'cleaner' | 'until'>>
> & {
  board?: Partial<BlackboardParams['board']>;
  sources: SourceInput[];
  control?: 'priority' | 'highestValue' | 'round-robin' | Written<Decider>;
  conflict?: 'reject' | 'lastWriter' | 'highestConfidence' | 'keepBoth' | Written<Decider>;
  until?: string | Consensus;
  cleaner?: Written<Decider> & Partial<Pick<Cleaner, 'every' | 'when'>>;
};
export type MarketInput = Written<Partial<Omit<MarketParams, 'task' | 'aggregate' | 'bidDeadlineMs' | 'award'>>> & {
  task: Written<AgentTask>;
  aggregate?: Written<AgentTask>;
  bidDeadline?: z.input<typeof durationSchema>;
  award?: Partial<MarketParams['award']>;
};
export type PlanInput = Written<Partial<Omit<PlanParams, 'planner' | 'approval' | 'prioritise'>>> &
  Pick<PlanParams, 'goal' | 'allow'> & {
    planner: Written<Planner>;
    prioritise?: Written<Planner>;
    approval?: z.input<typeof planApprovalSchema>;
  };
export type AdaptiveInput = Written<Partial<Omit<AdaptiveParams, 'candidates'>>> & {
  candidates: (TaskInput & Pick<AdaptiveOption, 'name' | 'when'>)[];
};
type TeamMemberInput = Partial<MemberExtras> &
  Pick<MemberExtras, 'name'> &
  (TaskInput | { team: TeamInput; input?: Json });
interface TeamInput {
  manager?: Written<Manager>;
  members?: TeamMemberInput[];
}
export type HierarchyInput = Written<Partial<Omit<HierarchyParams, 'manager' | 'tree'>>> & {
  manager?: Written<Manager>;
  tree?: TeamInput;
};
export type PatternInput =
  | { pattern: 'agent'; with: AgentInput }
  | { pattern: 'adaptive'; with: AdaptiveInput }
  | { pattern: 'blackboard'; with: BlackboardInput }
  | { pattern: 'sequential'; with: SequentialInput }
  | { pattern: 'concurrent'; with: ConcurrentInput }
  | { pattern: 'market'; with: MarketInput }
  | { pattern: 'handoff'; with: HandoffInput }
  | { pattern: 'workers'; with: WorkersInput }
  | { pattern: 'consensus'; with: ConsensusInput }
  | { pattern: 'groupChat'; with: GroupChatInput }
  | { pattern: 'plan'; with: PlanInput }
  | { pattern: 'hierarchy'; with: HierarchyInput };

/** What every start may say beside what runs. */
export interface RunFields {
  deadlineMs?: number;
  priority?: Priority;
  labels?: Record<string, string>;
  correlationId?: string;
}

/** A definition in place, or a published one: `namespace/name:version`, without a version the newest. */
export type WorkflowInput = { definition: Definition | { [key: string]: Json } } | { workflow: string };

/** The body of `POST /v1/runs`: a pattern, a workflow definition, or the name of a published one. */
export type StartRunInput = (PatternInput | WorkflowInput) & RunFields & { input?: Json; budget?: BudgetInput };

/** The body of `POST /v1/runs/bulk`; a workflow has a budget of its own. */
export type StartBulkInput = ((PatternInput & { budget?: BudgetInput }) | WorkflowInput) &
  RunFields & { inputs: Json[]; maxConcurrency?: number };
