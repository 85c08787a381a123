import { afterAll, beforeAll, describe, expect, it, jest } from '@jest/globals';
import { Client, Connection } from '@temporalio/client';
import type { RegisteredAgent } from '../../contracts/agents.js';
import type { Run } from '../../contracts/runs.js';
import { Authority } from '../support/authority.js';
import { LaunchedBrikk } from '../support/brikk.js';
import { CountingAgent } from '../support/counting-agent.js';
import { EchoServer } from '../support/echo-server.js';
import { formsOf, rowsIn, tracesOf } from '../support/traces.js';
import { until } from '../support/until.js';
import { signedHeaders } from '../support/webhooks.js';

jest.setTimeout(180_000);

/** One of each kind, each a text that stands nowhere else. */
const SECRETS = {
  text: 'kiwi-7f31-text+/of a secret',
  header: 'kiwi-7f32-header',
  password: 'kiwi-7f33-password',
  client: 'the-secret-of-the-client',
  bearer: 'kiwi-7f35-bearer',
  apiKey: 'kiwi-7f36-api-key',
  connectionPassword: 'kiwi-7f37-connection',
  source: 'kiwi-7f39-source',
  endpointHeader: 'kiwi-7f40-endpoint',
  endpointPassword: 'kiwi-7f41-endpoint',
  wrong: 'kiwi-7f42-misplaced',
};

describe('secrets with the launched product', () => {
  let brikk: LaunchedBrikk;
  let client: Client;
  let connection: Connection;
  let echo: EchoServer;
  let authority: Authority;
  let agent: CountingAgent;
  beforeAll(async () => {
    [brikk, echo, authority, agent] = await Promise.all([
      LaunchedBrikk.up(['--no-samples'], { LOG_LEVEL: 'debug' }),
      EchoServer.start(),
      Authority.start(),
      CountingAgent.listen(0),
    ]);
    connection = await Connection.connect({ address: (await brikk.status()).temporal.address });
    client = new Client({ connection, namespace: 'brikk' });
  });
  afterAll(async () => {
    await connection?.close();
    echo?.stop();
    await Promise.all([brikk?.down(), authority?.stop(), agent?.close()]);
  });

  it('of every kind are found in no history, table, stream, log, audit entry or answer, though all whom they are shown to repeat them', async () => {
    const said: Record<string, string> = {};
    const given: string[] = Object.values(SECRETS);
    const post = <Answer>(route: string, body: unknown) => brikk.call<Answer>('POST', route, body);
    const put = (name: string, value: unknown) => brikk.call('PUT', `/v1/secrets/${name}`, { value });
    const refused = async (route: string, body: unknown) =>
      (said[`refusal of ${route} ${Object.keys(said).length}`] = await post(route, body).then(
        (answer) => JSON.stringify({ unexpected: answer }),
        (error: Error) => error.message,
      ));

    await put('text', SECRETS.text);
    await put('header', SECRETS.header);
    await put('shop', { username: 'ada', password: SECRETS.password });
    await put('idp', SECRETS.client);
    const auths = {
      bearer: { kind: 'bearer', token: SECRETS.bearer },
      key: { kind: 'apiKey', header: 'x-api-key', key: SECRETS.apiKey },
      login: { kind: 'basic', username: 'ada', password: SECRETS.connectionPassword },
      oauth: {
        kind: 'oauth2',
        grant: 'client_credentials',
        tokenUrl: `${authority.url}/token`,
        clientId: 'brikk',
        clientSecret: SECRETS.client,
      },
    };
    for (const [name, auth] of Object.entries(auths)) {
      const { id } = await post<{ id: string }>('/v1/connections', {
        name,
        provider: 'http',
        baseUrls: [echo.origin],
        auth,
      });
      said[`test of ${name}`] = JSON.stringify(await post(`/v1/connections/${id}/test`, {}));
    }
    const { signingSecret } = await post<RegisteredAgent>('/v1/agents', {
      name: 'echo',
      version: '1.0.0',
      protocol: 'http',
      endpoint: agent.url,
      capabilities: [{ name: 'echo' }],
      ttlSeconds: 0,
    });
    const endpoint = await post<{ id: string; secret: string }>('/v1/webhook-endpoints', {
      name: 'echo',
      urls: [`${echo.origin}/422`],
      types: ['*'],
      headers: { 'x-token': SECRETS.endpointHeader },
      basicAuth: { username: 'ada', password: SECRETS.endpointPassword },
    });
    given.push(signingSecret as string, endpoint.secret);
    given.push(`ada:${SECRETS.password}`, `ada:${SECRETS.connectionPassword}`, `ada:${SECRETS.endpointPassword}`);

    await post('/v1/workflows', definition());
    const source = await post<{ url: string }>('/v1/webhook-sources', {
      name: 'hook',
      provider: 'github',
      secret: SECRETS.source,
      routes: [{ name: 'all', action: 'start', workflow: 'e2e/secrets', input: '.' }],
    });
    const body = JSON.stringify({ n: 1 });
    const told = await fetch(source.url, {
      method: 'POST',
      headers: signedHeaders({ provider: 'github', hmac: null }, body, { secret: SECRETS.source }),
      body,
    });
    expect(told.status).toBe(202);
    await until(async () => (await brikk.call<{ items: Run[] }>('GET', '/v1/runs')).items.length > 0);
    const [{ id }] = (await brikk.call<{ items: Run[] }>('GET', '/v1/runs')).items as [Run];
    const run = await brikk.finished(id);
    expect([run.status, run.error]).toEqual(['completed', null]);
    said['run'] = JSON.stringify(run);
    said['events'] = JSON.stringify(await brikk.events(id));

    await refused('/v1/connections', { name: 'x', provider: 'http', auth: { kind: 'bearer', tokn: SECRETS.wrong } });
    await refused('/v1/connections', {
      name: 'x',
      provider: 'http',
      auth: { kind: 'mtls', certificate: SECRETS.wrong, key: SECRETS.wrong },
    });
    await refused('/v1/connections', {
      name: 'x',
      provider: 'http',
      baseUrls: [`https://ada:${SECRETS.wrong}@example.com`],
      auth: { kind: 'none' },
    });
    await refused('/v1/webhook-sources', { name: 'x', provider: 'standard', secret: SECRETS.wrong });
    await refused('/v1/webhook-endpoints', {
      name: 'x',
      urls: [echo.origin],
      types: ['*'],
      headers: { Authorization: SECRETS.wrong },
    });
    await refused(`/v1/secrets/x`, { value: SECRETS.wrong });
    const keys = { authorization: `Bearer ${SECRETS.wrong}` };
    said['stranger'] = await (await fetch(`${(await brikk.status()).api.url}/v1/runs`, { headers: keys })).text();

    const lists = [
      'runs',
      'secrets',
      'connections',
      'agents',
      'webhook-sources',
      'webhook-endpoints',
      'webhook-deliveries',
    ];
    for (const list of [...lists, 'inbound-events', 'audit', 'breakers'])
      said[`GET ${list}`] = JSON.stringify(await brikk.call('GET', `/v1/${list}`));
    const { items: deliveries } = await brikk.call<{ items: { id: string }[] }>('GET', '/v1/webhook-deliveries');
    for (const delivery of deliveries)
      said[`attempts ${delivery.id}`] = JSON.stringify(
        await brikk.call('GET', `/v1/webhook-deliveries/${delivery.id}/attempts`),
      );

    // Each was used: what follows looks for texts that have been somewhere.
    const heard = echo.heard.join('\n');
    for (const [kind, secret] of Object.entries(SECRETS))
      if (!['source', 'wrong', 'client'].includes(kind))
        expect([kind, formsOf(secret).some((form) => heard.includes(form)) || /password/i.test(kind)]).toEqual([
          kind,
          true,
        ]);
    const asked = authority.asked.map((one) => one.client_secret);
    expect(asked).toEqual([SECRETS.client, SECRETS.client]);
    const counts = await rowsIn(brikk, [
      'run_event',
      'call_journal',
      'connector_call',
      'audit_event',
      'webhook_attempt',
    ]);
    expect(Math.min(...counts)).toBeGreaterThan(0);
    const tokens = [...heard.matchAll(/Bearer (access-\d+)/g)].map(([, token]) => token as string);
    expect(new Set(tokens).size).toBe(2);
    given.push(...tokens, ...tokens.map((token) => token.replace('access', 'refresh')));

    expect(await tracesOf(brikk, client, said, given.flatMap(formsOf))).toEqual([]);
  });

  /** Each secret is shown to a server that says it again: where it answers well, and where it does not. */
  const definition = () => {
    const at = (path: string) => `${echo.origin}${path}`;
    const http = (endpoint: object, more: object = {}) => ({
      call: 'http',
      with: { method: 'post', endpoint, ...more },
    });
    const through = (connection: string, path: string) => ({
      call: 'http.request',
      with: { connection, method: 'POST', path, body: { a: 1 }, output: 'response' },
    });
    const caught = (name: string, task: object) => ({
      [name]: { try: [{ it: task }], catch: { as: 'error', do: [{ keep: { set: { error: '${ $error }' } } }] } },
    });
    const bearer = { bearer: { token: '${ $secrets.text }' } };
    return {
      document: { dsl: '1.0.3', namespace: 'e2e', name: 'secrets', version: '1.0.0' },
      use: { secrets: ['text', 'header', 'shop', 'idp'] },
      do: [
        {
          page: http(
            { uri: at('/'), authentication: bearer },
            { headers: { 'x-own': '${ $secrets.header }' }, body: { deep: ['${ $secrets.text }'] } },
          ),
        },
        { shown: http({ uri: at('/'), authentication: bearer }, { output: 'response' }) },
        { order: http({ uri: at('/'), authentication: { basic: { use: 'shop' } } }) },
        caught(
          'broken',
          http({ uri: at('/422'), authentication: bearer }, { headers: { 'x-own': '${ $secrets.header }' } }),
        ),
        {
          token: http({
            uri: at('/'),
            authentication: {
              oauth2: {
                authority: authority.url,
                endpoints: { token: '/token' },
                grant: 'client_credentials',
                client: { id: 'brikk', secret: '${ $secrets.idp }' },
              },
            },
          }),
        },
        ...['bearer', 'key', 'login', 'oauth'].flatMap((name) => [
          { [`${name}Well`]: through(name, '/orders') },
          caught(`${name}Badly`, through(name, '/422')),
        ]),
        { agent: { call: 'agent', with: { capability: 'echo', input: '${ . }' } } },
      ],
    };
  };
});
