import { createServer, type IncomingMessage, type RequestListener, type Server, type ServerResponse } from 'node:http';
import { type AddressInfo, createServer as createTcpServer, type Socket } from 'node:net';
import { afterEach, beforeAll, afterAll, describe, expect, it } from '@jest/globals';
import { Webhook } from 'standardwebhooks';
import type { AgentRequest } from '../../contracts/agent-protocol.js';
import { BrikkError } from '../../contracts/errors.js';
import { addressRule, LOOPBACK_NETWORKS } from '../lib/address-rule.js';
import { HttpAgentConnector } from './http-agent.connector.js';

const request: AgentRequest = {
  kind: 'task',
  capability: 'triage',
  input: { text: 'disk full' },
  context: {},
  deadlineMs: 1_000,
  run: { id: 'run-1', step: '/steps/triage', attempt: 1 },
  idempotencyKey: 'run-1/steps/triage',
};

let connector: HttpAgentConnector;
beforeAll(() => {
  connector = new HttpAgentConnector(addressRule(LOOPBACK_NETWORKS));
});
afterAll(() => connector.close());

const servers: { close(): void; closeAllConnections?(): void }[] = [];
afterEach(() => {
  for (const server of servers.splice(0)) {
    server.closeAllConnections?.();
    server.close();
  }
});

async function listen(handler: RequestListener): Promise<string> {
  const server = createServer(handler);
  servers.push(server);
  return urlOf(server);
}
async function urlOf(server: Pick<Server, 'listen' | 'address'>): Promise<string> {
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}/task`;
}
async function listenRaw(onSocket: (socket: Socket) => void): Promise<string> {
  const sockets = new Set<Socket>();
  const server = createTcpServer((socket) => {
    sockets.add(socket);
    socket.on('error', () => undefined);
    onSocket(socket);
  });
  servers.push({
    close: () => {
      server.close();
      for (const socket of sockets) socket.destroy();
    },
  });
  return urlOf(server as unknown as Server);
}
const reply = (response: ServerResponse, status: number, body: unknown, headers = {}) => {
  response.writeHead(status, { 'content-type': 'application/json', ...headers });
  response.end(typeof body === 'string' ? body : JSON.stringify(body));
};
async function bodyOf(message: IncomingMessage): Promise<string> {
  let text = '';
  for await (const chunk of message) text += String(chunk);
  return text;
}
async function failureOf(endpoint: string, timeoutMs = 2_000): Promise<BrikkError> {
  const error = await connector.ask(endpoint, request, { timeoutMs }).then(
    () => undefined,
    (thrown: unknown) => thrown,
  );
  expect(error).toBeInstanceOf(BrikkError);
  return error as BrikkError;
}

describe('HttpAgentConnector', () => {
  it('posts the task with its headers and gives the answer', async () => {
    const seen: { headers: IncomingMessage['headers']; body: string; method?: string | undefined }[] = [];
    const endpoint = await listen((incoming, response) => {
      void bodyOf(incoming).then((body) => {
        seen.push({ headers: incoming.headers, body, method: incoming.method });
        reply(response, 200, { output: { severity: 'high' }, confidence: 0.9, usage: { inputTokens: 3 }, extra: 1 });
      });
    });
    const secret = `whsec_${Buffer.from('a secret of some length').toString('base64')}`;
    const traceparent = '00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01';
    const answer = await connector.ask(endpoint, request, { timeoutMs: 2_000, signingSecret: secret, traceparent });

    expect(answer).toEqual({ output: { severity: 'high' }, confidence: 0.9, usage: { inputTokens: 3 } });
    expect(seen[0]?.method).toBe('POST');
    expect(JSON.parse(seen[0]?.body ?? '')).toEqual(request);
    expect(seen[0]?.headers).toMatchObject({
      'brikk-protocol': '1',
      'idempotency-key': request.idempotencyKey,
      traceparent,
    });
    const headers = seen[0]?.headers ?? {};
    const signed = {
      'webhook-id': String(headers['webhook-id']),
      'webhook-timestamp': String(headers['webhook-timestamp']),
      'webhook-signature': String(headers['brikk-signature']),
    };
    expect(new Webhook(secret).verify(seen[0]?.body ?? '', signed)).toEqual(request);
  });

  it('keeps connections for later calls', async () => {
    const ports = new Set<number | undefined>();
    const endpoint = await listen((incoming, response) => {
      ports.add(incoming.socket.remotePort);
      incoming.resume();
      reply(response, 200, { output: 1 });
    });
    for (let index = 0; index < 10; index++) await connector.ask(endpoint, request, { timeoutMs: 1_000 });
    expect(ports.size).toBeLessThanOrEqual(2);
  });

  const statuses: [number, string][] = [
    [400, 'agent.rejected'],
    [422, 'agent.rejected'],
    [401, 'agent.permanent'],
    [404, 'agent.permanent'],
    [408, 'agent.timeout'],
    [429, 'agent.rate_limited'],
    [500, 'agent.transient'],
    [503, 'agent.transient'],
    [202, 'agent.invalid_output'],
    [204, 'agent.invalid_output'],
  ];
  it.each(statuses)('names a %i answer %s', async (status, code) => {
    const endpoint = await listen((_, response) => reply(response, status, status === 204 ? '' : { error: 'no' }));
    expect((await failureOf(endpoint)).code).toBe(code);
  });

  it('passes on what the agent says about a refusal, bounded and without control characters', async () => {
    const endpoint = await listen((_, response) =>
      reply(response, 422, { detail: `text\u0000\n${'x'.repeat(1_000)}` }),
    );
    const { message } = await failureOf(endpoint);
    expect(message).toMatch(/^The agent answered 422: text x+$/);
    expect(message.length).toBeLessThan(340);
  });

  it('tells how long a 429 asks to wait', async () => {
    const endpoint = await listen((_, response) => reply(response, 429, {}, { 'retry-after': '7' }));
    expect((await failureOf(endpoint)).retryAfterMs).toBe(7_000);
  });

  it('does not follow a redirect', async () => {
    let followed = false;
    const target = await listen((_, response) => {
      followed = true;
      reply(response, 200, { output: 1 });
    });
    const endpoint = await listen((_, response) => reply(response, 307, '', { location: target }));
    expect((await failureOf(endpoint)).code).toBe('agent.invalid_output');
    expect(followed).toBe(false);
  });

  const garbage: [string, string][] = [
    ['text', 'hello'],
    ['half an object', '{"output": '],
    ['a list', '[1]'],
    ['no output', '{"result": 1}'],
    ['null', 'null'],
    ['a confidence beyond 1', '{"output": 1, "confidence": 2}'],
    ['a number out of range', '{"output": 1e999}'],
    ['U+0000 in a text', '{"output": "a\\u0000b"}'],
    ['half a surrogate pair in a name', '{"output": {"\\ud800": 1}}'],
    ['an endless nest', `{"output": ${'['.repeat(5_000)}${']'.repeat(5_000)}}`],
  ];
  it.each(garbage)('refuses %s as an answer', async (_, body) => {
    const endpoint = await listen((_incoming, response) => reply(response, 200, body));
    expect((await failureOf(endpoint)).code).toBe('agent.invalid_output');
  });

  it('names what is not HTTP at all', async () => {
    const endpoint = await listenRaw((socket) => socket.on('data', () => socket.end('SSH-2.0-OpenSSH_9.6\r\n')));
    expect((await failureOf(endpoint)).code).toBe('agent.invalid_output');
  });

  it('ends an attempt that hangs', async () => {
    const endpoint = await listen(() => undefined);
    const { code, message } = await failureOf(endpoint, 80);
    expect([code, message]).toEqual(['agent.timeout', 'The agent did not answer within 80 ms']);
  });

  it('ends an attempt whose answer trickles', async () => {
    const endpoint = await listen((_, response) => {
      response.writeHead(200, { 'content-type': 'application/json' });
      const timer = setInterval(() => response.write(' '), 10);
      response.on('close', () => clearInterval(timer));
    });
    expect((await failureOf(endpoint, 150)).code).toBe('agent.timeout');
  });

  it('stops reading an answer of 100 MB', async () => {
    let sent = 0;
    const endpoint = await listen((_, response) => {
      response.writeHead(200, { 'content-type': 'application/json' });
      const chunk = Buffer.alloc(1_024 * 1_024, ' ');
      const write = () => {
        while (sent < 100 && !response.destroyed) {
          sent += 1;
          if (!response.write(chunk)) return void response.once('drain', write);
        }
        response.end();
      };
      write();
    });
    const { code, message } = await failureOf(endpoint, 10_000);
    expect([code, message]).toEqual(['agent.invalid_output', 'The answer is larger than 10 MiB']);
    expect(sent).toBeLessThan(60);
  });

  it('stops reading a refusal that goes on and on, and still names it', async () => {
    let closed: () => void = () => undefined;
    const gone = new Promise<void>((resolve) => (closed = resolve));
    const endpoint = await listen((_, response) => {
      response.writeHead(503, { 'retry-after': '2' });
      const timer = setInterval(() => response.write('x'.repeat(8 * 1_024)), 1);
      response.on('close', () => {
        clearInterval(timer);
        closed();
      });
    });
    const { code, message, retryAfterMs } = await failureOf(endpoint, 5_000);
    expect([code, message, retryAfterMs]).toEqual(['agent.transient', 'The agent answered 503', 2_000]);
    await gone;
  });

  it('puts an answer together that comes in pieces', async () => {
    const [head, tail] = ['{"output": "gr', 'ün"}'].map((part) => Buffer.from(part)) as [Buffer, Buffer];
    const endpoint = await listen((_, response) => {
      response.writeHead(200, { 'content-type': 'application/json' });
      response.write(Buffer.concat([head, tail.subarray(0, 1)]), () =>
        setTimeout(() => response.end(tail.subarray(1)), 20),
      );
    });
    expect(await connector.ask(endpoint, request, { timeoutMs: 2_000 })).toEqual({ output: 'grün' });
  });

  it('tells a broken connection from one that was never made', async () => {
    const broken = await listenRaw((socket) => socket.once('data', () => socket.destroy()));
    expect((await failureOf(broken)).code).toBe('agent.transient');
    const half = await listen((_, response) => {
      response.writeHead(200, { 'content-length': '100' });
      response.write('{"out', () => response.destroy());
    });
    expect((await failureOf(half)).code).toBe('agent.transient');
    const { port } = await new Promise<AddressInfo>((resolve) => {
      const server = createTcpServer().listen(0, '127.0.0.1', () => {
        const address = server.address() as AddressInfo;
        server.close(() => resolve(address));
      });
    });
    expect((await failureOf(`http://127.0.0.1:${port}`)).code).toBe('agent.unavailable');
  });

  it('gives up the request when the caller cancels', async () => {
    const canceled = new AbortController();
    let closed: () => void = () => undefined;
    const gone = new Promise<void>((resolve) => (closed = resolve));
    const endpoint = await listen((_, response) => {
      response.on('close', () => closed());
      canceled.abort();
    });
    const asked = connector.ask(endpoint, request, { timeoutMs: 5_000, signal: canceled.signal });
    await expect(asked).rejects.toMatchObject({ code: 'agent.canceled' });
    await gone;
    const again = connector.ask(endpoint, request, { timeoutMs: 5_000, signal: canceled.signal });
    await expect(again).rejects.toMatchObject({ code: 'agent.canceled' });
  });

  it('refuses an endpoint outside the rule before anything is sent', async () => {
    const strict = new HttpAgentConnector(addressRule([]));
    let reached = false;
    const endpoint = await listen(() => (reached = true));
    await expect(strict.ask(endpoint, request, { timeoutMs: 1_000 })).rejects.toMatchObject({
      code: 'agent.permanent',
    });
    await expect(strict.ask('http://u:p@localhost', request, { timeoutMs: 1_000 })).rejects.toBeInstanceOf(BrikkError);
    expect(reached).toBe(false);
    await strict.close();
  });
});
