import type { WorkflowCatalog } from '../contracts/run-workflow.js';
import { runPattern } from './lib/run-pattern.js';
import { agent as agentPattern } from './patterns/agent.pattern.js';
import { concurrent as concurrentPattern } from './patterns/concurrent.pattern.js';
import { sequential as sequentialPattern } from './patterns/sequential.pattern.js';

/** One agent call. */
export const agent: WorkflowCatalog['agent'] = (input) => runPattern(input, agentPattern);

/** Steps one after another, each with the output of the one before. */
export const sequential: WorkflowCatalog['sequential'] = (input) => runPattern(input, sequentialPattern);

/** Branches side by side, until the completion rule is met or can no longer be met. */
export const concurrent: WorkflowCatalog['concurrent'] = (input) => runPattern(input, concurrentPattern);
