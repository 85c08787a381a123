import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { once } from 'node:events';
import { connect, createServer, type AddressInfo, type Server, type Socket } from 'node:net';
import { until } from '../support/until.js';
import { TcpProxy } from './tcp-proxy.js';

describe('a proxy of a link', () => {
  let echo: Server;
  let proxy: TcpProxy;
  const sockets: Socket[] = [];
  beforeEach(async () => {
    echo = createServer((socket) => {
      socket.on('error', () => undefined);
      socket.pipe(socket);
    });
    echo.listen(0, '127.0.0.1');
    await once(echo, 'listening');
    proxy = await TcpProxy.before({ host: '127.0.0.1', port: (echo.address() as AddressInfo).port });
  });
  afterEach(async () => {
    for (const socket of sockets.splice(0)) socket.destroy();
    await proxy.stop();
    echo.close();
  });

  const open = async () => {
    const socket = connect({ host: '127.0.0.1', port: proxy.port });
    sockets.push(socket);
    const seen = { text: '', closed: false, socket };
    socket.on('data', (chunk: Buffer) => (seen.text += chunk.toString()));
    socket.on('error', () => undefined);
    socket.on('close', () => (seen.closed = true));
    await once(socket, 'connect');
    return seen;
  };
  const said = async (seen: { text: string; socket: Socket }, text: string) => {
    seen.socket.write(text);
    await until(() => seen.text.endsWith(text));
  };

  it('passes everything on, later or slowly where it is told', async () => {
    const seen = await open();
    await said(seen, 'one');
    proxy.begin({ kind: 'latency', ms: 60 });
    const begun = performance.now();
    await said(seen, 'two');
    expect(performance.now() - begun).toBeGreaterThanOrEqual(115); // There and back.
    proxy.begin({ kind: 'bandwidth', bytesPerSecond: 1_000 });
    const again = performance.now();
    await said(seen, 'x'.repeat(100));
    expect(performance.now() - again).toBeGreaterThanOrEqual(195);
    proxy.heal();
    await said(seen, 'three');
    expect(seen.text).toBe(`onetwo${'x'.repeat(100)}three`);
  });

  it('keeps the order of what is said when it is healed in between', async () => {
    const seen = await open();
    proxy.begin({ kind: 'latency', ms: 80 });
    seen.socket.write('first ');
    await new Promise((resolve) => setTimeout(resolve, 20));
    proxy.heal();
    seen.socket.write('second');
    await until(() => seen.text.length === 12);
    expect(seen.text).toBe('first second');
  });

  it('holds what is said in a black hole until it is healed', async () => {
    const old = await open();
    await said(old, 'before');
    proxy.begin({ kind: 'black hole' });
    const young = await open();
    old.socket.write('old');
    young.socket.write('young');
    await new Promise((resolve) => setTimeout(resolve, 100));
    expect([old.text, young.text]).toEqual(['before', '']);
    proxy.heal();
    await until(() => old.text === 'beforeold' && young.text === 'young');
  });

  it('resets old and new connections until it is healed', async () => {
    const old = await open();
    await said(old, 'before');
    proxy.begin({ kind: 'reset' });
    await until(() => old.closed);
    const young = await open().catch(() => ({ closed: true }));
    await until(() => young.closed);
    proxy.heal();
    await said(await open(), 'after');
  });

  it('lets through what is asked, and loses the answer with its connection', async () => {
    const heard: string[] = [];
    echo.on('connection', (socket: Socket) => socket.on('data', (chunk: Buffer) => heard.push(chunk.toString())));
    const old = await open();
    await said(old, 'before ');
    proxy.begin({ kind: 'lost answers' });
    const young = await open();
    old.socket.write('old ');
    young.socket.write('young ');
    await until(() => old.closed && young.closed);
    expect([old.text, young.text]).toEqual(['before ', '']);
    expect(heard.join('')).toMatch(/^before (old young|young old) $/);
    proxy.heal();
    await said(await open(), 'after');
  });

  it('leaves the old connections open for their client with nobody behind them, and lets new ones through', async () => {
    const old = await open();
    await said(old, 'before');
    proxy.begin({ kind: 'half-open' });
    old.socket.write('into the void');
    await said(await open(), 'new');
    proxy.heal();
    expect([old.text, old.closed]).toEqual(['before', false]);
  });
});
