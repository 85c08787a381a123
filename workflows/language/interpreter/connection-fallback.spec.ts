import { afterAll, beforeAll, describe, expect, it, jest } from '@jest/globals';
import type { TaskList } from '../../../contracts/definition-tasks.js';
import type { CallResult } from '../../../contracts/run-workflow.js';
import { definitionOf } from '../../../test/support/interpreted.js';
import { RecordedDefinitions } from '../../../test/support/recorded-definitions.js';

jest.setTimeout(60_000);

const TIMES = { queueMs: 0, execMs: 1 };
const AWAY = { code: 'connector.unavailable', message: 'it answered 503', retryable: true };
const ORDER: TaskList = [
  { order: { call: 'http.request', with: { connection: 'shop', path: '${ "/orders/\\(.n)" }' } } },
];

describe('what stands in for a connection', () => {
  let record: RecordedDefinitions;
  let said: Omit<CallResult, 'key' | 'queueMs' | 'execMs'>;
  beforeAll(async () => {
    record = await RecordedDefinitions.start(() => ({
      callConnector: async ({ key }) => ({ key, ...said, ...TIMES }),
    }));
  }, 90_000);
  afterAll(() => record?.stop());

  const publish = (name: string, tasks: TaskList) =>
    record.publish({ ...definitionOf(tasks), document: { dsl: '1.0.3', namespace: 'shop', name, version: '1.0.0' } });
  const leftTo = (name: string, version = 'latest') => {
    const workflow = { namespace: 'shop', name, version };
    said = { status: 'failed', error: { ...AWAY, fallback: { workflow } } };
  };

  it('is another connection: the run is degraded', async () => {
    said = { status: 'completed', output: { inline: { id: 7 } }, degraded: true };
    expect(await record.ended(definitionOf(ORDER), { n: 1 })).toMatchObject({
      status: 'completed',
      output: { id: 7 },
      degraded: true,
    });
    said = { status: 'completed', output: { inline: { id: 8 } } };
    expect(await record.ended(definitionOf(ORDER), { n: 1 })).toMatchObject({ output: { id: 8 }, degraded: false });
  });

  it('is a workflow that is told of the call: its output is the call’s', async () => {
    await publish('later', [{ keep: { set: { kept: '${ . }' } } }]);
    leftTo('later');
    const run = await record.ended(definitionOf(ORDER), { n: 42 });
    const kept = {
      function: 'http.request',
      with: { connection: 'shop', path: '/orders/42' },
      error: { code: AWAY.code, message: AWAY.message },
    };
    expect(run).toMatchObject({ status: 'completed', output: { kept }, degraded: true });
    expect(await record.below(run.id)).toMatchObject([{ workflow: 'shop/later:1.0.0', status: 'completed' }]);
  });

  it('is not told what is secret', async () => {
    leftTo('later', '1.0.0');
    const secretly: TaskList = [{ order: { call: 'http.request', with: { body: '${ $secrets.token }' } } }];
    const run = await record.ended(definitionOf(secretly, { use: { secrets: ['token'] } }));
    expect(run).toMatchObject({ status: 'completed', output: { kept: { function: 'http.request', with: null } } });
  });

  it('fails the task with its own error', async () => {
    const type = 'https://example.com/closed';
    await publish('closed', [{ no: { raise: { error: { type, status: 410, title: 'closed' } } } }]);
    leftTo('closed');
    expect(await record.ended(definitionOf(ORDER), { n: 1 })).toMatchObject({
      status: 'failed',
      error: { type, status: 410 },
    });
  });
});
