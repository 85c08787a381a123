import { afterAll, beforeAll, describe, expect, it, jest } from '@jest/globals';
import type { Json } from '../../contracts/json.js';
import { finishRun } from '../../database/finish-run.js';
import { RunEventWriter } from '../../database/run-events.js';
import { A2aCaller, BINDINGS } from '../support/a2a-calls.js';
import { a2aMessage, a2aSend } from '../support/a2a-house.js';
import { OutboundHouse } from '../support/outbound-house.js';
import { until } from '../support/until.js';

jest.setTimeout(60_000);

const MISSING = '01890a5d-ac96-774b-bcce-b302099a8057';

describe.each(BINDINGS)('push notifications of tasks over %s', (binding) => {
  let house: OutboundHouse;
  let client: A2aCaller;
  beforeAll(async () => {
    house = await OutboundHouse.open();
    client = new A2aCaller(`${await house.api.app.getUrl()}/v1/a2a`, house.api.key);
  });
  afterAll(() => house?.close(), 20_000);

  const call = (operation: string, params: { [name: string]: Json }) => client.call(binding, operation, params);
  const started = async (config?: { [name: string]: Json }): Promise<string> => {
    const configuration = { returnImmediately: true, ...(config && { taskPushNotificationConfig: config }) };
    const { result, error } = await call('SendMessage', { message: a2aMessage(), configuration });
    expect(error).toBeUndefined();
    return (result as { task: { id: string } }).task.id;
  };
  const begin = (runId: string) =>
    new RunEventWriter(house.api.database).append(house.api.orgId, runId, [
      { key: 'started', type: 'run.started', data: { resumed: false } },
    ]);
  const finish = (runId: string, output: Json) => {
    const end = { status: 'completed', terminationReason: 'done', degraded: false, rounds: 0 } as const;
    const { database, orgId } = house.api;
    return finishRun(database, { ...end, orgId, runId, output: { inline: output }, events: [], warnings: [] });
  };

  it('tell the client of its task alone, in order, with its token and its credentials', async () => {
    const receiver = await house.receive();
    const authentication = { scheme: 'Bearer', credentials: 'open-sesame' };
    const id = await started({ id: 'mine', url: receiver.url, token: 'for-me', authentication });
    const other = await started();
    await begin(other);
    await begin(id);
    await finish(other, 'nobody hears of it');
    await finish(id, { n: 7 });
    await until(() => receiver.received.length >= 3);
    expect(receiver.received.map(({ json }) => json)).toMatchObject([
      { statusUpdate: { taskId: id, status: { state: 'TASK_STATE_WORKING' } } },
      { artifactUpdate: { taskId: id, artifact: { parts: [{ data: { n: 7 } }] } } },
      { statusUpdate: { taskId: id, status: { state: 'TASK_STATE_COMPLETED' } } },
    ]);
    for (const { headers } of receiver.received)
      expect(headers).toMatchObject({
        'content-type': 'application/a2a+json',
        'x-a2a-notification-token': 'for-me',
        authorization: 'Bearer open-sesame',
      });
    expect(new Set(receiver.received.map((one) => one.id)).size).toBe(3);
  });

  it('come though the receiver fails at first, and in order all the same', async () => {
    const receiver = await house.receive((_, nth) => (nth === 1 ? 500 : 200));
    const id = await started({ url: receiver.url });
    await begin(id);
    await finish(id, 'done');
    await until(() => receiver.received.length === 1);
    await house.pass(10_000);
    await until(() => receiver.received.length === 4);
    const states = receiver.received.map(({ json }) => Object.keys(json)[0]);
    expect(states).toEqual(['statusUpdate', 'statusUpdate', 'artifactUpdate', 'statusUpdate']);
    expect(receiver.received[0]!.id).toBe(receiver.received[1]!.id);
  });

  it('are asked for, shown without secrets, listed, and ended, again and again', async () => {
    const receiver = await house.receive();
    const taskId = await started();
    const made = await call('CreateTaskPushNotificationConfig', { taskId, url: receiver.url, token: 'hidden-token' });
    expect(made.status).toBe(binding === 'JSONRPC' ? 200 : 201);
    const { id } = made.result as { id: string };
    expect(id).toMatch(/./);
    const named = { taskId, id: 'second', url: receiver.url };
    for (const _ of [1, 2]) await call('CreateTaskPushNotificationConfig', named);
    const { configs } = (await call('ListTaskPushNotificationConfigs', { taskId })).result as {
      configs: { id: string }[];
    };
    expect(configs.map((config) => config.id).sort()).toEqual([id, 'second'].sort());
    const shown = await call('GetTaskPushNotificationConfig', { taskId, id });
    expect(shown.result).toMatchObject({ id, taskId, url: receiver.url });
    expect(JSON.stringify([made, shown, configs])).not.toContain('hidden-token');
    for (const _ of [1, 2])
      expect((await call('DeleteTaskPushNotificationConfig', { taskId, id })).error).toBeUndefined();
    expect((await call('GetTaskPushNotificationConfig', { taskId, id })).error).toMatchObject({
      reason: 'TASK_NOT_FOUND',
    });
    await call('DeleteTaskPushNotificationConfig', { taskId, id: 'second' });
    await begin(taskId);
    await finish(taskId, 1);
    const { body } = await house.call('get', '/v1/webhook-endpoints');
    expect(JSON.stringify(body)).not.toContain(receiver.url);
    expect(receiver.received).toEqual([]);
  });

  it.each([
    ['an address that is refused', { url: 'http://10.0.0.1/x' }, 'urls[0]'],
    ['an address that is none', { url: 'somewhere' }, 'url'],
    ['an address with credentials', { url: 'https://a:b@example.com' }, 'url'],
    ['an id that is none', { url: 'https://example.com', id: 'a/b' }, 'id'],
    ['a token that is no header', { url: 'https://example.com', token: 'a\nb' }, 'token'],
    [
      'a scheme that is none',
      { url: 'https://example.com', authentication: { scheme: 'a b', credentials: 'c' } },
      'authentication.scheme',
    ],
  ])('are refused for %s, and no task is started with them', async (_, config, field) => {
    const params = { ...a2aSend(), configuration: { returnImmediately: true, taskPushNotificationConfig: config } };
    const { error } = await call('SendMessage', params as unknown as { [name: string]: Json });
    expect(error).toMatchObject({ reason: 'INVALID_PARAMS' });
    expect(Object.keys(error?.metadata ?? {})).toContain(field);
  });

  it.each([
    'CreateTaskPushNotificationConfig',
    'GetTaskPushNotificationConfig',
    'ListTaskPushNotificationConfigs',
    'DeleteTaskPushNotificationConfig',
  ])('know no task that there is not: %s', async (operation) => {
    const { error } = await call(operation, { taskId: MISSING, id: 'x', url: 'https://example.com' });
    expect(error).toMatchObject({ reason: 'TASK_NOT_FOUND' });
  });
});
