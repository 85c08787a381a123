import { afterAll, beforeAll, beforeEach, describe, expect, it, jest } from '@jest/globals';
import type { Definition } from '../../../contracts/definition.js';
import type { TaskList } from '../../../contracts/definition-tasks.js';
import type { ServerCall } from '../../../contracts/language-activities.js';
import type { CallResult } from '../../../contracts/run-workflow.js';
import { definitionOf, TestInterpreter } from '../../../test/support/interpreted.js';

jest.setTimeout(60_000);

const uri = 'https://{team}.example.com/mcp';
const http = { endpoint: uri };
const PETS = {
  proto: { endpoint: 'https://a.example.com/pets.proto' },
  service: { name: 'shop.Pets', host: 'pets.example.com' },
  method: 'Get',
};

describe('a call of a server', () => {
  let tested: TestInterpreter;
  let sent: ServerCall[];
  let made: Pick<CallResult, 'output' | 'error'>;
  beforeAll(async () => {
    tested = await TestInterpreter.start({
      callServer: async (call) => {
        sent.push(call);
        return { key: call.key, status: made.error ? 'failed' : 'completed', ...made, queueMs: 0, execMs: 1 };
      },
    });
  });
  beforeEach(() => {
    sent = [];
    made = { output: { inline: { ok: true } } };
  });
  afterAll(() => tested.stop());

  const run = (task: object, use?: Definition['use']) =>
    tested.run(definitionOf([{ ask: task }] as TaskList, use && { use }), { team: 'ops', n: 7 });

  it.each<[string, object, Partial<ServerCall>]>([
    [
      'MCP',
      {
        call: 'mcp',
        with: {
          method: 'tools/call',
          transport: { http: { ...http, headers: { 'X-N': '${ .n }' } } },
          parameters: { name: 'add', arguments: '${ { n } }' },
          timeout: { seconds: 5 },
          protocolVersion: '2025-06-18',
          client: { name: 'desk', version: '1.0.0' },
        },
      },
      {
        request: {
          kind: 'mcp',
          uri: 'https://ops.example.com/mcp',
          method: 'tools/call',
          protocolVersion: '2025-06-18',
          client: { name: 'desk', version: '1.0.0' },
        },
        parts: { request: { inline: { headers: { 'X-N': 7 }, parameters: { name: 'add', arguments: { n: 7 } } } } },
        timeoutMs: 5_000,
      },
    ],
    [
      'A2A at a server',
      {
        call: 'a2a',
        with: { method: 'tasks/get', server: { uri, authentication: { use: 'desk' } }, parameters: '${ { id: .n } }' },
      },
      {
        request: { kind: 'a2a', uri: 'https://ops.example.com/mcp', method: 'tasks/get' },
        parts: {
          request: { inline: { parameters: { id: 7 } } },
          authentication: { inline: { bearer: { token: 'ops' } } },
        },
        timeoutMs: 60_000,
      },
    ],
    [
      'MCP over standard input and output',
      {
        call: 'mcp',
        with: {
          method: 'tools/list',
          transport: { stdio: { command: 'tools', arguments: ['--team=${ .team }'], environment: { N: '${ .n }' } } },
          client: { name: 'desk', version: '3.1.0' },
        },
      },
      {
        request: { kind: 'mcp', method: 'tools/list', client: { name: 'desk', version: '3.1.0' } },
        parts: {
          request: {
            inline: { command: 'tools', arguments: ['--team=ops'], environment: { N: 7 }, parameters: {} },
          },
        },
      },
    ],
    [
      'a server that does not count beside a card',
      {
        call: 'a2a',
        with: {
          method: 'tasks/get',
          agentCard: { endpoint: uri },
          server: { uri: 'https://b.example', authentication: { use: 'desk' } },
        },
      },
      {
        request: { kind: 'a2a', card: 'https://ops.example.com/mcp', method: 'tasks/get' },
        parts: { request: { inline: { parameters: {} } } },
      },
    ],
    [
      'what is called by an expression',
      {
        call: 'grpc',
        with: { ...PETS, service: { ...PETS.service, name: '${ "shop.\\(.team)" }' }, method: '${ .team }' },
      },
      {
        request: {
          kind: 'grpc',
          proto: PETS.proto.endpoint,
          service: '${ "shop.\\(.team)" }',
          host: 'pets.example.com',
          method: '${ .team }',
        },
        parts: { request: { inline: { arguments: {}, named: { service: 'shop.ops', method: 'ops' } } } },
      },
    ],
    [
      'A2A by a card, with its policy',
      {
        call: 'a2a',
        with: { method: 'message/send', agentCard: { endpoint: { uri, authentication: { use: 'desk' } } } },
      },
      {
        request: { kind: 'a2a', card: 'https://ops.example.com/mcp', method: 'message/send' },
        parts: {
          request: { inline: { parameters: {} } },
          authentication: { inline: { bearer: { token: 'ops' } } },
          document: { inline: { bearer: { token: 'ops' } } },
        },
      },
    ],
    [
      'gRPC',
      {
        call: 'grpc',
        with: {
          ...PETS,
          service: { ...PETS.service, port: 8443, authentication: { use: 'desk' } },
          arguments: { id: '${ .n }' },
        },
      },
      {
        request: {
          kind: 'grpc',
          proto: 'https://a.example.com/pets.proto',
          service: 'shop.Pets',
          host: 'pets.example.com',
          port: 8443,
          method: 'Get',
        },
        parts: {
          request: { inline: { arguments: { id: 7 } } },
          authentication: { inline: { bearer: { token: 'ops' } } },
        },
      },
    ],
  ])('of %s has its expressions evaluated', async (_, task, call) => {
    expect(await run(task, { authentications: { desk: { bearer: { token: '${ .team }' } } } })).toMatchObject({
      status: 'completed',
      output: { ok: true },
    });
    expect(sent).toMatchObject([{ key: 'do/0/ask', ...call }]);
  });

  it('leaves what reads secrets to the activity', async () => {
    const authentication = {
      oauth2: {
        authority: 'https://id.example.com',
        grant: 'client_credentials',
        client: { id: 'x', secret: '${ $secrets.desk.secret }' },
      },
    };
    await run(
      { call: 'mcp', with: { method: 'tools/list', transport: { http: { endpoint: { uri, authentication } } } } },
      { secrets: ['desk', 'other'], authentications: {} } as Definition['use'],
    );
    expect(sent).toMatchObject([
      {
        parts: {
          secrets: ['desk'],
          request: '{"headers":{},"parameters":{}}',
          authentication: expect.stringContaining('$secrets.desk.secret'),
        },
      },
    ]);
  });

  it.each<[string, string, number]>([
    ['server.failed', 'runtime', 500],
    ['process.refused', 'configuration', 400],
    ['authentication.failed', 'authentication', 401],
    ['http.refused', 'authorization', 403],
    ['http.timeout', 'timeout', 408],
    ['http.unreachable', 'communication', 503],
    ['http.invalid', 'communication', 502],
    ['grpc.404', 'communication', 404],
  ])('that ends %s is a %s error', async (code, name, status) => {
    made = { error: { code, message: 'it said no', retryable: false } };
    const { error } = await run({ call: 'grpc', with: PETS });
    expect(error).toMatchObject({
      type: expect.stringMatching(new RegExp(`/${name}$`)),
      status,
      detail: 'it said no',
      instance: '/do/0/ask',
    });
  });

  it.each<[string, object, RegExp]>([
    ['a2a without a server', { call: 'a2a', with: { method: 'tasks/get' } }, /agentCard or server/],
    [
      'a policy that there is not',
      { call: 'a2a', with: { method: 'tasks/get', server: { uri, authentication: { use: 'gone' } } } },
      /no gone in use.authentications/,
    ],
  ])('is refused for %s', async (_, task, message) => {
    const { error } = await run(task);
    expect(error).toMatchObject({
      type: expect.stringMatching(/configuration$/),
      detail: expect.stringMatching(message),
    });
    expect(sent).toEqual([]);
  });
});
