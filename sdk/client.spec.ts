import { afterEach, describe, expect, it } from '@jest/globals';
import { once } from 'node:events';
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { BrikkClient } from './client.js';
import { readMessages } from './event-stream.js';

type Answer = (request: IncomingMessage, response: ServerResponse) => void;
let server: Server | undefined;
const run = { pattern: 'agent', with: { capability: 'triage' } } as const;

/** An API that answers each request with the next of `answers`. */
async function api(...answers: Answer[]): Promise<{ client: BrikkClient; requests: IncomingMessage[] }> {
  const requests: IncomingMessage[] = [];
  server = createServer((request, response) => {
    requests.push(request);
    request.resume();
    answers.shift()?.(request, response);
  }).listen(0, '127.0.0.1');
  await once(server, 'listening');
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  return { client: new BrikkClient({ url, apiKey: 'k', retry: { initialMs: 1 } }), requests };
}
const json =
  (status: number, body: unknown, headers = {}): Answer =>
  (_, response) =>
    response.writeHead(status, { 'content-type': 'application/json', ...headers }).end(JSON.stringify(body));
const event = (position: number, type: string) =>
  `id: ${position}\nevent: ${type}\ndata: ${JSON.stringify({ id: `r:${position}`, position, type, data: {} })}\n\n`;
const stream =
  (text: string): Answer =>
  (_, response) =>
    response.writeHead(200, { 'content-type': 'text/event-stream' }).end(text);

afterEach(() => {
  server?.closeAllConnections();
  server?.close();
});

describe('the client', () => {
  it('repeats a start after 503, 429 and a lost connection under one idempotency key', async () => {
    const { client, requests } = await api(
      json(503, {}, { 'retry-after': '0' }),
      json(429, {}, { 'retry-after': '0' }),
      (request) => request.socket.destroy(),
      json(202, { id: 'r', status: 'accepted' }),
    );
    expect(await client.runs.start(run)).toMatchObject({ id: 'r' });
    expect(requests).toHaveLength(4);
    expect(new Set(requests.map(({ headers }) => headers['idempotency-key'])).size).toBe(1);
    expect(requests[0]?.headers.authorization).toBe('Bearer k');
  });

  it('names a refusal with its code and violations, and does not repeat it', async () => {
    const errors = [{ path: 'with.steps', message: 'is required' }];
    const { client, requests } = await api(json(422, { code: 'request.invalid', detail: 'no', status: 422, errors }));
    await expect(client.runs.start(run)).rejects.toMatchObject({ code: 'request.invalid', violations: errors });
    expect(requests).toHaveLength(1);
  });

  it('does not repeat a signal that may have arrived', async () => {
    const { client, requests } = await api((request) => request.socket.destroy());
    await expect(client.runs.signal('r', 'go')).rejects.toMatchObject({ code: 'client.unreachable' });
    expect(requests).toHaveLength(1);
  });

  it('takes events up again behind the last one and ends with the run', async () => {
    const { client, requests } = await api(
      stream(event(1, 'run.accepted') + event(2, 'run.started')),
      json(503, {}, { 'retry-after': '0' }),
      stream(event(2, 'run.started') + event(3, 'run.finished')),
    );
    const positions: number[] = [];
    for await (const { position } of client.runs.events('r')) positions.push(position);
    expect(positions).toEqual([1, 2, 3]);
    expect(requests.map(({ headers }) => headers['last-event-id'])).toEqual([undefined, '2', '2']);
  });

  it('stops waiting when patience is over', async () => {
    const { client } = await api((_, response) => response.writeHead(200).flushHeaders());
    await expect(client.runs.wait('r', { patienceMs: 20 })).rejects.toMatchObject({ code: 'client.timeout' });
  });
});

describe('the event stream parser', () => {
  it('reads any line ending, comments, several data lines and chunks cut anywhere', async () => {
    const bytes = Buffer.from(': hi\r\nid: 1\r\ndata: a\r\ndata: ä\r\n\r\nevent: x\rdata:b\r\rdata: c\n\n');
    for (let size = 1; size <= bytes.length; size += 1) {
      async function* chunks() {
        for (let at = 0; at < bytes.length; at += size) yield bytes.subarray(at, at + size);
      }
      const messages = [];
      for await (const { id, event: type, data } of readMessages(chunks())) messages.push([id, type, data]);
      expect(messages).toEqual([
        ['1', 'message', 'a\nä'],
        [undefined, 'x', 'b'],
        [undefined, 'message', 'c'],
      ]);
    }
  });
});
