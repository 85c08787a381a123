import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import type { IncomingMessage } from 'node:http';
import { text } from 'node:stream/consumers';
import type { Json } from '../contracts/json.js';
import type { AsyncApiRequest, Consumption } from '../contracts/language-activities.js';
import { OutsideCalls, serving } from '../test/support/outside-calls.js';
import { nameOf } from './name-of-call.js';

const channel = (address: string) => ({ address, messages: { any: { payload: { $ref: '#/components/schemas/N' } } } });
const operation = (name: string) => ({ action: 'send', channel: { $ref: `#/channels/${name}` } });
const NAMES = ['orders', 'stream', 'lines', 'list', 'slow', 'broken', 'text', 'down'];

describe('a call of AsyncAPI', () => {
  let server: Awaited<ReturnType<typeof serving>>;
  let calls: OutsideCalls;
  const got: { url: string; method: string; headers: IncomingMessage['headers']; body: string }[] = [];
  beforeAll(async () => {
    server = await serving((request, response) => {
      void (async () => {
        const { url = '', method = '', headers } = request;
        if (url === '/doc') return response.end(JSON.stringify(documentOf(headers.host ?? '')));
        got.push({ url, method, headers, body: await text(request) });
        const answer = (type: string, body: string) => response.writeHead(200, { 'content-type': type }).end(body);
        if (url === '/v1/stream')
          return answer('text/event-stream', [1, 2, 3, 4].map((n) => `data: {"n":${n}}\n\n`).join(''));
        if (url === '/v1/lines') return answer('application/x-ndjson', '{"n":1}\n\n{"n":2}\n{"n":3}');
        if (url === '/v1/list') return answer('application/json', '[{"n":1},{"n":2}]');
        if (url === '/v1/broken') return answer('application/json', '[{"n":1},{"n":"two"}]');
        if (url === '/v1/text') return answer('text/html', 'no');
        if (url === '/v1/down') return response.writeHead(503).end();
        if (url !== '/v1/slow') return response.writeHead(202).end();
        response.writeHead(200, { 'content-type': 'text/event-stream' });
        return response.write('data: {"n":1}\n\n');
      })();
    });
    calls = new OutsideCalls({ desk: { token: 'hunter-2' } });
  });
  afterAll(async () => {
    await calls.close();
    server.stop();
  });

  const documentOf = (host: string) => ({
    asyncapi: '3.0.0',
    servers: { web: { host, pathname: '/v1', protocol: 'http' }, bus: { host: 'brikk', protocol: 'in-process' } },
    channels: {
      ...Object.fromEntries(
        NAMES.map((name) => [name, { ...channel(`/${name}`), servers: [{ $ref: '#/servers/web' }] }]),
      ),
      paid: { ...channel('com.example.paid'), servers: [{ $ref: '#/servers/bus' }] },
      odd: { ...channel('not a type'), servers: [{ $ref: '#/servers/bus' }] },
      brokenSchema: { address: 'x', messages: { any: { payload: { type: 'nothing' } } } },
    },
    operations: Object.fromEntries([...NAMES, 'paid', 'odd', 'brokenSchema'].map((name) => [name, operation(name)])),
    components: { schemas: { N: { type: 'object', properties: { n: { type: 'integer' } } } } },
  });
  const requestOf = (name: string, consume?: Omit<Consumption, 'variables'>): AsyncApiRequest => ({
    kind: 'asyncapi',
    document: `${server.origin}/doc`,
    operation: name,
    ...(consume && { consume: { ...consume, variables: { most: { inline: 3 } } } }),
  });
  const publish = (name: string, message: Json) => calls.server(requestOf(name), { request: { message } });
  const consume = (name: string, policy: Omit<Consumption, 'variables'>) => calls.server(requestOf(name, policy), {});
  const payloads = (...ns: number[]) => ({ output: ns.map((n) => ({ payload: { n } })) });

  it('is named by its operation and its document in the record', () =>
    expect(nameOf(requestOf('orders'))).toBe(`orders ${new URL(server.origin).host}`));

  it("posts the payload with its headers, under the call's key, and gives the message", async () => {
    const message = { payload: { n: 7 }, headers: { 'X-Team': 'ops' } };
    expect(await publish('orders', message)).toEqual({ output: message });
    const { url, method, headers, body } = got.at(-1)!;
    expect([method, url, body]).toEqual(['POST', '/v1/orders', '{"n":7}']);
    expect(headers).toMatchObject({
      'x-team': 'ops',
      'idempotency-key': 'r/do/0/a',
      'content-type': 'application/json',
    });
  });

  it('sends secrets, and shows none', async () => {
    const late = {
      request: '{message: {payload: {key: $secrets.desk.token}}}',
      data: { inline: null },
      variables: {},
      secrets: ['desk'],
    };
    expect(await calls.server(requestOf('orders'), late)).toEqual({ output: { payload: { key: '***' } } });
    expect(got.at(-1)!.body).toBe('{"key":"hunter-2"}');
    expect(await calls.server(requestOf('paid'), late)).toMatchObject({ error: { code: 'http.refused' } });
  });

  it("publishes inside of the installation once for the call's key", async () => {
    await publish('paid', { payload: { n: 1 }, headers: { a: 1 } });
    expect(calls.published).toEqual([
      {
        specversion: '1.0',
        id: 'do/0/a',
        source: 'https://brikk.dev/runs/r',
        type: 'com.example.paid',
        data: { n: 1 },
        headers: { a: 1 },
        time: expect.any(String),
      },
    ]);
  });

  it('subscribes to a channel inside of the installation, and leaves the hearing to the run', async () => {
    const { output } = (await consume('paid', { amount: 1 })) as { output: Json };
    expect(output).toMatchObject({ type: 'com.example.paid', schema: { properties: {} } });
    expect(calls.subscribed).toEqual(['com.example.paid']);
  });

  it.each<[string, string, Omit<Consumption, 'variables'>, number[]]>([
    ['so many events of a stream', 'stream', { amount: 2 }, [1, 2]],
    ['none when none are wanted', 'stream', { amount: 0 }, []],
    ['what there is when more are wanted', 'lines', { amount: 9 }, [1, 2, 3]],
    ['elements of a list that pass the filter', 'list', { amount: 9, filter: '.payload.n > 1' }, [2]],
    ['messages as long as it holds after each', 'stream', { while: '.payload.n < $most' }, [1, 2, 3]],
    ['messages until it holds before one', 'stream', { until: '.payload.n == $most' }, [1, 2]],
    ['what came in time', 'slow', { amount: 5, forMs: 300 }, [1]],
  ])('consumes %s', async (_, name, policy, expected) =>
    expect(await consume(name, policy)).toEqual(payloads(...expected)),
  );

  it.each<[string, () => Promise<unknown>, string, string]>([
    [
      'a message that breaks its schema',
      () => publish('orders', { payload: { n: 'x' } }),
      'validation.failed',
      'message: /payload/n must be integer',
    ],
    [
      'a message that came and breaks its schema',
      () => consume('broken', { amount: 2 }),
      'validation.failed',
      'message 1: /payload/n must be integer',
    ],
    ['an answer that holds no messages', () => consume('text', { amount: 1 }), 'http.invalid', 'not as text/html'],
    ['a status', () => consume('down', { amount: 1 }), 'http.503', 'answered 503'],
    ['a status to a message', () => publish('down', { payload: {} }), 'http.503', 'POST'],
    ['an expression', () => consume('list', { filter: '.payload | keys | .[0] | tonumber' }), 'expression.failed', 'n'],
    [
      'an address that is no type of events',
      () => publish('odd', { payload: {} }),
      'document.unusable',
      'has an address of',
    ],
    ['the same to hear', () => consume('odd', { amount: 1 }), 'document.unusable', 'has an address of'],
    ['a schema that is none', () => publish('brokenSchema', { payload: {} }), 'document.unusable', 'schema'],
    [
      'an operation that is not there',
      () => publish('nothing', { payload: {} }),
      'document.unusable',
      '/doc: it has no operation nothing',
    ],
    [
      'a message too large for the bus',
      () => publish('paid', { payload: { t: 'x'.repeat(300_000) } }),
      'document.unusable',
      '262144 bytes',
    ],
  ])('fails by %s', async (_, make, code, message) =>
    expect(await make()).toMatchObject({ error: { code, message: expect.stringContaining(message) } }),
  );

  it('fails by time when the policy sets none', async () =>
    expect(await calls.server(requestOf('slow', { amount: 5 }), {}, 300)).toMatchObject({
      error: { code: 'http.timeout' },
    }));
});
