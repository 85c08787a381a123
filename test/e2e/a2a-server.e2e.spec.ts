import { afterAll, beforeAll, describe, expect, it, jest } from '@jest/globals';
import { AgentCard, type Message, Role, type StreamResponse, type Task, TaskState } from '@a2a-js/sdk';
import {
  type Client,
  ClientFactory,
  ClientFactoryOptions,
  JsonRpcTransportFactory,
  RestTransportFactory,
} from '@a2a-js/sdk/client';
import type { Run } from '../../contracts/runs.js';
import { LaunchedBrikk } from '../support/brikk.js';
import { CountingAgent } from '../support/counting-agent.js';
import { until } from '../support/until.js';

jest.setTimeout(300_000);

/** What the agent is asked in the middle of a long task, and answers when the test says so. */
const HELD_AT = 115;

const definition = (name: string, tasks: string) => ({
  document: { dsl: '1.0.3', namespace: 'a2a', name, version: '1.0.0', summary: `Tests ${name}` },
  do: JSON.parse(tasks) as object[],
});

/** A client of the protocol's own SDK; nothing of ours. */
describe.each(['JSONRPC', 'HTTP+JSON'] as const)('tasks of outside clients over %s', (binding) => {
  let brikk: LaunchedBrikk;
  let agent: CountingAgent;
  let client: Client;
  let said = 0;
  let isHeld = false;
  let release = () => {};
  const held = new Promise<void>((resolve) => (release = resolve));

  beforeAll(async () => {
    brikk = await LaunchedBrikk.up();
    agent = await CountingAgent.listen(50, async (input) => {
      const { n } = input as { n: number };
      if (n === HELD_AT) {
        isHeld = true;
        await held;
      }
      return { n: n + 1 };
    });
    await brikk.register('adder', 'add-one', agent.url, { maxConcurrency: 10 });
    const steps = Array.from({ length: 30 }, (_, n) => ({
      [`step${n}`]: { call: 'agent', with: { capability: 'add-one' } },
    }));
    await brikk.call('POST', '/v1/workflows', definition('long', JSON.stringify(steps)));
    client = await connected();
  });
  afterAll(async () => {
    await brikk?.down();
    await agent?.close();
  });

  /** To the platform, or to the agent of a card. */
  const connected = async (card?: AgentCard) => {
    const { api, devKey } = await brikk.status();
    const withKey: typeof fetch = (input, init) => {
      const headers = new Headers(init?.headers);
      headers.set('authorization', `Bearer ${devKey}`);
      return fetch(input, { ...init, headers });
    };
    const transports = [
      new JsonRpcTransportFactory({ fetchImpl: withKey }),
      new RestTransportFactory({ fetchImpl: withKey }),
    ];
    const options = ClientFactoryOptions.createFrom(ClientFactoryOptions.default, {
      transports,
      preferredTransports: [binding],
    });
    const factory = new ClientFactory(options);
    return card ? factory.createFromAgentCard(card) : factory.createFromUrl(api.url);
  };

  const message = (skill: string, data: unknown, more: Partial<Message> = {}): Message => ({
    messageId: `m-${++said}`,
    role: Role.ROLE_USER,
    parts: [{ content: { $case: 'data', value: data }, metadata: undefined, filename: '', mediaType: '' }],
    metadata: { skill },
    contextId: '',
    taskId: '',
    extensions: [],
    referenceTaskIds: [],
    ...more,
  });
  const request = (sent: Message, returnImmediately = false) => ({
    tenant: '',
    message: sent,
    metadata: undefined,
    configuration: { returnImmediately, acceptedOutputModes: [], taskPushNotificationConfig: undefined },
  });
  const send = async (sent: Message, returnImmediately = false) =>
    (await client.sendMessage(request(sent, returnImmediately))) as Task;
  const outputOf = ({ artifacts }: Pick<Task, 'artifacts'>) => artifacts[0]?.parts[0]?.content?.value as unknown;
  const get = (id: string) => client.getTask({ tenant: '', id });

  it('waits for a task that is sent to be waited for, and not for one that is not', async () => {
    const task = await send(message('capability.add-one', { n: 1 }));
    expect(task.status?.state).toBe(TaskState.TASK_STATE_COMPLETED);
    expect(outputOf(task)).toEqual({ n: 2 });
    const begun = await send(message('workflow.a2a.long', { n: 0 }), true);
    expect([TaskState.TASK_STATE_SUBMITTED, TaskState.TASK_STATE_WORKING]).toContain(begun.status?.state);
    const listed = await client.listTasks({
      tenant: '',
      contextId: begun.contextId,
      status: TaskState.TASK_STATE_UNSPECIFIED,
      pageToken: '',
      statusTimestampAfter: undefined,
    });
    expect(listed.tasks.map(({ id }) => id)).toEqual([begun.id]);
  });

  it('speaks to one agent by its card, whatever protocol that speaks itself', async () => {
    const { items } = await brikk.call<{ items: { id: string; name: string }[] }>('GET', '/v1/agents');
    const { id } = items.find(({ name }) => name === 'adder')!;
    const card = AgentCard.fromJSON(await brikk.call('GET', `/v1/agents/${id}/agent-card.json`));
    const skill = 'agent.adder:add-one';
    expect(card).toMatchObject({ name: 'adder', version: '1.0.0', skills: [{ id: skill, name: 'add-one' }] });
    const adder = await connected(card);
    const asked = { ...message('', { n: 1 }), metadata: undefined };
    const task = (await adder.sendMessage({ ...request(asked), tenant: skill })) as Task;
    expect(outputOf(task)).toEqual({ n: 2 });
    const run = await brikk.call<Run>('GET', `/v1/runs/${task.id}`);
    expect(run).toMatchObject({ pattern: 'agent', with: { agent: 'adder', capability: 'add-one' } });
    expect(await adder.getAgentCard()).toMatchObject({ name: 'adder' });
  });

  it('streams what happens to a task', async () => {
    const events: StreamResponse[] = [];
    for await (const event of client.sendMessageStream(request(message('workflow.a2a.long', { n: 10 }))))
      events.push(event);
    const kinds = events.map(({ payload }) => payload?.$case);
    expect(kinds[0]).toBe('task');
    expect(kinds.slice(-2)).toEqual(['artifactUpdate', 'statusUpdate']);
    const made = events.at(-2)?.payload;
    expect(made?.$case === 'artifactUpdate' && outputOf({ artifacts: [made.value.artifact!] })).toEqual({ n: 40 });
  });

  it('cancels a task that runs, and does so once', async () => {
    const { id } = await send(message('workflow.a2a.long', { n: 0 }), true);
    const one = await client.cancelTask({ tenant: '', id, metadata: undefined });
    const two = await client.cancelTask({ tenant: '', id, metadata: undefined });
    expect([one.status?.state, two.status?.state]).toEqual([
      TaskState.TASK_STATE_CANCELED,
      TaskState.TASK_STATE_CANCELED,
    ]);
  });

  it('asks the client where the run asks a person, and goes on with the answer', async () => {
    const data = { with: { capability: 'add-one', approval: { before: true, question: 'Add one?' } }, input: { n: 5 } };
    const asked = await send(message('pattern.agent', data));
    expect(asked.status?.state).toBe(TaskState.TASK_STATE_INPUT_REQUIRED);
    expect(asked.status?.message?.parts[0]?.content?.value).toBe('Add one?');
    const parts = [
      { content: { $case: 'text' as const, value: 'approve' }, metadata: undefined, filename: '', mediaType: '' },
    ];
    const { contextId, id: taskId } = asked;
    await send(message('pattern.agent', null, { taskId, contextId, parts }));
    const task = await settled(taskId);
    expect(task.status?.state).toBe(TaskState.TASK_STATE_COMPLETED);
    expect(outputOf(task)).toEqual({ n: 6 });
    expect(task.history).toHaveLength(3);
  });

  it('goes on with a task whose API was killed: the client follows it to its end where the next API answers', async () => {
    const { id } = await send(message('workflow.a2a.long', { n: 100 }), true);
    const before = await brikk.status();
    const told: string[] = [];
    const cut = (async () => {
      for await (const { payload } of client.resubscribeTask({ tenant: '', id })) {
        told.push(payload?.$case ?? '');
      }
    })();
    // Looked at at once: it may fail before anybody waits for it.
    const isCut = expect(cut).rejects.toThrow();
    await until(() => isHeld && told.length > 0);
    process.kill(before.api.pid, 'SIGKILL');
    await isCut;
    expect(told.length).toBeLessThan(35);
    await brikk.call('GET', '/v1/runs?limit=1');
    expect((await brikk.status()).api.pid).not.toBe(before.api.pid);
    client = await connected();
    const rest: StreamResponse[] = [];
    expect((await get(id)).status?.state).toBe(TaskState.TASK_STATE_WORKING);
    setTimeout(release, 500);
    for await (const event of client.resubscribeTask({ tenant: '', id })) rest.push(event);
    expect(rest[0]?.payload?.$case).toBe('task');
    const last = rest.at(-1)?.payload;
    expect(last?.$case === 'statusUpdate' && last.value.status?.state).toBe(TaskState.TASK_STATE_COMPLETED);
    expect(outputOf(await get(id))).toEqual({ n: 130 });
  });

  const settled = async (id: string): Promise<Task> => {
    for (;;) {
      const task = await get(id);
      if (task.status!.state >= TaskState.TASK_STATE_COMPLETED && task.status!.state <= TaskState.TASK_STATE_CANCELED)
        return task;
      await new Promise((resolve) => setTimeout(resolve, 50));
    }
  };
});
