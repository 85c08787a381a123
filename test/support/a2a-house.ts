import type { Json } from '../../contracts/json.js';
import { finishRun } from '../../database/finish-run.js';
import { createOrganisation } from '../../database/organisations.repository.js';
import { RunEventWriter } from '../../database/run-events.js';
import { type A2aAnswer, A2aCaller, type Binding } from './a2a-calls.js';
import { acceptedTask } from './a2a-task.js';
import { startTestApi, type TestApi } from './api.js';
import { until } from './until.js';

type Fields = { [name: string]: Json };
let said = 0;

/** A message of a client that is like no other. */
export const a2aMessage = (more: Fields = {}): Json => ({
  messageId: `m-${++said}`,
  role: 'ROLE_USER',
  parts: [{ text: 'hello' }],
  metadata: { skill: 'capability.triage' },
  ...more,
});

/** Sends it without waiting for its task. */
export const a2aSend = (more: Fields = {}): Fields => ({
  message: a2aMessage(more),
  configuration: { returnImmediately: true },
});

/** The states that a stream tells of, artifacts among them. */
export const statesOf = (events: NonNullable<A2aAnswer['events']>): string[] =>
  events.map(({ task, statusUpdate, artifactUpdate }) =>
    artifactUpdate ? 'artifact' : String((task ?? statusUpdate).status.state).replace('TASK_STATE_', ''),
  );

/** The API with A2A clients. No worker is there: what becomes of a run is what the test writes. */
export class A2aHouse {
  private constructor(
    readonly api: TestApi,
    readonly base: string,
    readonly client: A2aCaller,
  ) {}

  static async open(): Promise<A2aHouse> {
    const api = await startTestApi();
    await api.app.listen(0, '127.0.0.1');
    const base = `${await api.app.getUrl()}/v1/a2a`;
    return new A2aHouse(api, base, new A2aCaller(base, api.key));
  }

  close(): Promise<void> {
    return this.api.close();
  }

  async started(more: Fields = {}): Promise<{ id: string; contextId: string }> {
    const { result } = await this.client.call('JSONRPC', 'SendMessage', a2aSend(more));
    return (result as { task: { id: string; contextId: string } }).task;
  }

  async event(runId: string, type: 'run.started' | 'run.waiting'): Promise<void> {
    const { api } = this;
    const data = type === 'run.started' ? { resumed: false } : {};
    await new RunEventWriter(api.database).append(api.orgId, runId, [{ key: type, type, data } as never]);
  }

  finish(runId: string, output: Json, status: 'completed' | 'failed' = 'completed'): Promise<void> {
    return finishRun(this.api.database, {
      orgId: this.api.orgId,
      runId,
      status,
      terminationReason: status === 'completed' ? 'done' : 'agent_failed',
      output: { inline: output },
      events: [],
      degraded: false,
      rounds: 0,
      warnings: [],
      ...(status === 'failed' && { error: { code: 'agent.permanent', message: 'The agent cannot' } }),
    });
  }

  async ended(output: Json = 'done'): Promise<string> {
    const { id } = await this.started();
    await this.finish(id, output);
    return id;
  }

  /** The task of another organisation. */
  async foreign(): Promise<string> {
    const { database } = this.api;
    const { id: orgId } = await database.outsideOrgs((tx) => createOrganisation(tx, `others-${++said}`));
    return acceptedTask(database, orgId);
  }

  async listed(binding: Binding, filter: Fields): Promise<{ id: string }[]> {
    const { result } = await this.client.call(binding, 'ListTasks', filter);
    return (result as { tasks: { id: string }[] }).tasks;
  }

  /** The task of a context, once there is one. */
  async taskIn(binding: Binding, contextId: string): Promise<string> {
    let id: string | undefined;
    await until(async () => (id = (await this.listed(binding, { contextId }))[0]?.id) !== undefined);
    return id!;
  }
}
