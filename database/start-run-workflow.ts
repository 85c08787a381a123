import type { Client } from '@temporalio/client';
import type { RunKind } from '../contracts/patterns.js';
import { PRIORITIES } from '../contracts/priority.js';
import { type BulkInput, CORE_QUEUE, type RunInput, runWorkflowId } from '../contracts/run-workflow.js';

export type StartableRun =
  { [Name in RunKind]: { pattern: Name; input: RunInput<Name> } }[RunKind] | { pattern: 'bulk'; input: BulkInput };

/** A frozen engine would hold the call for most of a minute otherwise. */
const ENGINE_DEADLINE_MS = 5_000;
/** The workflow keeps its deadline itself; the engine's own limit ends one that cannot any more. */
const DEADLINE_GRACE_MS = 60_000;

/**
 * Starts the workflow of an accepted run, its agent calls on `agentQueue` when that is given; a repeat finds the running one. `closed`: the workflow has already ended.
 * Fails with the client's error when the engine is away.
 */
export async function startRunWorkflow(
  client: Client,
  run: StartableRun,
  agentQueue?: string,
): Promise<'started' | 'closed'> {
  const { pattern, input } = run;
  try {
    await client.withDeadline(Date.now() + ENGINE_DEADLINE_MS, () =>
      client.workflow.start(pattern, {
        args: [{ ...input, ...(agentQueue !== undefined && { agentQueue }) }],
        workflowId: runWorkflowId(input),
        taskQueue: CORE_QUEUE,
        workflowIdReusePolicy: 'REJECT_DUPLICATE',
        workflowIdConflictPolicy: 'USE_EXISTING',
        workflowTaskTimeout: 1_000,
        workflowExecutionTimeout: Math.max(0, input.deadlineAt - Date.now()) + DEADLINE_GRACE_MS,
        typedSearchAttributes: searchAttributes(run),
        staticSummary: summary(run),
        priority: { priorityKey: PRIORITIES[input.priority], fairnessKey: input.orgId },
      }),
    );
    return 'started';
  } catch (error) {
    if (error instanceof Error && error.name === 'WorkflowExecutionAlreadyStartedError') return 'closed';
    throw error;
  }
}

function searchAttributes({ pattern, input }: StartableRun) {
  const values = {
    BrikkOrg: input.orgId,
    BrikkPattern: pattern,
    BrikkStatus: 'accepted',
    BrikkCorrelationId: input.correlationId,
  };
  return Object.entries(values).flatMap(([name, value]) =>
    value === undefined ? [] : [{ key: { name, type: 'KEYWORD' as const }, value }],
  );
}

/** Names and counts only: the Temporal Web UI shows it in plain text. */
function summary(run: StartableRun): string {
  switch (run.pattern) {
    case 'bulk':
      return `${run.input.pattern} over ${run.input.shards.reduce((sum, { items }) => sum + items, 0)} items`;
    case 'workflow': {
      const { namespace, name, version } = run.input.with.definition.document;
      return `${namespace}/${name}:${version}`;
    }
    case 'agent':
      return `agent ${run.input.with.capability ?? run.input.with.agent}`;
    case 'blackboard':
      return `blackboard, ${run.input.with.sources.length} sources`;
    case 'sequential':
      return `sequential, ${run.input.with.steps.length} steps`;
    case 'concurrent': {
      const { branches, agents, count } = run.input.with;
      const width = branches?.length ?? agents?.length ?? count;
      return width === undefined ? 'concurrent over items' : `concurrent, ${width} branches`;
    }
    case 'groupChat': {
      const { participants = [], makerChecker } = run.input.with;
      return makerChecker ? `maker and ${makerChecker.checkers.length} checkers` : `chat of ${participants.length}`;
    }
    case 'plan':
      return `plan of at most ${run.input.with.maxTasks} tasks`;
    case 'hierarchy': {
      const { manager, tree } = run.input.with;
      const lead = manager ?? tree?.manager;
      return `hierarchy under ${lead?.capability ?? lead?.agent ?? 'a declared tree'}`;
    }
    case 'adaptive':
      return `one of ${run.input.with.candidates.length} ways`;
    case 'handoff':
      return `handoff among ${run.input.with.targets.length}`;
    case 'workers':
      return run.input.with.plan ? 'workers over a plan' : 'workers over items';
    case 'consensus': {
      const { voters } = run.input.with;
      return `consensus of ${'agents' in voters ? voters.agents.length : voters.count} voters`;
    }
    case 'market':
      return `market for ${run.input.with.task.capability}, ${run.input.with.mechanism}`;
  }
}
