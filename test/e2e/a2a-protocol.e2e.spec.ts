import { afterAll, beforeAll, describe, expect, it, jest } from '@jest/globals';
import { A2aCaller, BINDINGS } from '../support/a2a-calls.js';
import { A2aHouse, a2aSend } from '../support/a2a-house.js';
import { WRONG_A2A } from './wrong-a2a.js';

jest.setTimeout(60_000);

describe('the A2A protocol', () => {
  let house: A2aHouse;
  beforeAll(async () => {
    house = await A2aHouse.open();
  });
  afterAll(() => house?.close(), 20_000);

  describe.each(BINDINGS)('over %s', (binding) => {
    it.each(WRONG_A2A)('refuses $name', async ({ operation, params, rpc, rest, reason, field }) => {
      const { status, error, type } = await house.client.call(binding, operation, await params(house));
      expect(error).toMatchObject({ code: binding === 'JSONRPC' ? rpc : rest, reason });
      expect(status).toBe(binding === 'JSONRPC' ? 200 : rest);
      expect(type).toMatch(binding === 'JSONRPC' ? /^application\/json/ : /^application\/a2a\+json/);
      if (field !== undefined) expect(Object.keys(error?.metadata ?? {})).toContain(field);
      expect(error?.message).not.toMatch(/ at .*\.[jt]s:|undefined|\[object/);
    });

    it('speaks no version that it does not know', async () => {
      for (const version of ['2.0', '0.2', 'latest']) {
        const { error } = await new A2aCaller(house.base, house.api.key, version).call(binding, 'ListTasks');
        expect(error).toMatchObject({ reason: 'VERSION_NOT_SUPPORTED', code: binding === 'JSONRPC' ? -32_009 : 400 });
      }
      expect(
        (await new A2aCaller(house.base, house.api.key, '1.0.4').call(binding, 'ListTasks')).error,
      ).toBeUndefined();
    });

    it('wants a key that may do it', async () => {
      const keyless = await new A2aCaller(house.base, undefined).call(binding, 'ListTasks').catch(() => undefined);
      const of = async (role: 'viewer' | 'developer') => new A2aCaller(house.base, await house.api.makeKey({ role }));
      const { id } = await house.started();
      const statuses = [
        keyless?.status,
        (await (await of('viewer')).call(binding, 'SendMessage', a2aSend()))?.status,
        (await (await of('developer')).call(binding, 'CancelTask', { id }))?.status,
        (await (await of('viewer')).call(binding, 'GetTask', { id })).status,
      ];
      expect(statuses).toEqual([401, 403, 403, 200]);
    });
  });

  it.each([
    ['no JSON', '{"jsonrpc"', -32_700],
    ['no object', '7', -32_600],
    ['a batch', '[]', -32_600],
    ['nothing', '', -32_600],
    ['another version of JSON-RPC', '{"jsonrpc":"1.0","id":1,"method":"GetTask","params":{}}', -32_600],
    ['no method', '{"jsonrpc":"2.0","id":1}', -32_600],
    ['an id that is none', '{"jsonrpc":"2.0","id":{},"method":"GetTask","params":{}}', -32_600],
    ['no such method', '{"jsonrpc":"2.0","id":1,"method":"EatTask","params":{}}', -32_601],
    ['no parameters', '{"jsonrpc":"2.0","id":1,"method":"GetTask"}', -32_602],
    ['parameters in a list', '{"jsonrpc":"2.0","id":1,"method":"GetTask","params":[]}', -32_602],
  ])('answers JSON-RPC that is %s with its error', async (_, body, code) => {
    const { status, error } = await house.client.post(body);
    expect({ status, code: error?.code }).toEqual({ status: 200, code });
  });

  it('gives everybody a card that names no organisation, and the callers what theirs offers', async () => {
    const at = house.base.replace('/v1/a2a', '/.well-known/agent-card.json');
    const answer = await fetch(at, { headers: { 'a2a-version': '1.0' } });
    const card = (await answer.json()) as { skills: { id: string }[]; supportedInterfaces: object[] };
    expect(card).toMatchObject({
      name: 'brikk',
      capabilities: { streaming: true, extendedAgentCard: true },
      securitySchemes: { apiKey: { httpAuthSecurityScheme: { scheme: 'Bearer' } } },
      defaultInputModes: ['text/plain', 'application/json'],
    });
    expect(card.supportedInterfaces).toMatchObject([
      { protocolBinding: 'JSONRPC', protocolVersion: '1.0' },
      { protocolBinding: 'HTTP+JSON', protocolVersion: '1.0' },
      { protocolBinding: 'JSONRPC', protocolVersion: '0.3' },
    ]);
    expect(card.skills.every(({ id }) => id.startsWith('pattern.'))).toBe(true);
    expect(answer.headers.get('cache-control')).toMatch(/max-age=\d+/);
    const etag = answer.headers.get('etag')!;
    const again = await fetch(at, { headers: { 'a2a-version': '1.0', 'if-none-match': etag } });
    expect(again.status).toBe(304);
    const agent = {
      name: 'a',
      version: '1.0.0',
      protocol: 'http',
      endpoint: 'http://127.0.0.1:9',
      capabilities: [{ name: 'sort.mail' }],
    };
    const registered = await fetch(house.base.replace('/a2a', '/agents'), {
      method: 'POST',
      headers: { authorization: `Bearer ${house.api.key}`, 'content-type': 'application/json' },
      body: JSON.stringify(agent),
    });
    expect(registered.status).toBe(201);
    const { result } = await house.client.call('HTTP+JSON', 'GetExtendedAgentCard');
    expect(result.skills.map(({ id }: { id: string }) => id)).toEqual(
      expect.arrayContaining(['capability.sort.mail', 'pattern.market']),
    );
  });
});
