import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { connect, type Socket } from 'node:net';
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import request from 'supertest';
import { RunEventWriter } from '../../database/run-events.js';
import { startTestApi, type TestApi } from '../support/api.js';
import { acceptedRun } from '../support/runs.js';
import { until } from '../support/until.js';

setFlagsFromString('--expose_gc');
const collectGarbage = runInNewContext('gc') as () => void;
function memoryMiB(): number {
  collectGarbage();
  const { heapUsed, external } = process.memoryUsage();
  return (heapUsed + external) / 2 ** 20;
}

describe('readers of a stream', () => {
  let api: TestApi;
  let events: RunEventWriter;
  let port: number;
  /** Opened before the other tests, which are quicker than the pause between two comments. */
  let quiet: { text: string; isClosed: boolean; socket: Socket };
  beforeAll(async () => {
    api = await startTestApi();
    await api.app.listen(0, '127.0.0.1');
    port = Number(new URL(await api.app.getUrl()).port);
    events = new RunEventWriter(api.database);
    quiet = open(await acceptedRun(api.database, api.orgId));
    await until(async () => (await openReaders()) === 1);
  }, 60_000);
  afterAll(async () => {
    quiet?.socket.destroy();
    await api?.close();
  }, 20_000);

  /** A reader on a bare socket: it reads as fast as it is told, and goes when it is told. */
  const open = (runId: string, method = 'GET', at = { key: api.key, port }) => {
    const reader = { text: '', bytes: 0, isClosed: false, socket: connect(at.port, '127.0.0.1') };
    reader.socket.setEncoding('latin1').on('data', (chunk) => {
      reader.text = (reader.text + String(chunk)).replaceAll(/x{1000,}/g, '');
      reader.bytes += chunk.length;
    });
    reader.socket.on('close', () => (reader.isClosed = true));
    reader.socket.write(
      `${method} /v1/runs/${runId}/events HTTP/1.1\r\nHost: localhost\r\nAuthorization: Bearer ${at.key}\r\n` +
        'Accept: text/event-stream\r\n\r\n',
    );
    return reader;
  };
  const get = (path: string) =>
    request(api.app.getHttpServer()).get(path).set('authorization', `Bearer ${api.key}`).expect(200);
  const openReaders = async () => Number(/^brikk_run_readers (\d+)$/m.exec((await get('/metrics')).text)?.[1]);
  const append = (runId: string, count: number, name = 'step') =>
    events.append(
      api.orgId,
      runId,
      Array.from({ length: count }, (_, index) => ({
        key: `${name.slice(0, 9)}/${index}`,
        type: 'step.started' as const,
        data: { path: `/steps/${index}`, name },
      })),
    );

  it('are let go when they go away', async () => {
    const before = await openReaders();
    const runId = await acceptedRun(api.database, api.orgId);
    const readers = Array.from({ length: 20 }, () => open(runId));
    await until(async () => (await openReaders()) === before + 20);
    for (const { socket } of readers) socket.destroy();
    await until(async () => (await openReaders()) === before);
  }, 20_000);

  it('are let go at once when they only ask for the headers', async () => {
    const before = await openReaders();
    const reader = open(await acceptedRun(api.database, api.orgId), 'HEAD');
    await until(() => reader.text.includes('text/event-stream'));
    await until(async () => (await openReaders()) === before);
    reader.socket.destroy();
  });

  it('that do not read make the API hold little, and hold up nobody', async () => {
    const runId = await acceptedRun(api.database, api.orgId);
    await append(runId, 400, 'x'.repeat(30_000));
    const before = memoryMiB();
    const readers = Array.from({ length: 20 }, () => open(runId));
    for (const { socket } of readers) socket.pause();
    await until(async () => (await openReaders()) === readers.length + 1);
    const other = open(runId);
    await until(() => other.text.includes('id: 401\n'));
    expect(memoryMiB() - before).toBeLessThan(60);
    readers[0]!.socket.resume();
    await until(() => readers[0]!.text.includes('id: 401\n'));
    for (const { socket } of [...readers, other]) socket.destroy();
  }, 60_000);

  it('get a comment now and then on a quiet stream', async () => {
    await until(() => quiet.text.includes(': still here\n\n'), 20_000);
    expect(quiet.text).toMatch(/retry: 1000\n\n/);
    expect(quiet.isClosed).toBe(false);
  }, 30_000);

  it('do not keep the API from stopping, not even those that do not read', async () => {
    const other = await startTestApi();
    await other.app.listen(0, '127.0.0.1');
    const runId = await acceptedRun(other.database, other.orgId);
    const data = { path: '/s', name: 'x'.repeat(30_000) };
    const list = Array.from({ length: 400 }, (_, n) => ({ key: `s/${n}`, type: 'step.started' as const, data }));
    await new RunEventWriter(other.database).append(other.orgId, runId, list);
    const at = { key: other.key, port: Number(new URL(await other.app.getUrl()).port) };
    const reader = open(runId, 'GET', at);
    await until(() => reader.text.includes('id: 1\n'));
    reader.socket.pause();
    const waiting = open(runId, 'GET', at);
    await until(() => waiting.text.includes('id: 401\n'));
    const begin = Date.now();
    await other.close();
    expect(Date.now() - begin).toBeLessThan(20_000);
    await until(() => waiting.isClosed);
    reader.socket.destroy();
  }, 30_000);
});
