import { randomUUID } from 'node:crypto';
import type { Definition } from '../../contracts/definition.js';
import type { TaskList } from '../../contracts/definition-tasks.js';
import type { Json } from '../../contracts/json.js';
import type { LanguageActivities } from '../../contracts/language-activities.js';
import type { RunInput } from '../../contracts/run-workflow.js';
import type { WorkflowParams } from '../../contracts/workflow-run.js';
import { ScriptedAgents } from './scripted-agents.js';
import { scriptedActivities } from './scripted-activities.js';
import { scriptedLanguage } from './scripted-language.js';
import type { RunHandle } from './start-run.js';
import { startWorker, type TemporalWorker } from './temporal.js';

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
  { deadlineMs = 60_000, ...more }: { deadlineMs?: number } & Partial<WorkflowParams> = {},
): Promise<RunHandle> {
  const runId = randomUUID();
  const runInput: RunInput<'workflow'> = {
    orgId: 'org-1',
    runId,
    with: { definition, hash: 'f00d', interpreter: 1, ...more },
    input: { inline: input },
    deadlineAt: Date.now() + deadlineMs,
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

/** A worker that follows definitions, with agents that echo unless a test scripts them. */
export class TestInterpreter {
  agents = echoing((_, data) => data);
  private constructor(readonly worker: TemporalWorker) {}

  /** `language`: what the calls of servers give. */
  static async start(language: Partial<LanguageActivities> = {}): Promise<TestInterpreter> {
    let tested: TestInterpreter | undefined = undefined;
    const activities = {
      ...scriptedActivities(() => (tested as unknown as TestInterpreter).agents),
      ...scriptedLanguage((value) => (tested as unknown as TestInterpreter).agents.json(value)),
      ...language,
    };
    tested = new TestInterpreter(await startWorker({ activities }));
    return tested;
  }

  /** How a run of these tasks ends. */
  async run(tasks: TaskList | Definition, input: Json = {}, script = (_: unknown, data: Json) => data) {
    this.agents = echoing(script);
    const definition = Array.isArray(tasks) ? definitionOf(tasks) : tasks;
    const handle = await startDefinition(this.worker, definition, input);
    const status = await handle.result();
    const { json: output, error, terminationReason } = this.agents.end!;
    return { status, output, error, terminationReason };
  }

  /** The output of a run that has to complete. */
  async outputOf(...args: Parameters<TestInterpreter['run']>): Promise<Json> {
    const { status, output, error } = await this.run(...args);
    if (status !== 'completed') throw new Error(`it ended ${status}: ${JSON.stringify(error)}`);
    return output;
  }

  stop(): Promise<void> {
    return this.worker.stop();
  }
}

const echoing = (script: (call: unknown, data: Json) => Json) =>
  new ScriptedAgents((call, data) => ({ output: script(call, data) }));
