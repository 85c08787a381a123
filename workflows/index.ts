import type { BulkCatalog, WorkflowCatalog } from '../contracts/run-workflow.js';
import type { DiscoveryCatalog } from '../contracts/agent-discovery.js';
import type { ItemRunCatalog } from '../contracts/item-runs.js';
import type { ConnectionCatalog } from '../contracts/connection-tasks.js';
import type { DetachedCatalog } from '../contracts/detached-process.js';
import { discoverAgent } from './agents/discover-agent.js';
import { runBulk } from './bulk/run-bulk.js';
import { itemStart } from './bulk/run-item.js';
import { runShard } from './bulk/run-shard.js';
import { authorizeConnection, testConnection } from './connections/connection-tasks.js';
import { runPattern } from './lib/run-pattern.js';
import { adaptive as adaptivePattern } from './patterns/adaptive.pattern.js';
import { agent as agentPattern } from './patterns/agent.pattern.js';
import { blackboard as blackboardPattern } from './patterns/blackboard.pattern.js';
import { concurrent as concurrentPattern } from './patterns/concurrent.pattern.js';
import { groupChat as groupChatPattern } from './patterns/group-chat.pattern.js';
import { handoff as handoffPattern } from './patterns/handoff.pattern.js';
import { hierarchy as hierarchyPattern } from './patterns/hierarchy.pattern.js';
import { consensus as consensusPattern } from './patterns/consensus.pattern.js';
import { runDetached } from './language/detached-process.js';
import { workflow as workflowPattern } from './language/interpreter/interpret.pattern.js';
import { market as marketPattern } from './patterns/market.pattern.js';
import { plan as planPattern } from './patterns/plan.pattern.js';
import { sequential as sequentialPattern } from './patterns/sequential.pattern.js';
import { workers as workersPattern } from './patterns/workers.pattern.js';

const patterns = {
  agent: agentPattern,
  blackboard: blackboardPattern,
  sequential: sequentialPattern,
  concurrent: concurrentPattern,
  market: marketPattern,
  handoff: handoffPattern,
  consensus: consensusPattern,
  groupChat: groupChatPattern,
  workers: workersPattern,
  plan: planPattern,
  hierarchy: hierarchyPattern,
  adaptive: adaptivePattern,
} as const;

/** One agent call. */
export const agent: WorkflowCatalog['agent'] = (input) => runPattern(input, agentPattern, patterns);

/** Sources that act on a shared board when it has something for them, until the goal, quiescence or a limit. */
export const blackboard: WorkflowCatalog['blackboard'] = (input) => runPattern(input, blackboardPattern, patterns);

/** Steps one after another, each with the output of the one before. */
export const sequential: WorkflowCatalog['sequential'] = (input) => runPattern(input, sequentialPattern, patterns);

/** Agents bid for a task; the best offer wins, does it, and is held to what it promised. */
export const market: WorkflowCatalog['market'] = (input) => runPattern(input, marketPattern, patterns);

/** Branches side by side, until the completion rule is met or can no longer be met. */
export const concurrent: WorkflowCatalog['concurrent'] = (input) => runPattern(input, concurrentPattern, patterns);

/** The work goes from hand to hand until its holder answers with an output. */
export const handoff: WorkflowCatalog['handoff'] = (input) => runPattern(input, handoffPattern, patterns);
/** Voters deliberate in rounds, until they agree, nobody changes the vote, or the rounds are over. */
export const consensus: WorkflowCatalog['consensus'] = (input) => runPattern(input, consensusPattern, patterns);

/** Participants speak one after another until it is enough; or one makes and others check. */
export const groupChat: WorkflowCatalog['groupChat'] = (input) => runPattern(input, groupChatPattern, patterns);

/** Items, given or planned by an agent, each done by a worker; those of one key in their order. */
export const workers: WorkflowCatalog['workers'] = (input) => runPattern(input, workersPattern, patterns);

/** A planner's graph of tasks, run as dependencies complete, planned anew when tasks fail. */
export const plan: WorkflowCatalog['plan'] = (input) => runPattern(input, planPattern, patterns);

/** One of several ways to do the task, chosen as it runs. */
export const adaptive: WorkflowCatalog['adaptive'] = (input) => runPattern(input, adaptivePattern, patterns);

/** Managers that hand out work to workers and teams, judge what fails, and report up. */
export const hierarchy: WorkflowCatalog['hierarchy'] = (input) => runPattern(input, hierarchyPattern, patterns);

/** What a definition says, task by task. */
export const workflow: WorkflowCatalog['workflow'] = (input) => runPattern(input, workflowPattern, patterns);
/** One pattern for each of many inputs: starts its shards, as many at once as its items may be under way. */
export const bulk: BulkCatalog['bulk'] = (input) => runBulk(input, patterns);

/** A part of a bulk run's items. */
export const bulkShard: BulkCatalog['bulkShard'] = (input) => runShard(input, patterns);

/** One of them that follows a definition. */
export const bulkItem: ItemRunCatalog['bulkItem'] = async (input) =>
  runPattern(await itemStart(input), workflowPattern, patterns);

/** Whether a connection works. */
export const connectionTest: ConnectionCatalog['connectionTest'] = (task) => testConnection(task);

/** Tokens for what a person has agreed to. */
export const connectionAuthorization: ConnectionCatalog['connectionAuthorization'] = (task) =>
  authorizeConnection(task);

/** What a server says it can do. */
export const agentDiscovery: DiscoveryCatalog['agentDiscovery'] = (task) => discoverAgent(task);

/** A process that a run of a definition has started and does not wait for. */
export const detachedProcess: DetachedCatalog['detachedProcess'] = (call) => runDetached(call);
