import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import type { IncomingMessage } from 'node:http';
import type { Json } from '../contracts/json.js';
import type { CallParts, HttpCall, LateParts } from '../contracts/language-activities.js';
import { OutsideCalls, serving } from '../test/support/outside-calls.js';
import { nameOf } from './name-of-call.js';

const KEPT = { pager: { token: 'hunter two' }, shop: { username: 'ada', password: 'horse-staple' } };

const OPENAPI = {
  openapi: '3.0.0',
  servers: [{ url: '/api/{stage}', variables: { stage: { default: 'v1' } } }],
  paths: {
    '/pets/{id}': {
      parameters: [{ $ref: '#/components/parameters/id' }],
      get: { operationId: 'getPet', parameters: [{ name: 'tags', in: 'query', schema: { type: 'array' } }] },
      post: { operationId: 'putPet', requestBody: { content: {} } },
    },
  },
  components: { parameters: { id: { name: 'id', in: 'path', required: true } } },
};

describe('a call of HTTP', () => {
  let server: Awaited<ReturnType<typeof serving>>;
  let origin: string;
  let calls: OutsideCalls;
  const asked: { method?: string; url?: string; headers: IncomingMessage['headers']; body: string }[] = [];
  beforeAll(async () => {
    server = await serving((request, response) => {
      const chunks: Buffer[] = [];
      request.on('data', (chunk: Buffer) => chunks.push(chunk));
      request.on('end', () => {
        const { method, url, headers } = request;
        asked.push({ method, url, headers, body: Buffer.concat(chunks).toString() });
        if (url === '/slow') return;
        const [status, type, body] = answerTo(url ?? '');
        response.writeHead(status, { 'content-type': type, 'set-cookie': 'a=secret' }).end(body);
      });
    });
    ({ origin } = server);
    calls = new OutsideCalls(KEPT, { 'api.example.com': origin });
  });
  afterAll(async () => {
    await calls.close();
    server.stop();
  });

  function answerTo(url: string): [number, string, string] {
    if (url === '/openapi.json') return [200, 'application/json', JSON.stringify(OPENAPI)];
    if (url === '/text') return [200, 'text/plain; charset=utf-8', 'plain'];
    if (url === '/broken') return [200, 'application/json', '{'];
    if (url === '/moved') return [302, 'text/plain', ''];
    if (url === '/missing') return [404, 'application/problem+json', '{}'];
    return [200, 'application/vnd.a+json', '{"ok":true}'];
  }

  const make = (
    { uri, method = 'get', ...request }: { uri: string; method?: string; [part: string]: Json | undefined },
    { authentication, ...more }: Partial<HttpCall> & { authentication?: Json } = {},
  ) => {
    const parts: CallParts<Json> = {
      request: request as Json,
      ...(authentication !== undefined && { authentication }),
    };
    return calls.http({ kind: 'http', method, uri }, parts, more);
  };

  it('parses what is JSON, keeps text, and gives bytes in base64', async () => {
    expect(await make({ uri: `${origin}/json` })).toEqual({ output: { ok: true } });
    expect(await make({ uri: `${origin}/text` })).toEqual({ output: 'plain' });
    expect(await make({ uri: `${origin}/text` }, { output: 'raw' })).toEqual({ output: 'cGxhaW4=' });
    expect(await make({ uri: `${origin}/broken` })).toMatchObject({ error: { code: 'http.invalid' } });
  });

  it('shows the whole exchange, without what is secret in its headers', async () => {
    const { output } = (await make(
      { uri: 'http://api.example.com/json', query: { tag: ['a b', 'c'], n: 1, none: null } },
      { output: 'response', authentication: { bearer: { token: 'hidden' } } },
    )) as { output: Record<string, Json> };
    expect(output).toMatchObject({
      request: {
        method: 'GET',
        uri: 'http://api.example.com/json?tag=a+b&tag=c&n=1',
        headers: { authorization: '***' },
      },
      statusCode: 200,
      headers: { 'set-cookie': '***' },
      content: { ok: true },
    });
    expect(JSON.stringify(output)).not.toMatch(/hidden|secret/);
    expect(asked.at(-1)).toMatchObject({ headers: { authorization: 'Bearer hidden', host: 'api.example.com' } });
  });

  it('sends a body as JSON, or as the text that its type says, with a key that stays the same', async () => {
    await make({ uri: `${origin}/json`, method: 'post', body: { a: 1 } });
    expect(asked.at(-1)).toMatchObject({ method: 'POST', body: '{"a":1}', headers: { 'idempotency-key': 'r/do/0/a' } });
    const headers = { 'content-type': 'text/csv', 'Idempotency-Key': 'mine' };
    await make({ uri: `${origin}/json`, method: 'PUT', headers, body: 'a,b' });
    expect(asked.at(-1)).toMatchObject({ method: 'PUT', body: 'a,b', headers: { 'idempotency-key': 'mine' } });
    const basic = { username: 'ada', password: 'pw' };
    await make({ uri: `${origin}/json` }, { authentication: { basic } });
    expect(asked.at(-1)?.headers.authorization).toBe(`Basic ${Buffer.from('ada:pw').toString('base64')}`);
  });

  it('names every failure', async () => {
    const codeOf = async (...args: Parameters<typeof make>) => {
      const made = await make(...args);
      return 'error' in made ? made.error.code : 'none';
    };
    expect(await codeOf({ uri: `${origin}/missing` })).toBe('http.404');
    expect(await codeOf({ uri: `${origin}/moved` })).toBe('http.302');
    expect(await codeOf({ uri: `${origin}/moved` }, { redirect: true })).toBe('none');
    expect(await codeOf({ uri: `${origin}/slow` }, { timeoutMs: 50 })).toBe('http.timeout');
    expect(await codeOf({ uri: 'http://10.1.2.3/' })).toBe('http.refused');
    expect(await codeOf({ uri: 'http://127.0.0.1:1/' })).toBe('http.unreachable');
    expect(await codeOf({ uri: 'file:///etc/passwd' })).toBe('http.invalid');
    expect(await codeOf({ uri: `${origin.replace('//', '//user:pw@')}/` })).toBe('http.invalid');
  });

  const late = (parts: Partial<LateParts>): Partial<HttpCall> => ({
    parts: {
      request: '{}',
      data: { inline: { n: 7 } },
      variables: { team: { inline: 'ops' } },
      secrets: ['pager', 'shop'],
      ...parts,
    },
  });

  it('reads secrets where it makes the request, and shows them nowhere', async () => {
    const request =
      '{headers: {"X-Key": $secrets.pager.token, "X-Team": $team}, query: {k: $secrets.pager.token}, body: {n}}';
    const answered = await make(
      { uri: 'http://api.example.com/json', method: 'post' },
      { output: 'response', ...late({ request }) },
    );
    expect(asked.at(-1)).toMatchObject({
      url: '/json?k=hunter+two',
      headers: { 'x-key': 'hunter two', 'x-team': 'ops' },
      body: '{"n":7}',
    });
    expect(answered).toMatchObject({
      output: { request: { uri: 'http://api.example.com/json?k=***', headers: { 'x-key': '***', 'x-team': 'ops' } } },
    });
    expect(JSON.stringify(answered)).not.toMatch(/hunter/);
  });

  it('takes the authentication that a secret holds, and lets the request read it', async () => {
    const authentication = '{basic: $secrets.shop}';
    const basic = Buffer.from('ada:horse-staple').toString('base64');
    const request = '{headers: {"X-Proof": "\\($authorization.scheme) \\($authorization.parameter)"}}';
    await make({ uri: `${origin}/json` }, late({ authentication, request }));
    expect(asked.at(-1)?.headers).toMatchObject({ authorization: `Basic ${basic}`, 'x-proof': `Basic ${basic}` });
    await make({ uri: `${origin}/json` }, late({ authentication: '{bearer: {token: $secrets.pager.token}}' }));
    expect(asked.at(-1)?.headers.authorization).toBe('Bearer hunter two');
  });

  it.each<[string, Partial<LateParts>, string, RegExp]>([
    ['a secret that there is not', { secrets: ['pager', 'gone'], request: '{}' }, 'secret.not_found', /no secret gone/],
    ['a password that is none', { authentication: '{basic: {username: "a"}}' }, 'expression.failed', /basic.password/],
    ['headers that are none', { request: '{headers: 1}' }, 'expression.failed', /headers must be an object/],
    ['an expression that fails', { request: '$secrets.pager.token | error' }, 'expression.failed', /\*\*\*/],
  ])('makes no request of %s, and its error shows no secret', async (_, parts, code, message) => {
    const before = asked.length;
    const made = await make({ uri: `${origin}/json` }, late(parts));
    expect(made).toMatchObject({ error: { code, message: expect.stringMatching(message), retryable: false } });
    expect(JSON.stringify(made)).not.toMatch(/hunter|horse/);
    expect(asked).toHaveLength(before);
  });

  it('calls what an expression names, which is text', async () => {
    const named = (method: Json) => make({ uri: `${origin}/json`, method: '${ .method }', named: { method } });
    expect(await named('put')).toEqual({ output: { ok: true } });
    expect(asked.at(-1)).toMatchObject({ method: 'PUT' });
    expect(await named(null)).toMatchObject({ error: { code: 'expression.failed', message: 'method must be text' } });
  });

  it('makes the operation of an OpenAPI document', async () => {
    const operation = (operationId: string) =>
      ({ kind: 'openapi', document: `${origin}/openapi.json`, operationId }) as const;
    const of = (operationId: string, parameters: Json) =>
      calls.http(operation(operationId), { request: { parameters }, document: { bearer: { token: 'reader' } } });
    expect(await of('getPet', { id: 'a/b', tags: 'x' })).toEqual({ output: { ok: true } });
    expect(asked.at(-1)).toMatchObject({ method: 'GET', url: '/api/v1/pets/a%2Fb?tags=x' });
    expect(asked.at(-1)?.headers.authorization).toBeUndefined();
    expect(asked.at(-2)?.headers.authorization).toBe('Bearer reader');
    await of('putPet', { id: 1, name: 'Rex' });
    expect(asked.at(-1)).toMatchObject({ method: 'POST', url: '/api/v1/pets/1', body: '{"name":"Rex"}' });
    expect(await of('getPet', {})).toMatchObject({ error: { message: 'the parameter id of getPet is required' } });
    expect(await of('nothing', {})).toMatchObject({ error: { message: 'the document has no operation nothing' } });
    expect(nameOf(operation('getPet'))).toMatch(/^getPet 127/);
  });
});
