import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { LegacyJsonRpcTransportHandler } from '@a2a-js/sdk/compat/v0_3/server';
import {
  AgentEvent,
  type AgentExecutor,
  DefaultRequestHandler,
  InMemoryTaskStore,
  JsonRpcTransportHandler,
  ServerCallContext,
} from '@a2a-js/sdk/server';
import { AgentCard, Message, Task, TaskStatusUpdateEvent } from '@a2a-js/sdk';
import type { IncomingMessage } from 'node:http';
import { text } from 'node:stream/consumers';
import type { Json } from '../contracts/json.js';
import { OutsideCalls, serving } from '../test/support/outside-calls.js';
import { nameOf } from './name-of-call.js';

const executor: AgentExecutor = {
  async execute({ userMessage, taskId, contextId }, bus) {
    const [part] = userMessage.parts;
    const said = part?.content?.$case === 'text' ? part.content.value : '';
    if (said === 'hello') {
      const parts = [{ text: 'HELLO' }];
      bus.publish(AgentEvent.message(Message.fromJSON({ messageId: 'm-2', role: 'ROLE_AGENT', contextId, parts })));
    } else {
      const status = (state: string) => ({ contextId, status: { state: `TASK_STATE_${state}` } });
      bus.publish(AgentEvent.task(Task.fromJSON({ id: taskId, ...status('WORKING') })));
      bus.publish(AgentEvent.statusUpdate(TaskStatusUpdateEvent.fromJSON({ taskId, ...status('COMPLETED') })));
    }
    bus.finished();
  },
  cancelTask: async () => undefined,
};

describe('a call of A2A', () => {
  let server: Awaited<ReturnType<typeof serving>>;
  let calls: OutsideCalls;
  const asked: { headers: IncomingMessage['headers']; body: { method?: string } }[] = [];
  beforeAll(async () => {
    const card = AgentCard.fromJSON({
      name: 'echo',
      version: '1.0.0',
      capabilities: { streaming: true },
      supportedInterfaces: [{ protocolBinding: 'JSONRPC', url: 'x', protocolVersion: '1.0', tenant: '' }],
    });
    const handler = new DefaultRequestHandler(card, new InMemoryTaskStore(), executor);
    const [modern, legacy] = [new JsonRpcTransportHandler(handler), new LegacyJsonRpcTransportHandler(handler)];
    const cards: Record<string, object> = {
      '/modern.json': {
        name: 'echo',
        supportedInterfaces: [
          { protocolBinding: 'GRPC', url: 'grpc://x', protocolVersion: '1.0' },
          { protocolBinding: 'JSONRPC', url: '/1', protocolVersion: '1.0' },
        ],
      },
      '/legacy.json': { name: 'echo', protocolVersion: '0.3.0', url: '/0.3', preferredTransport: 'JSONRPC' },
      '/rest.json': { name: 'echo', protocolVersion: '0.3.0', url: '/0.3', preferredTransport: 'HTTP+JSON' },
    };
    server = await serving((request, response) => {
      void (async () => {
        const { url = '', headers } = request;
        const shown = cards[url];
        if (shown) return response.writeHead(200, { 'content-type': 'application/json' }).end(JSON.stringify(shown));
        if (url === '/down') return response.writeHead(500).end('broken');
        if (url === '/chatter') return response.writeHead(200).end('hello');
        const body = JSON.parse(await text(request)) as { method: string };
        asked.push({ headers, body });
        const context = new ServerCallContext({ requestedVersion: url === '/1' ? '1.0' : '0.3' });
        const answer = await (url === '/1' ? modern : legacy).handle(body, context);
        if (!(Symbol.asyncIterator in answer))
          return response.writeHead(200, { 'content-type': 'application/json' }).end(JSON.stringify(answer));
        response.writeHead(200, { 'content-type': 'text/event-stream' });
        const tell = (event: object) => response.write(`: beat\n\nid: 1\ndata: ${JSON.stringify(event)}\n\n`);
        try {
          for await (const event of answer) tell(event);
        } catch (cause) {
          tell({ jsonrpc: '2.0', id: 1, error: LegacyJsonRpcTransportHandler.mapToLegacyJSONRPCError(cause) });
        }
        return response.end();
      })();
    });
    calls = new OutsideCalls({ desk: { token: 'hunter-2' } });
  });
  afterAll(async () => {
    await calls.close();
    server.stop();
  });

  const message = (said: string) => ({
    message: { kind: 'message', messageId: 'm-1', role: 'user', parts: [{ kind: 'text', text: said }] },
  });
  const call = (
    method: string,
    parameters: Json,
    { path = '/0.3', card, timeoutMs }: { path?: string; card?: string; timeoutMs?: number } = {},
  ) =>
    calls.server(
      {
        kind: 'a2a',
        method,
        ...(card === undefined ? { uri: `${server.origin}${path}` } : { card: `${server.origin}${card}` }),
      },
      { request: { parameters } },
      timeoutMs,
    );

  it('gives the result of a method of a server', async () => {
    expect(await call('message/send', message('hello'))).toMatchObject({
      output: { kind: 'message', parts: [{ kind: 'text', text: 'HELLO' }] },
    });
    const { output: task } = (await call('message/send', message('work'))) as { output: { id: string } };
    expect(task).toMatchObject({ kind: 'task', status: { state: 'completed' } });
    expect(await call('tasks/get', { id: task.id })).toMatchObject({ output: { id: task.id } });
  });

  it('fills in what a message needs, the same for a repeat of the call', async () => {
    const short = { message: { kind: 'message', parts: [{ kind: 'text', text: 'hello' }] } };
    for (let attempt = 1; attempt <= 2; attempt += 1)
      expect(await call('message/send', short)).toMatchObject({ output: { kind: 'message' } });
    const [first, second] = asked.slice(-2).map(({ body }) => (body as { params?: typeof short }).params?.message);
    expect(first).toMatchObject({
      role: 'user',
      messageId: expect.stringMatching(/^[\da-f]{8}-[\da-f]{4}-8[\da-f]{3}-8[\da-f]{3}-[\da-f]{12}$/),
    });
    expect(second).toEqual(first);
    const modern = { message: { parts: [{ text: 'hello' }] } };
    expect(await call('message/send', modern, { card: '/modern.json' })).toMatchObject({
      output: { message: { parts: [{ text: 'HELLO' }] } },
    });
  });

  it('gives the results of a stream as a list', async () => {
    const { output } = (await call('message/stream', message('work'))) as { output: Json[] };
    expect(output).toMatchObject([{ kind: 'task' }, { kind: 'status-update', status: { state: 'completed' } }]);
  });

  it('finds the server by the card, and names methods as its version does', async () => {
    expect(await call('message/send', message('hello'), { card: '/legacy.json' })).toMatchObject({
      output: { kind: 'message' },
    });
    expect(asked.at(-1)).toMatchObject({ headers: { 'a2a-version': '0.3' }, body: { method: 'message/send' } });
    const modern = { message: { messageId: 'm-1', role: 'ROLE_USER', parts: [{ text: 'hello' }] } };
    expect(await call('message/send', modern, { card: '/modern.json' })).toMatchObject({
      output: { message: { parts: [{ text: 'HELLO' }] } },
    });
    expect(asked.at(-1)).toMatchObject({ headers: { 'a2a-version': '1.0' }, body: { method: 'SendMessage' } });
  });

  it('asks with credentials from secrets, the card with its own', async () => {
    const late = {
      data: { inline: null },
      variables: {},
      secrets: ['desk'],
      request: JSON.stringify({ parameters: message('hello') }),
      authentication: '{bearer: $secrets.desk}',
    };
    const request = { kind: 'a2a' as const, method: 'message/send', card: `${server.origin}/legacy.json` };
    expect(await calls.server(request, late)).toMatchObject({ output: { kind: 'message' } });
    expect(asked.at(-1)?.headers.authorization).toBe('Bearer hunter-2');
    expect(nameOf(request)).toMatch(/^message\/send 127/);
  });

  it.each<[string, string, Json, Parameters<typeof call>[2], string, RegExp]>([
    [
      'a task that there is not',
      'tasks/get',
      { id: 'gone' },
      {},
      'server.failed',
      /tasks\/get of .* failed: .*gone.* \(-32001\)/,
    ],
    ['an error in a stream', 'tasks/resubscribe', { id: 'gone' }, {}, 'server.failed', /gone/],
    ['parameters that are none', 'tasks/get', 'gone', {}, 'expression.failed', /parameters must be an object/],
    ['a card without JSON-RPC', 'tasks/get', {}, { card: '/rest.json' }, 'http.invalid', /no JSON-RPC interface/],
    ['a card that there is not', 'tasks/get', {}, { card: '/down' }, 'http.invalid', /answered 500/],
    ['a server in trouble', 'tasks/get', {}, { path: '/down' }, 'http.500', /answered 500/],
    ['a server that speaks otherwise', 'tasks/get', {}, { path: '/chatter' }, 'http.invalid', /no JSON-RPC response/],
  ])('fails with %s', async (_, method, parameters, more, code, said) => {
    expect(await call(method, parameters, more)).toMatchObject({
      error: { code, message: expect.stringMatching(said) },
    });
  });
});
