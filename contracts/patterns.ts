import type { z } from 'zod';
import { type AdaptiveParams, adaptiveParamsSchema } from './adaptive.js';
import { type AgentParams, agentParamsSchema } from './agent-pattern.js';
import { type BlackboardParams, blackboardParamsSchema } from './blackboard.js';
import { type ConcurrentParams, concurrentParamsSchema } from './concurrent.js';
import { type GroupChatParams, groupChatParamsSchema } from './group-chat.js';
import { type HierarchyParams, hierarchyParamsSchema } from './hierarchy.js';
import { type HandoffParams, handoffParamsSchema } from './handoff.js';
import { type MarketParams, marketParamsSchema } from './market.js';
import { type PlanParams, planParamsSchema } from './plan.js';
import { type SequentialParams, sequentialParamsSchema } from './sequential.js';
import { type StepSchema, taskSchemaOver } from './tasks.js';
import { type WorkersParams, workersParamsSchema } from './workers.js';
import { type ConsensusParams, consensusParamsSchema } from './consensus.js';

export const PATTERNS = [
  'agent',
  'sequential',
  'concurrent',
  'market',
  'handoff',
  'consensus',
  'groupChat',
  'workers',
  'blackboard',
  'plan',
  'hierarchy',
  'adaptive',
] as const;
/** The patterns of the catalogue. */
export type PatternName = (typeof PATTERNS)[number];
/** What a run does: a pattern of the catalogue, or what a definition says. */
export type RunKind = PatternName | 'workflow';

export interface PatternParams {
  agent: AgentParams;
  blackboard: BlackboardParams;
  sequential: SequentialParams;
  concurrent: ConcurrentParams;
  market: MarketParams;
  handoff: HandoffParams;
  consensus: ConsensusParams;
  groupChat: GroupChatParams;
  workers: WorkersParams;
  plan: PlanParams;
  hierarchy: HierarchyParams;
  adaptive: AdaptiveParams;
}

const taskSchema = taskSchemaOver(PATTERNS, (name) => PATTERN_PARAMS[name]);
const stepSchema = taskSchemaOver(PATTERNS, (name) => PATTERN_PARAMS[name], true) as StepSchema;

/** The parameter schema of each pattern. */
export const PATTERN_PARAMS: { [Name in PatternName]: z.ZodType<PatternParams[Name]> } = {
  agent: agentParamsSchema,
  blackboard: blackboardParamsSchema(stepSchema),
  sequential: sequentialParamsSchema(stepSchema),
  concurrent: concurrentParamsSchema(stepSchema),
  market: marketParamsSchema,
  handoff: handoffParamsSchema,
  consensus: consensusParamsSchema,
  groupChat: groupChatParamsSchema,
  workers: workersParamsSchema(stepSchema),
  plan: planParamsSchema,
  hierarchy: hierarchyParamsSchema(taskSchema),
  adaptive: adaptiveParamsSchema(taskSchema),
};
