import { afterEach, describe, expect, it } from '@jest/globals';
import { once } from 'node:events';
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { BrikkClient } from './client.js';
import { isHostOfEnvironment } from './env.js';
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

  it('reads the catalogue of patterns', async () => {
    const { client, requests } = await api(json(200, { items: [], nextCursor: null }), json(200, { name: 'a b' }));
    expect(await client.functions.list()).toEqual({ items: [], nextCursor: null });
    expect(await client.functions.get('a b')).toEqual({ name: 'a b' });
    expect(requests.map(({ url }) => url)).toEqual(['/v1/functions', '/v1/functions/a%20b']);
  });

  it('pages through the items of a bulk run', async () => {
    const { client, requests } = await api(
      json(202, { id: 'r', bulk: { total: 3 } }),
      json(200, { items: [{ index: 0 }, { index: 1 }], nextCursor: 'c' }),
      json(200, { items: [{ index: 2 }], nextCursor: null }),
      json(200, { index: 2, output: 6 }),
    );
    const { id } = await client.runs.bulk({ ...run, inputs: [1, 2, 3] });
    const seen: number[] = [];
    for await (const { index } of client.runs.allItems(id, { status: 'completed' })) seen.push(index);
    expect(seen).toEqual([0, 1, 2]);
    expect(await client.runs.item(id, 2)).toEqual({ index: 2, output: 6 });
    expect(requests.map(({ url }) => url)).toEqual([
      '/v1/runs/bulk',
      '/v1/runs/r/items?status=completed&limit=200',
      '/v1/runs/r/items?status=completed&cursor=c&limit=200',
      '/v1/runs/r/items/2',
    ]);
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

  it('takes a silent stream up again behind the last event, and lets comments count as life', async () => {
    const { client, requests } = await api(
      (_, response) => {
        response.writeHead(200, { 'content-type': 'text/event-stream' }).write(event(1, 'run.accepted'));
        let comments = 0;
        const timer = setInterval(() => {
          response.write(': still here\n\n');
          comments += 1;
          if (comments === 6) clearInterval(timer);
        }, 100);
      },
      stream(event(2, 'run.finished')),
    );
    const begunAt = Date.now();
    const positions: number[] = [];
    for await (const { position } of client.runs.events('r', { silenceMs: 400 })) positions.push(position);
    expect(positions).toEqual([1, 2]);
    expect(requests.map(({ headers }) => headers['last-event-id'])).toEqual([undefined, '1']);
    expect(Date.now() - begunAt).toBeGreaterThanOrEqual(900);
  });

  it('gives up on events of an API that stays away, and at once on a run that is not there', async () => {
    const { client } = await api(...Array<Answer>(50).fill(json(503, {}, { 'retry-after': '0' })));
    const following = client.runs.events('r', { patienceMs: 50 });
    await expect(following.next()).rejects.toMatchObject({ status: 503 });
    server?.close();
    const { client: other, requests } = await api(json(404, { code: 'run.not_found', detail: 'no', status: 404 }));
    await expect(other.runs.events('r').next()).rejects.toMatchObject({ code: 'run.not_found' });
    expect(requests).toHaveLength(1);
  });

  it('ends an iteration with the reason of its own abort', async () => {
    const { client } = await api((_, response) => response.writeHead(200).flushHeaders());
    const own = new AbortController();
    const next = client.runs.events('r', { signal: own.signal }).next();
    own.abort(new Error('enough'));
    await expect(next).rejects.toThrow('enough');
  });

  it('starts a run and waits for its end, by the answer or by the events', async () => {
    const ended = { id: 'r', status: 'completed', output: 2 };
    const { client, requests } = await api(
      json(200, ended),
      json(202, { id: 'r', status: 'accepted' }),
      stream(event(1, 'run.finished')),
      json(200, ended),
    );
    expect(await client.runs.startAndWait(run)).toEqual(ended);
    expect(await client.runs.startAndWait(run)).toEqual(ended);
    expect(requests[0]?.url).toBe('/v1/runs?wait=20s');
  });

  it('does not take the page of a proxy for an answer', async () => {
    const { client, requests } = await api((_, response) => response.end('<html>'));
    await expect(client.runs.get('r')).rejects.toMatchObject({ code: 'client.unexpected_answer', status: 200 });
    expect(requests).toHaveLength(1);
    server?.close();
    const { client: other } = await api((_, response) => response.writeHead(500).end('<html>'));
    await expect(other.runs.get('r')).rejects.toMatchObject({
      code: 'client.unexpected_answer',
      message: '/v1/runs/r answered 500 Internal Server Error without problem details',
    });
  });

  it('says which API cannot be reached, and which does not answer in time', async () => {
    const { client } = await api(() => undefined);
    server?.closeAllConnections();
    server?.close();
    await once(server!, 'close');
    await expect(client.runs.signal('r', 'go')).rejects.toThrow(/^http:\/\/127.* cannot be reached$/);
  });

  it.each([
    ['GET', '/v1/runs?status=failed&limit=5', (c) => c.runs.list({ status: 'failed', limit: 5 })],
    ['GET', '/v1/runs/r/events?after=3', (c) => c.runs.listEvents('r', { after: 3 })],
    ['POST', '/v1/runs/r/cancel', (c) => c.runs.cancel('r')],
    ['POST', '/v1/runs/r/pause', (c) => c.runs.pause('r')],
    ['POST', '/v1/runs/r/resume', (c) => c.runs.resume('r')],
    ['POST', '/v1/runs/r/rerun', (c) => c.runs.rerun('r', { reason: 'again' })],
    ['GET', '/v1/agents?capability=triage', (c) => c.agents.list({ capability: 'triage' })],
    ['GET', '/v1/agents/a%2Fb', (c) => c.agents.get('a/b')],
    ['GET', '/v1/agents/a%2Fb/agent-card.json', (c) => c.agents.card('a/b')],
    ['GET', '/v1/failed-calls', (c) => c.runs.failedCalls()],
    ['POST', '/v1/agents/search', (c) => c.agents.search({ capability: 'triage' })],
    ['POST', '/v1/organisations', (c) => c.organisations.create({ name: 'acme' })],
    ['GET', '/v1/organisations/current', (c) => c.organisations.current()],
    ['POST', '/v1/api-keys', (c) => c.apiKeys.create({ name: 'k', role: 'viewer' })],
    ['GET', '/v1/api-keys', (c) => c.apiKeys.list()],
    ['DELETE', '/v1/api-keys/k', (c) => c.apiKeys.revoke('k')],
    [
      'GET',
      '/v1/approvals?status=pending&assignee=ann',
      (c) => c.approvals.list({ status: 'pending', assignee: 'ann' }),
    ],
    ['GET', '/v1/approvals/a', (c) => c.approvals.get('a')],
    ['POST', '/v1/approvals/a', (c) => c.approvals.approve('a')],
    ['POST', '/v1/approvals/a', (c) => c.approvals.reject('a', { comment: 'no' })],
    ['POST', '/v1/approvals/a', (c) => c.approvals.answer('a', { amount: 4 })],
    ['GET', '/v1/stats', (c) => c.stats()],
  ] as [string, string, (client: BrikkClient) => Promise<unknown>][])('asks %s %s', async (method, url, ask) => {
    const { client, requests } = await api(json(200, {}));
    await ask(client);
    expect(requests.map((request) => [request.method, request.url])).toEqual([[method, url]]);
    expect(requests[0]?.headers['idempotency-key'] !== undefined).toBe(method === 'POST');
  });

  it('sends the key of the environment to no other host', () => {
    expect(() => new BrikkClient({ url: 'https://brikk.example' })).toThrow(
      /no API key for https:\/\/brikk\.example: pass apiKey/,
    );
    expect(() => new BrikkClient({ url: 'brikk' })).toThrow('brikk is not a URL of an API');
    expect(() => new BrikkClient({ url: 'https://brikk.example', apiKey: 'k' })).not.toThrow();
    expect(() => new BrikkClient({ url: 'http://localhost:7777' })).not.toThrow();
    const home = { apiUrl: 'https://brikk.example' };
    expect(
      ['https://brikk.example:8443', 'https://brikk.example.org', 'http://127.0.0.1:7600'].map((url) =>
        isHostOfEnvironment(url, home),
      ),
    ).toEqual([true, false, false]);
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
