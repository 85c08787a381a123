import { createServer } from 'node:http';
import { type AddressInfo, createServer as createTcpServer, type Server } from 'node:net';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { addressRule, LOOPBACK_NETWORKS } from '../lib/address-rule.js';
import { WebhookConnector } from './webhook.connector.js';

const listen = (server: Server) => new Promise<void>((resolve) => void server.listen(0, '127.0.0.1', () => resolve()));

describe('sending a webhook', () => {
  const connector = new WebhookConnector(addressRule(LOOPBACK_NETWORKS));
  const server = createServer((incoming, response) => {
    const { pathname } = new URL(incoming.url ?? '', 'http://x');
    if (pathname === '/silent') return;
    if (pathname === '/reset') return void incoming.socket.destroy();
    if (pathname === '/large') return void response.writeHead(500).end('x'.repeat(100_000));
    response.writeHead(Number(pathname.slice(1)), { 'retry-after': '7', location: '/200' }).end('hel\u0000lo');
  });
  const plain = createTcpServer((socket) => void socket.once('data', () => socket.end('this is no TLS')));
  beforeAll(() => Promise.all([listen(server), listen(plain)]));
  afterAll(async () => {
    server.closeAllConnections();
    server.close();
    plain.close();
    await connector.close();
  });
  const send = (
    path: string,
    rest: { timeoutMs?: number; signal?: AbortSignal; origin?: string; via?: WebhookConnector } = {},
  ) => {
    const { timeoutMs = 10_000, signal, via = connector } = rest;
    const { origin = `http://127.0.0.1:${(server.address() as AddressInfo).port}` } = rest;
    const request = { url: origin + path, headers: {}, body: Buffer.from('{}'), timeoutMs };
    return via.send({ ...request, ...(signal && { signal }) });
  };

  it('says how it was answered, and follows no redirect', async () => {
    expect(await send('/204')).toMatchObject({ outcome: 'ok', statusCode: 204 });
    expect(await send('/302')).toMatchObject({ outcome: 'http', statusCode: 302 });
    expect(await send('/503')).toEqual({
      outcome: 'http',
      statusCode: 503,
      retryAfterMs: 7_000,
      response: 'hel�lo',
      isTruncated: false,
      isUnreached: false,
    });
  });

  it('reads no more than the beginning of an answer', async () => {
    const { response, isTruncated } = await send('/large');
    expect([response?.length, isTruncated]).toEqual([16_384, true]);
  });

  it('names what went wrong, and whether anything was sent', async () => {
    expect(await send('/silent', { timeoutMs: 300 })).toMatchObject({ outcome: 'timeout', isUnreached: false });
    expect(await send('/reset')).toMatchObject({ outcome: 'reset', isUnreached: false });
    const port = (plain.address() as AddressInfo).port;
    expect(await send('/', { origin: `https://127.0.0.1:${port}` })).toMatchObject({
      outcome: 'tls',
      isUnreached: true,
    });
    expect(await send('/', { origin: 'http://127.0.0.1:1' })).toMatchObject({ outcome: 'refused', isUnreached: true });
    expect(await send('/', { origin: 'http://nobody.invalid' })).toMatchObject({ outcome: 'dns', isUnreached: true });
    const end = new AbortController();
    const waiting = send('/silent', { signal: end.signal });
    end.abort();
    expect(await waiting).toMatchObject({ outcome: 'timeout' });
  });

  it('reaches no address that is not public, whatever its spelling', async () => {
    const strict = new WebhookConnector(addressRule([]));
    const hosts = [
      '127.0.0.1',
      '[::1]',
      '2130706433',
      '0x7f.1',
      '0177.0.0.1',
      '127.1',
      '[::ffff:7f00:1]',
      '169.254.169.254',
    ];
    for (const host of [
      ...hosts,
      '10.0.0.1',
      '100.64.0.1',
      '198.18.0.1',
      '[64:ff9b::7f00:1]',
      '[2002:7f00:1::]',
      'localhost',
    ])
      expect(await send('/', { origin: `https://${host}`, via: strict })).toMatchObject({ outcome: 'blocked' });
    await strict.close();
  });
});
