import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import type { ConnectorCall } from '../../../contracts/language-activities.js';
import { TestInterpreter } from '../../../test/support/interpreted.js';

describe('a call of a connector in a definition', () => {
  let tested: TestInterpreter;
  const calls: ConnectorCall[] = [];
  let code: string | undefined;
  beforeAll(async () => {
    tested = await TestInterpreter.start({
      callConnector: async (call) => {
        calls.push(call);
        const times = { queueMs: 0, execMs: 1 };
        if (code === undefined) return { key: call.key, status: 'completed', output: { inline: { id: 7 } }, ...times };
        return { key: call.key, status: 'failed', error: { code, message: 'why', retryable: false }, ...times };
      },
    });
  }, 60_000);
  afterAll(() => tested.stop());

  it('gives what with evaluates to, and the key that the task has', async () => {
    code = undefined;
    const parameters = { connection: 'shop', method: 'POST' as const, path: '${ "/orders/\\(.n)" }', body: '${ . }' };
    const metadata = { brikk: { idempotencyKey: '${ "order-\\(.n)" }' } };
    const tasks = [{ order: { call: 'http.request:1.0.0@default', with: parameters, metadata } }];
    expect(await tested.outputOf(tasks, { n: 42 })).toEqual({ id: 7 });
    expect(calls.at(-1)).toMatchObject({
      request: { kind: 'connector', function: 'http.request' },
      key: 'do/0/order',
      parts: {
        request: {
          inline: {
            with: { connection: 'shop', method: 'POST', path: '/orders/42', body: { n: 42 } },
            idempotencyKey: 'order-42',
          },
        },
      },
    });
  }, 20_000);

  it.each([
    ['connector.auth', 'authentication', 401],
    ['connector.forbidden', 'authorization', 403],
    ['connector.not_found', 'communication', 404],
    ['connector.conflict', 'communication', 409],
    ['connector.validation', 'communication', 422],
    ['connector.rate_limited', 'communication', 429],
    ['connector.unavailable', 'communication', 503],
    ['connector.circuit_open', 'communication', 503],
    ['connection.not_usable', 'configuration', 400],
    ['function.not_found', 'configuration', 400],
  ])(
    'fails with %s as an error %s of status %i',
    async (failure, type, status) => {
      code = failure;
      const tasks = [
        {
          tried: {
            try: [{ order: { call: 'http.request', with: {} } }],
            catch: { as: 'error', do: [{ told: { set: '${ $error }' } }] },
          },
        },
      ];
      expect(await tested.outputOf(tasks as never)).toMatchObject({
        type: expect.stringMatching(new RegExp(`/${type}$`)),
        status,
        detail: 'why',
        instance: '/do/0/tried/try/0/order',
      });
    },
    20_000,
  );
});
