import { once } from 'node:events';
import { connect, createServer, type AddressInfo, type Server, type Socket } from 'node:net';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import request from 'supertest';
import { asOwner } from '../support/postgres.js';
import { startTestApi, type TestApi } from '../support/api.js';
import { until } from '../support/until.js';

/** The way to Postgres, which can be closed. */
class Way {
  private readonly sockets = new Set<Socket>();
  private server: Server | undefined;
  private port = 0;

  constructor(private readonly to: URL) {}

  async open(): Promise<void> {
    this.server = createServer((socket) => {
      const onward = connect(Number(this.to.port), this.to.hostname);
      for (const end of [socket, onward]) this.sockets.add(end.on('error', () => undefined));
      socket.pipe(onward).pipe(socket);
    }).listen(this.port, '127.0.0.1');
    await once(this.server, 'listening');
    this.port = (this.server.address() as AddressInfo).port;
  }

  async close(): Promise<void> {
    for (const socket of this.sockets) socket.destroy();
    this.sockets.clear();
    this.server?.close();
    if (this.server) await once(this.server, 'close');
    this.server = undefined;
  }

  through(url: string): string {
    return Object.assign(new URL(url), { hostname: '127.0.0.1', port: String(this.port) }).href;
  }
}

describe('the API', () => {
  let way: Way;
  let api: TestApi;
  beforeAll(async () => {
    api = await startTestApi({}, async (appUrl) => {
      way = new Way(new URL(appUrl));
      await way.open();
      return way.through(appUrl);
    });
    await api.app.listen(0, '127.0.0.1');
  }, 60_000);
  afterAll(async () => {
    await api?.close();
    await way?.close();
  }, 20_000);

  const send = (method: 'get' | 'post', path: string, body?: object) =>
    request(api.app.getHttpServer())[method](path).set('authorization', `Bearer ${api.key}`).send(body);
  const run = { pattern: 'agent', with: { capability: 'a' } };

  it('says that it cannot while Postgres is away, and when to ask again; afterwards it goes on by itself', async () => {
    expect((await send('get', '/health/ready')).status).toBe(200);
    await way.close();
    for (const [method, path] of [
      ['get', '/v1/runs'],
      ['post', '/v1/runs'],
      ['get', '/health/ready'],
    ] as const) {
      const answer = await send(method, path, method === 'post' ? run : undefined);
      expect(answer.body).toMatchObject({ status: 503, code: 'dependency.unavailable' });
      expect(Number(answer.headers['retry-after'])).toBeGreaterThan(0);
    }
    expect((await send('get', '/health/live')).status).toBe(200);
    expect((await send('get', '/metrics')).status).toBe(200);
    await way.open();
    await until(async () => (await send('get', '/health/ready')).status === 200);
    expect((await send('post', '/v1/runs', run)).status).toBe(202);
  }, 30_000);

  it('cuts a stream off that it cannot go on with, so that its reader comes back for the rest', async () => {
    const { id } = (await send('post', '/v1/runs', run)).body as { id: string };
    const url = `${await api.app.getUrl()}/v1/runs/${id}/events`;
    const headers = { authorization: `Bearer ${api.key}`, accept: 'text/event-stream' };
    const answer = await fetch(url, { headers });
    const reading = answer.text().then(
      () => 'ended',
      () => 'cut off',
    );
    await way.close();
    expect(await reading).toBe('cut off');
    await way.open();
    await until(async () => (await send('get', '/health/ready')).status === 200);
    await send('post', `/v1/runs/${id}/cancel`);
    const rest = await fetch(url, { headers: { ...headers, 'last-event-id': '1' } });
    const reader = rest.body!.pipeThrough(new TextDecoderStream()).getReader();
    let text = '';
    while (!text.includes('run.cancel_requested')) text += (await reader.read()).value ?? '';
    await reader.cancel();
    expect(text).not.toContain('run.accepted');
  }, 30_000);

  it('answers what nobody planned without its cause, and leaves nothing half done', async () => {
    const owner = (sql: string) => asOwner(api.ownerUrl, (client) => client.query(sql));
    await owner(`
      CREATE FUNCTION break() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN RAISE 'the secret cause'; END $$;
      CREATE TRIGGER break BEFORE INSERT ON api_key FOR EACH ROW EXECUTE FUNCTION break();`);
    const answer = await send('post', '/v1/organisations', { name: 'half' });
    expect(answer.body).toMatchObject({ status: 500, code: 'internal', requestId: answer.headers['x-request-id'] });
    expect(answer.text).not.toMatch(/secret cause|\.[jt]s:\d+/);
    const { rowCount } = await owner(`SELECT FROM organisation WHERE name = 'half'`);
    expect(rowCount).toBe(0);
    await owner('DROP TRIGGER break ON api_key');
    expect((await send('post', '/v1/organisations', { name: 'half' })).status).toBe(201);
  });
});
