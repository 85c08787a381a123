import type { WorkflowHandle } from '@temporalio/client';
import { randomUUID } from 'node:crypto';
import { capBudget } from '../../contracts/budget.js';
import type { Json } from '../../contracts/json.js';
import { PATTERN_PARAMS, type PatternName, type PatternParams } from '../../contracts/patterns.js';
import type { Priority } from '../../contracts/priority.js';
import type { RunInput } from '../../contracts/run-workflow.js';
import type { TerminalStatus } from '../../contracts/runs.js';
import type { TemporalWorker } from './temporal.js';

export interface RunOptions {
  deadlineMs?: number;
  priority?: Priority;
  input?: RunInput['input'];
}

export type RunHandle = WorkflowHandle<(input: RunInput) => Promise<TerminalStatus>>;

/** Starts a run's workflow as the API would, with parameters as a client writes them. */
export function startRun(
  { client, taskQueue }: TemporalWorker,
  pattern: PatternName,
  params: Json,
  input: Json = null,
  options: RunOptions = {},
): Promise<RunHandle> {
  const runId = randomUUID();
  const parameters = PATTERN_PARAMS[pattern].parse(params) as PatternParams[PatternName];
  const budget = capBudget(undefined, parameters.budget);
  const runInput: RunInput = {
    orgId: 'org-1',
    runId,
    with: parameters,
    ...(budget && { budget }),
    input: options.input ?? { inline: input },
    deadlineAt: Date.now() + (options.deadlineMs ?? 60_000),
    priority: options.priority ?? 'normal',
    resumed: false,
  };
  return client.workflow.start<(input: RunInput) => Promise<TerminalStatus>>(pattern, {
    taskQueue,
    workflowId: `org_org-1/${runId}`,
    workflowTaskTimeout: '3s',
    args: [runInput],
  });
}
