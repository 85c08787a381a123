import { randomUUID } from 'node:crypto';
import type { Definition } from '../../contracts/definition.js';
import type { TaskList } from '../../contracts/definition-tasks.js';
import type { Json } from '../../contracts/json.js';
import type { RunInput } from '../../contracts/run-workflow.js';
import type { RunHandle } from './start-run.js';
import type { TemporalWorker } from './temporal.js';

/** A definition around these tasks. */
export const definitionOf = (tasks: TaskList, rest: Partial<Definition> = {}): Definition => ({
  document: { dsl: '1.0.3', namespace: 'test', name: 'tested', version: '1.0.0' },
  ...rest,
  do: tasks,
});

/** Starts the workflow of a run that follows a definition, as the API would. */
export function startDefinition(
  { client, taskQueue }: TemporalWorker,
  definition: Definition,
  input: Json = {},
  options: { deadlineMs?: number } = {},
): Promise<RunHandle> {
  const runId = randomUUID();
  const runInput: RunInput<'workflow'> = {
    orgId: 'org-1',
    runId,
    with: { definition, hash: 'f00d', interpreter: 1 },
    input: { inline: input },
    deadlineAt: Date.now() + (options.deadlineMs ?? 60_000),
    priority: 'normal',
    resumed: false,
  };
  return client.workflow.start('workflow', {
    taskQueue,
    workflowId: `org_org-1/${runId}`,
    workflowTaskTimeout: '3s',
    args: [runInput],
  }) as Promise<RunHandle>;
}
