import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import { createHash, randomUUID } from 'node:crypto';
import { text } from 'node:stream/consumers';
import { Events, OAuth2Server } from 'oauth2-mock-server';
import type { Json } from '../contracts/json.js';
import { OutsideCalls, serving } from '../test/support/outside-calls.js';

const md5 = (value: string) => createHash('md5').update(value).digest('hex');

describe('the credentials of a call', () => {
  const authority = new OAuth2Server();
  let server: Awaited<ReturnType<typeof serving>>;
  let calls: OutsideCalls;
  let issuer: string;
  let refused = new Set<string>();
  const asked: string[] = [];
  const tokenRequests: { authorization?: string; body: Record<string, string | string[]> }[] = [];
  beforeAll(async () => {
    await authority.issuer.keys.generate('RS256');
    await authority.start(0, '127.0.0.1');
    issuer = authority.issuer.url!;
    authority.service.on(Events.BeforeTokenSigning, ({ payload }) => Object.assign(payload, { jti: randomUUID() }));
    authority.service.on(Events.BeforeResponse, (answer, request) => {
      tokenRequests.push({
        authorization: request.headers.authorization,
        body: { ...(request.body as Record<string, string>) },
      });
      if ((request.body as Record<string, string>).client_id === 'nobody')
        Object.assign(answer, { statusCode: 401, body: { error: 'invalid_client' } });
      if ((request.body as Record<string, string>).client_id === 'late')
        Object.assign(answer, { statusCode: 503, body: {} });
      if ((request.body as Record<string, string>).client_id === 'brief')
        Object.assign(answer.body, { expires_in: 60, refresh_token: 'again' });
    });
    server = await serving((request, response) => {
      void (async () => {
        const { authorization = '' } = request.headers;
        asked.push(authorization);
        if (request.url === '/digest' && !isDigestOf(authorization, 'GET', '/digest'))
          return response
            .writeHead(401, {
              'www-authenticate':
                'Basic realm="x", Digest realm="a, b", nonce="n\\"1", qop="auth-int,auth", opaque="o"',
            })
            .end();
        if (request.url === '/token')
          return response
            .writeHead(200, { 'content-type': 'application/json' })
            .end(JSON.stringify({ access_token: `json ${await text(request)}` }));
        if (refused.has(authorization) || request.url?.startsWith('/never')) return response.writeHead(401).end();
        return response.writeHead(200, { 'content-type': 'application/json' }).end('{"ok":true}');
      })();
    });
  });
  beforeEach(() => {
    calls = new OutsideCalls();
    refused = new Set();
    asked.length = 0;
    tokenRequests.length = 0;
  });
  afterEach(() => calls.close());
  afterAll(async () => {
    await authority.stop();
    server.stop();
  });

  function isDigestOf(authorization: string, method: string, path: string): boolean {
    const field = (name: string) => new RegExp(`[ ,]${name}="?([^",]*)"?`).exec(authorization)?.[1] ?? '';
    const [first, second] = [md5('ada:a, b:pw'), md5(`${method}:${path}`)];
    return (
      field('response') === md5(`${first}:n"1:${field('nc')}:${field('cnonce')}:auth:${second}`) &&
      field('opaque') === 'o'
    );
  }

  const get = async (authentication: Json, path = '/', output: 'content' | 'response' = 'content') => {
    const request = { kind: 'http' as const, method: 'get', uri: `${server.origin}${path}` };
    return calls.http(request, { authentication }, { output });
  };
  const oauth = (fields: Record<string, Json> = {}) => ({
    oauth2: {
      authority: issuer,
      grant: 'client_credentials',
      client: { id: 'shop', secret: 's3cret' },
      endpoints: { token: '/token' },
      ...fields,
    },
  });

  it('answers the challenge of digest', async () => {
    expect(await get({ digest: { username: 'ada', password: 'pw' } }, '/digest')).toEqual({ output: { ok: true } });
    expect(asked).toHaveLength(2);
    expect(await get({ digest: { username: 'ada', password: 'no' } }, '/digest')).toMatchObject({
      error: { code: 'http.401' },
    });
  });

  it('gets a token of OAuth 2 and keeps it until it expires, also for those who ask at once', async () => {
    const policy = oauth({ scopes: ['read', 'write'], audiences: ['orders'] });
    const made = await Promise.all([get(policy), get(policy), get(policy)]);
    expect(made).toEqual([{ output: { ok: true } }, { output: { ok: true } }, { output: { ok: true } }]);
    await get(policy);
    expect(tokenRequests).toMatchObject([
      {
        body: {
          grant_type: 'client_credentials',
          client_id: 'shop',
          client_secret: 's3cret',
          scope: 'read write',
          audience: 'orders',
        },
      },
    ]);
    expect(new Set(asked).size).toBe(1);
    expect(asked[0]).toMatch(/^Bearer ey/);
    await get(oauth({ scopes: ['read'] }));
    expect(tokenRequests).toHaveLength(2);
  });

  it.each<[string, Record<string, Json>, object]>([
    ['no secret', { client: { id: 'shop', authentication: 'none' } }, { client_id: 'shop' }],
    [
      'an assertion',
      { client: { id: 'shop', assertion: 'signed' } },
      {
        client_id: 'shop',
        client_assertion: 'signed',
        client_assertion_type: 'urn:ietf:params:oauth:client-assertion-type:jwt-bearer',
      },
    ],
    [
      'an assertion signed by its secret',
      { client: { id: 'shop', secret: 's', authentication: 'client_secret_jwt' } },
      { client_assertion: expect.stringMatching(/^ey[\w-]+\.ey[\w-]+\.[\w-]+$/) },
    ],
    [
      'a password',
      { grant: 'password', username: 'ada', password: 'pw' },
      { grant_type: 'password', username: 'ada', password: 'pw' },
    ],
    [
      'a refresh token',
      { grant: 'refresh_token', subject: { token: 'old', type: 'refresh_token' } },
      { grant_type: 'refresh_token', refresh_token: 'old' },
    ],
  ])('asks the authority with %s', async (_, fields, body) => {
    await get(oauth(fields));
    expect(tokenRequests.at(-1)?.body).toMatchObject(body);
  });

  it('names its client in a header when the policy says so', async () => {
    const client = { id: 'a b', secret: 'c:d', authentication: 'client_secret_basic' };
    await get(oauth({ client }));
    expect(tokenRequests).toEqual([
      { authorization: 'Basic YStiOmMlM0Fk', body: { grant_type: 'client_credentials' } },
    ]);
  });

  it('asks in JSON when the authority wants it', async () => {
    const request = { encoding: 'application/json' };
    await get(oauth({ authority: server.origin, request, audiences: ['a', 'b'] }));
    const body = { grant_type: 'client_credentials', audience: ['a', 'b'], client_id: 'shop', client_secret: 's3cret' };
    expect(asked.at(-1)).toBe(`Bearer json ${JSON.stringify(body)}`);
  });

  it('exchanges another token', async () => {
    const grant = 'urn:ietf:params:oauth:grant-type:token-exchange';
    const [subject, actor] = [
      { token: 's', type: 'st' },
      { token: 'a', type: 'at' },
    ];
    await get(oauth({ authority: server.origin, grant, subject, actor, client: { id: 'shop' } }));
    const told = 'subject_token=s&subject_token_type=st&actor_token=a&actor_token_type=at&client_id=shop';
    expect(asked.at(-1)).toBe(`Bearer json ${new URLSearchParams({ grant_type: grant }).toString()}&${told}`);
  });

  it('finds the endpoint of OpenID Connect, and checks who issues', async () => {
    const oidc = { authority: issuer, grant: 'client_credentials', client: { id: 'shop', secret: 's' } };
    expect(await get({ oidc: { ...oidc, issuers: [issuer] } })).toEqual({ output: { ok: true } });
    const code = 'authentication.failed';
    const none = { issuers: ['https://other.example.com'] };
    expect(await get({ oidc: { ...oidc, ...none } })).toMatchObject({ error: { code } });
    expect(await get(oauth(none))).toMatchObject({
      error: { code, message: expect.stringMatching(/the token is of http/) },
    });
    expect(await get({ oidc: { ...oidc, authority: `${server.origin}/never` } })).toMatchObject({
      error: { code, message: expect.stringMatching(/no OpenID configuration: it answered 401/) },
    });
  });

  it.each<[string, () => Json, string, RegExp]>([
    [
      'a client that is not known',
      () => oauth({ client: { id: 'nobody' } }),
      'authentication.failed',
      /gave no token: invalid_client$/,
    ],
    ['an authority in trouble', () => oauth({ client: { id: 'late' } }), 'http.503', /gave no token: it answered 503/],
    [
      'an authority that is not there',
      () => oauth({ authority: 'http://127.0.0.1:1' }),
      'http.unreachable',
      /127.0.0.1:1/,
    ],
    ['an authority that is refused', () => oauth({ authority: 'http://10.1.2.3' }), 'http.refused', /10.1.2.3/],
    [
      'a grant that needs a person',
      () => oauth({ grant: 'authorization_code' }),
      'expression.failed',
      /needs a person/,
    ],
    [
      'a grant that there is not',
      () => oauth({ grant: 'wish' }),
      'expression.failed',
      /oauth2.grant must be one of client_credentials/,
    ],
    ['scopes that are none', () => oauth({ scopes: 'read' }), 'expression.failed', /oauth2.scopes must be a list/],
    [
      'a policy that is none',
      () => ({ magic: {} }),
      'expression.failed',
      /must be basic, bearer, digest, oauth2 or oidc/,
    ],
  ])('makes no call with %s', async (_, policy, code, message) => {
    expect(await get(policy())).toMatchObject({ error: { code, message: expect.stringMatching(message) } });
    expect(asked).toEqual([]);
  });

  it('shows no token in what it gives', async () => {
    const { output } = (await get(oauth(), '/', 'response')) as { output: Json };
    expect(output).toMatchObject({ request: { headers: { authorization: '***' } } });
    expect(JSON.stringify(output)).not.toContain(asked.at(-1)!.slice(7));
  });

  it('refreshes what has expired, and replaces what the server refuses', async () => {
    const brief = oauth({ client: { id: 'brief', secret: 's' } });
    await get(brief);
    await get(brief);
    calls.aheadMs = 60_000;
    await get(brief);
    expect(tokenRequests.map(({ body }) => [body.grant_type, body.refresh_token])).toEqual([
      ['client_credentials', undefined],
      ['refresh_token', 'again'],
    ]);
    await get(oauth());
    refused.add(asked.at(-1)!);
    tokenRequests.length = 0;
    expect(await get(oauth())).toEqual({ output: { ok: true } });
    expect(tokenRequests).toHaveLength(1);
    expect(await get(oauth(), '/never')).toMatchObject({ error: { code: 'http.401' } });
  });
});
