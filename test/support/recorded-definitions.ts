import { createLanguageActivities } from '../../activities/language.activities.js';
import { createRunActivities } from '../../activities/run.activities.js';
import { budgets, childRuns, definitionResources, payloads } from '../../apps/worker/record.js';
import type { Definition } from '../../contracts/definition.js';
import type { LanguageActivities } from '../../contracts/language-activities.js';
import type { Json } from '../../contracts/json.js';
import { type GivenStart, pinnedRun } from '../../contracts/pinned-run.js';
import { type RunInput, runWorkflowId } from '../../contracts/run-workflow.js';
import type { Run, RunSummary, TerminalStatus } from '../../contracts/runs.js';
import { publishDefinition } from '../../database/definitions.repository.js';
import { finishRun } from '../../database/finish-run.js';
import { Journal } from '../../database/journal.js';
import { recordRun } from '../../database/record-run.js';
import { RunEventWriter } from '../../database/run-events.js';
import { listRuns, loadRun } from '../../database/runs.repository.js';
import { uuidv7 } from '../../database/uuid.js';
import { type TestDatabase, withDatabase } from './postgres.js';
import { scriptedActivities } from './scripted-activities.js';
import { ScriptedAgents } from './scripted-agents.js';
import { scriptedLanguage } from './scripted-language.js';
import type { RunHandle } from './start-run.js';
import { startWorker, type TemporalWorker } from './temporal.js';

/** The value of every secret that these runs name. */
export const SECRET = 'hunter-2-of-the-desk';

/** Runs of definitions on record in a real Postgres, their workflows in a real Temporal; only agents are scripted. */
export class RecordedDefinitions {
  readonly orgId = uuidv7();
  agents = new ScriptedAgents((_, input) => ({ output: input }));
  private constructor(
    readonly test: TestDatabase,
    readonly worker: TemporalWorker,
  ) {}

  /** `more`: activities beside those that need nothing of outside. */
  static async start(
    more: (test: TestDatabase) => Partial<LanguageActivities> = () => ({}),
  ): Promise<RecordedDefinitions> {
    const test = await withDatabase();
    const { database } = test;
    let made: RecordedDefinitions | undefined = undefined;
    const scripted = scriptedActivities(() => (made as unknown as RecordedDefinitions).agents);
    const shared = {
      events: new RunEventWriter(database),
      journal: new Journal(database),
      payloads: payloads(database),
    };
    const run = createRunActivities({
      ...shared,
      registry: { findCandidates: async () => [], readContextRoom: async () => ({ tokens: null, inputSchemas: [] }) },
      memory: undefined as never,
      pending: undefined as never,
      budgets: budgets(database),
      findSimilarPlans: async () => [],
      finishRun: (end) => finishRun(database, end),
    });
    const language = createLanguageActivities({
      ...shared,
      web: undefined as never,
      servers: undefined as never,
      secrets: { open: async (_, names) => new Map(names.map((name) => [name, SECRET])) },
      connectors: {} as never,
      processes: ['script'],
      children: childRuns(database),
      resources: definitionResources(database),
    });
    const activities: typeof scripted & LanguageActivities = {
      ...run,
      ...scriptedLanguage(),
      callAgents: (batch) => scripted.callAgents(batch),
      openChild: (request) => language.openChild(request),
      readChild: (request) => language.readChild(request),
      checkProcesses: (request) => language.checkProcesses(request),
      runProcess: (call) => language.runProcess(call),
      ...more(test),
    };
    made = new RecordedDefinitions(test, await startWorker({ activities }));
    return made;
  }

  async stop(): Promise<void> {
    await this.worker.stop();
    await this.test.close();
  }

  publish(definition: Definition, hash = JSON.stringify(definition)): Promise<unknown> {
    return this.test.database.inOrg(this.orgId, (tx) => publishDefinition(tx, { orgId: this.orgId, definition, hash }));
  }

  /** Accepted, and not started. */
  async accept(definition: Definition, input: Json = {}, given: Partial<GivenStart> = {}): Promise<RunInput> {
    const { orgId, test } = this;
    const start = pinnedRun({ definition, hash: 'f00d' }, { deadlineMs: 60_000, ...given, input });
    const run = await test.database.inOrg(orgId, (tx) => recordRun(tx, { orgId, start, definitionHash: 'f00d' }));
    return run.input as RunInput;
  }

  /** Starts the workflow of an accepted run. */
  go(input: RunInput): Promise<RunHandle> {
    const { client, taskQueue } = this.worker;
    return client.workflow.start<(input: RunInput) => Promise<TerminalStatus>>('workflow', {
      taskQueue,
      workflowId: runWorkflowId(input),
      workflowTaskTimeout: '3s',
      args: [input],
    });
  }

  /** Accepted and started as the API does both. */
  async begin(...run: Parameters<RecordedDefinitions['accept']>): Promise<{ id: string; handle: RunHandle }> {
    const input = await this.accept(...run);
    return { id: input.runId, handle: await this.go(input) };
  }

  async ended(definition: Definition, input: Json = {}, given: Partial<GivenStart> = {}): Promise<Run> {
    const { id, handle } = await this.begin(definition, input, given);
    await handle.result();
    return this.load(id);
  }

  load(id: string): Promise<Run> {
    return this.test.database.inOrg(this.orgId, (tx) => loadRun(tx, id));
  }

  /** What a run started. */
  async below(parent: string): Promise<RunSummary[]> {
    return (await this.test.database.inOrg(this.orgId, (tx) => listRuns(tx, { parent, limit: 100 }))).items;
  }
}
