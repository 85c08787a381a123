import { afterAll, beforeAll, describe, expect, it, jest } from '@jest/globals';
import type { Json } from '../../contracts/json.js';
import { BINDINGS } from '../support/a2a-calls.js';
import { A2aHouse, a2aMessage, a2aSend, statesOf } from '../support/a2a-house.js';
import { askedApproval } from '../support/asked-approval.js';

jest.setTimeout(60_000);

describe('tasks of A2A', () => {
  let house: A2aHouse;
  beforeAll(async () => {
    house = await A2aHouse.open();
  });
  afterAll(() => house?.close(), 20_000);

  describe.each(BINDINGS)('over %s', (binding) => {
    it('starts a task, and gives it an id, a context and its first message', async () => {
      const { result } = await house.client.call(binding, 'SendMessage', a2aSend());
      const { task } = result as { task: { id: string; contextId: string; history: { taskId: string }[] } };
      expect(task).toMatchObject({
        id: expect.stringMatching(/^[0-9a-f-]{36}$/),
        contextId: expect.stringMatching(/^[0-9a-f-]{36}$/),
        status: { state: 'TASK_STATE_SUBMITTED', timestamp: expect.stringMatching(/^\d{4}-.*Z$/) },
        metadata: { skill: 'capability.triage', runStatus: 'accepted' },
      });
      expect(task.history).toMatchObject([{ taskId: task.id, contextId: task.contextId, parts: [{ text: 'hello' }] }]);
    });

    it('keeps the context that the client gives', async () => {
      const { result } = await house.client.call(binding, 'SendMessage', a2aSend({ contextId: 'talk-7' }));
      expect(result.task.contextId).toBe('talk-7');
    });

    it('takes a message once: the same id gives the same task, and with other content it is refused', async () => {
      const first = a2aMessage({ messageId: `once-${binding}` });
      const ask = (body: Json) =>
        house.client.call(binding, 'SendMessage', { message: body, configuration: { returnImmediately: true } });
      const [one, two] = [await ask(first), await ask(first)];
      expect(two.result.task.id).toBe(one.result.task.id);
      const other = await ask({ ...(first as object), parts: [{ text: 'other' }] } as Json);
      expect(other.error).toMatchObject({ reason: 'INVALID_PARAMS', metadata: { code: 'idempotency.conflict' } });
    });

    it('answers a message that may wait when the task has ended, with its artifact', async () => {
      const asked = house.client.call(binding, 'SendMessage', {
        message: a2aMessage({ contextId: `wait-${binding}` }),
      });
      const id = await house.taskIn(binding, `wait-${binding}`);
      await house.event(id, 'run.started');
      await house.finish(id, { n: 7 });
      const { task } = (await asked).result;
      expect(task).toMatchObject({
        id,
        status: { state: 'TASK_STATE_COMPLETED' },
        artifacts: [{ name: 'output', parts: [{ data: { n: 7 }, mediaType: 'application/json' }] }],
      });
    });

    it('shows of the history what is asked for', async () => {
      const id = await house.ended();
      const history = async (length: number | undefined) => {
        const params = { id, ...(length !== undefined && { historyLength: length }) };
        return (await house.client.call(binding, 'GetTask', params)).result.history as Json[] | undefined;
      };
      expect(await history(undefined)).toHaveLength(1);
      expect(await history(5)).toHaveLength(1);
      expect((await history(0)) ?? []).toEqual([]);
    });

    it('says why a task has failed', async () => {
      const { id } = await house.started();
      await house.finish(id, null, 'failed');
      const { result } = await house.client.call(binding, 'GetTask', { id });
      expect(result.status).toMatchObject({
        state: 'TASK_STATE_FAILED',
        message: {
          role: 'ROLE_AGENT',
          taskId: id,
          parts: [{ text: 'The agent cannot' }, { data: { code: 'agent.permanent' } }],
        },
      });
      expect(result.artifacts ?? []).toEqual([]);
    });

    it('streams the task first, then what happens in order, and ends with it', async () => {
      const streamed = house.client.call(binding, 'SendStreamingMessage', {
        message: a2aMessage({ contextId: `stream-${binding}` }),
      });
      const id = await house.taskIn(binding, `stream-${binding}`);
      await house.event(id, 'run.started');
      await house.finish(id, 'translated');
      const { type, events = [] } = await streamed;
      expect(type).toMatch(/^text\/event-stream/);
      expect(Object.keys(events[0])).toEqual(['task']);
      expect(statesOf(events)).toEqual(['SUBMITTED', 'WORKING', 'artifact', 'COMPLETED']);
      expect(events.at(-2).artifactUpdate.artifact.parts).toEqual([{ text: 'translated', mediaType: 'text/plain' }]);
    });

    it('tells all who follow a task the same, in the same order', async () => {
      const { id } = await house.started();
      const all = await Promise.all([1, 2, 3].map(() => house.client.follow(binding, id)));
      await house.event(id, 'run.started');
      await house.finish(id, 1);
      const streams = await Promise.all(all.map(({ told }) => told));
      expect(new Set(streams.map((events) => JSON.stringify(events))).size).toBe(1);
      expect(statesOf(streams[0]!)).toEqual(['SUBMITTED', 'WORKING', 'artifact', 'COMPLETED']);
    });

    it('asks for input where the run asks a person, and takes the answer within the task', async () => {
      const { id, contextId } = await house.started();
      const asked = await askedApproval(house.api.database, house.api.orgId, id);
      await house.event(id, 'run.started');
      await house.event(id, 'run.waiting');
      const { result } = await house.client.call(binding, 'GetTask', { id });
      expect(result.status).toMatchObject({
        state: 'TASK_STATE_INPUT_REQUIRED',
        message: {
          parts: [{ text: 'Pay?' }, { data: { approval: { id: asked, kind: 'before', path: '/steps/pay' } } }],
        },
      });
      const vague = await house.client.call(binding, 'SendMessage', a2aSend({ taskId: id, parts: [{ text: 'well' }] }));
      expect(vague.error).toMatchObject({
        reason: 'INVALID_PARAMS',
        metadata: { 'message.parts': /approve or reject/ },
      });
      const answer = a2aSend({ taskId: id, contextId, parts: [{ text: 'Approve' }] });
      const taken = await house.client.call(binding, 'SendMessage', answer);
      expect(taken.result.task.history).toMatchObject([{}, { role: 'ROLE_AGENT' }, { parts: [{ text: 'Approve' }] }]);
      const again = await house.client.call(binding, 'SendMessage', answer);
      expect(again.result.task.history).toHaveLength(3);
      const read = await fetch(`${house.base.replace('/a2a', '')}/approvals/${asked}`, {
        headers: { authorization: `Bearer ${house.api.key}` },
      });
      expect(await read.json()).toMatchObject({ status: 'approved', decision: 'approve' });
    });

    it('lists tasks page by page, those that changed last first, artifacts only when they are wanted', async () => {
      const contextId = `list-${binding}`;
      const ids: string[] = [];
      for (let n = 0; n < 3; n += 1) ids.push((await house.started({ contextId })).id);
      await house.finish(ids[0]!, 'first is last');
      const order = [ids[0], ids[2], ids[1]];
      const first = (await house.client.call(binding, 'ListTasks', { contextId, pageSize: 2 })).result;
      expect(first).toMatchObject({ pageSize: 2, totalSize: 3, nextPageToken: expect.stringMatching(/./) });
      const second = (
        await house.client.call(binding, 'ListTasks', { contextId, pageSize: 2, pageToken: first.nextPageToken })
      ).result;
      expect(second).toMatchObject({ nextPageToken: '', totalSize: 3 });
      expect([...first.tasks, ...second.tasks].map(({ id }: { id: string }) => id)).toEqual(order);
      expect(first.tasks[0]).not.toHaveProperty('artifacts');
      const [shown] = await house.listed(binding, { contextId, includeArtifacts: true });
      expect(shown).toMatchObject({ artifacts: [{ parts: [{ text: 'first is last' }] }] });
      expect(await house.listed(binding, { contextId, status: 'TASK_STATE_COMPLETED' })).toMatchObject([
        { id: ids[0] },
      ]);
      expect(await house.listed(binding, { contextId, status: 'TASK_STATE_AUTH_REQUIRED' })).toEqual([]);
      const { timestamp } = (shown as unknown as { status: { timestamp: string } }).status;
      expect(await house.listed(binding, { contextId, statusTimestampAfter: timestamp })).toMatchObject([
        { id: ids[0] },
      ]);
    });

    it('lists and shows nothing of another organisation', async () => {
      const id = await house.foreign();
      const all = await house.listed(binding, { pageSize: 100 });
      expect(all.map((task) => task.id)).not.toContain(id);
    });

    it('serves each skill as an agent of its own, whose messages need not name it', async () => {
      const tenant = 'pattern.agent';
      const { result: card } = await house.client.call(binding, 'GetExtendedAgentCard', { tenant });
      expect(card).toMatchObject({ name: 'agent', skills: [{ id: tenant }] });
      expect(card.supportedInterfaces[0]).toMatchObject({ tenant });
      const parts = [{ data: { with: { capability: 'triage' }, input: 1 } }];
      const { result } = await house.client.call(binding, 'SendMessage', {
        tenant,
        ...a2aSend({ parts, metadata: {} }),
      });
      expect(result.task.metadata.skill).toBe(tenant);
      const other = { tenant, ...a2aSend({ parts, metadata: { skill: 'capability.x' } }) };
      expect((await house.client.call(binding, 'SendMessage', other)).error).toMatchObject({
        reason: 'INVALID_PARAMS',
      });
    });
  });
});
