import { afterAll, beforeAll, describe, expect, it, jest } from '@jest/globals';
import { LegacyJsonRpcTransportHandler } from '@a2a-js/sdk/compat/v0_3/server';
import { AgentCard, Message } from '@a2a-js/sdk';
import { AgentEvent, DefaultRequestHandler, InMemoryTaskStore, ServerCallContext } from '@a2a-js/sdk/server';
import { Server, ServerCredentials } from '@grpc/grpc-js';
import { createMcpHandler, McpServer } from '@modelcontextprotocol/server';
import { readFileSync } from 'node:fs';
import { text } from 'node:stream/consumers';
import protobuf from 'protobufjs';
import { parse } from 'yaml';
import { z } from 'zod';
import { createLanguageActivities } from '../../activities/language.activities.js';
import { GrpcConnector } from '../../connectors/grpc/grpc.connector.js';
import { addressRule } from '../../connectors/lib/address-rule.js';
import { WebConnector } from '../../connectors/web/web.connector.js';
import type { Definition } from '../../contracts/definition.js';
import type { Json } from '../../contracts/json.js';
import { TestInterpreter } from '../support/interpreted.js';
import { serving } from '../support/outside-calls.js';

jest.setTimeout(60_000);

const PROTO = `syntax = "proto3"; package docs;
message Who { string name = 1; } message Greeting { string text = 1; }
service Greeter { rpc Greet (Who) returns (Greeting); }`;

const ORDERS = `asyncapi: '3.0.0'
servers: { web: { host: shop.example.com, protocol: http } }
channels: { orders: { address: /orders, messages: { order: { payload: { required: [order] } } } } }
operations:
  tellOrder: { action: receive, channel: { $ref: '#/channels/orders' } }
  hearOrders: { action: send, channel: { $ref: '#/channels/orders' } }`;

/** What the pages show: a definition, and in the next line its input and output. */
const pages = ['call-servers', 'asyncapi'].map((page) => readFileSync(`docs/language/${page}.md`, 'utf8'));
const examples = [
  ...pages
    .join('')
    .matchAll(/```yaml\n(document:(?:(?!```)[^])*)```\n\nWith the input `(.*?)`.*the output is `(.*?)`/g),
].map(([, yaml = '', input = '', output = '']) => ({
  definition: parse(yaml) as Definition,
  input: JSON.parse(input) as Json,
  output: JSON.parse(output) as Json,
}));

describe('what the pages about calls of servers show', () => {
  let peers: Awaited<ReturnType<typeof serving>>;
  let greeter: Server;
  let port: number;
  let web: WebConnector;
  let tested: TestInterpreter;
  beforeAll(async () => {
    peers = await servingPeers();
    greeter = greeting();
    port = await new Promise<number>((resolve, reject) =>
      greeter.bindAsync('127.0.0.1:0', ServerCredentials.createInsecure(), (error, bound) =>
        error ? reject(error) : resolve(bound),
      ),
    );
    const nobody = () => Promise.reject(new Error('nobody'));
    const rule = addressRule(['127.0.0.0/8']);
    const hosts = ['tools.example.com', 'echo.example.com', 'protos.example.com', 'shop.example.com'];
    web = new WebConnector(rule, Object.fromEntries(hosts.map((host) => [host, peers.origin])));
    const language = createLanguageActivities({
      web,
      servers: { grpc: new GrpcConnector(rule), channels: { publish: nobody, subscribe: nobody } },
      secrets: { open: async () => new Map() },
      connectors: {} as never,
      processes: [],
      children: { open: nobody, read: nobody },
      resources: { find: nobody, keep: nobody },
      events: { append: async () => undefined },
      journal: { outcomes: async () => new Map(), record: async (_, __, row) => ({ call: row, isHeld: false }) },
      payloads: {
        store: () => Promise.reject(new Error('nothing is stored')),
        materialise: async (_, value) => ('inline' in value ? value.inline : null),
      },
    });
    tested = await TestInterpreter.start({ callServer: (call) => language.callServer(call) });
  });
  afterAll(async () => {
    await tested.stop();
    await web.close();
    greeter.forceShutdown();
    peers.stop();
  });

  it('is an example for each protocol, and one for each direction of messages', () => expect(examples).toHaveLength(5));

  it.each(examples)('$definition.document.name does what it says', async ({ definition, input, output }) => {
    const local = JSON.parse(
      JSON.stringify(definition).replace('"greeter.example.com","port":443', `"127.0.0.1","port":${port}`),
    ) as Definition;
    expect(await tested.outputOf(local, input)).toEqual(output);
  });
});

function servingPeers() {
  const tools = createMcpHandler(() => {
    const server = new McpServer({ name: 'tools', version: '1.0.0' });
    server.registerTool('add', { inputSchema: z.object({ a: z.number(), b: z.number() }) }, ({ a, b }) => ({
      content: [{ type: 'text', text: String(a + b) }],
    }));
    return server;
  });
  const shouting = {
    execute: async ({ userMessage }, bus) => {
      const said = userMessage.parts[0]?.content;
      const parts = [{ text: said?.$case === 'text' ? said.value.toUpperCase() : '' }];
      bus.publish(AgentEvent.message(Message.fromJSON({ messageId: 'm', role: 'ROLE_AGENT', parts })));
      bus.finished();
    },
    cancelTask: async () => undefined,
  } satisfies ConstructorParameters<typeof DefaultRequestHandler>[2];
  const card = AgentCard.fromJSON({ name: 'echo', supportedInterfaces: [] });
  const agent = new LegacyJsonRpcTransportHandler(new DefaultRequestHandler(card, new InMemoryTaskStore(), shouting));
  return serving((request, response) => {
    void (async () => {
      const { method = 'GET', url = '', headers } = request;
      if (url === '/greeter.proto') return response.end(PROTO);
      if (url === '/asyncapi.yaml') return response.end(ORDERS);
      if (url === '/orders' && method === 'POST') return response.writeHead(202).end();
      if (url === '/orders')
        return response
          .writeHead(200, { 'content-type': 'text/event-stream' })
          .end([7, 8, 9, 10].map((order) => `data: ${JSON.stringify({ order })}\n\n`).join(''));
      if (url.startsWith('/.well-known/'))
        return response.end(JSON.stringify({ protocolVersion: '0.3.0', url: '/a2a' }));
      const body = await text(request);
      if (url === '/a2a') {
        const answer = await agent.handle(body, new ServerCallContext({ requestedVersion: '0.3' }));
        return response.writeHead(200, { 'content-type': 'application/json' }).end(JSON.stringify(answer));
      }
      const names = Object.entries(headers) as [string, string][];
      const sent = { method, headers: names, ...(body === '' ? {} : { body }) };
      const answer = await tools.fetch(new Request(`http://${headers.host}${url}`, sent));
      response.writeHead(answer.status, Object.fromEntries(answer.headers));
      for await (const chunk of answer.body ?? []) response.write(chunk);
      return response.end();
    })();
  });
}

function greeting(): Server {
  const { root } = protobuf.parse(PROTO);
  const [who, reply] = [root.lookupType('docs.Who'), root.lookupType('docs.Greeting')];
  const server = new Server();
  const streams = { requestStream: false, responseStream: false };
  const greet = {
    path: '/docs.Greeter/Greet',
    ...streams,
    requestSerialize: (given: Buffer) => given,
    requestDeserialize: (given: Buffer) => who.decode(given).toJSON(),
    responseSerialize: (given: object) => Buffer.from(reply.encode(reply.fromObject(given)).finish()),
    responseDeserialize: (given: Buffer) => given,
  };
  server.addService(
    { Greet: greet },
    {
      Greet: ({ request }: { request: { name: string } }, answer: (error: null, reply: object) => void) =>
        answer(null, { text: `Hello ${request.name}` }),
    },
  );
  return server;
}
