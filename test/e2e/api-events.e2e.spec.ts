import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import type { RunEvent } from '../../contracts/events.js';
import { finishRun } from '../../database/finish-run.js';
import { RunEventWriter } from '../../database/run-events.js';
import { uuidv7 } from '../../database/uuid.js';
import { startTestApi, type TestApi } from '../support/api.js';
import { acceptedRun } from '../support/runs.js';
import { until } from '../support/until.js';

describe('the stream of a run', () => {
  let api: TestApi;
  let url: string;
  let events: RunEventWriter;
  beforeAll(async () => {
    api = await startTestApi();
    await api.app.listen(0, '127.0.0.1');
    url = await api.app.getUrl();
    events = new RunEventWriter(api.database);
  }, 60_000);
  afterAll(() => api.close(), 20_000);

  /** Reads a stream as it comes; `done` resolves when the server has ended it. */
  const open = async (runId: string, headers: Record<string, string> = {}, at = url) => {
    const path = runId.includes('/') ? runId : `${runId}/events`;
    const answer = await fetch(`${at}/v1/runs/${path}`, {
      headers: { authorization: `Bearer ${api.key}`, accept: 'text/event-stream', ...headers },
    });
    const received: RunEvent[] = [];
    const ids: string[] = [];
    const read = async () => {
      let rest = '';
      for await (const text of answer.body!.pipeThrough(new TextDecoderStream())) {
        const messages = (rest + text).split('\n\n');
        rest = messages.pop()!;
        for (const message of messages) {
          const fields = new Map(message.split('\n').map((line) => line.split(/: (.*)/s) as [string, string]));
          if (!fields.has('data')) continue;
          received.push(JSON.parse(fields.get('data')!) as RunEvent);
          ids.push(fields.get('id')!);
        }
      }
    };
    return { answer, received, ids, done: read() };
  };
  const step = (runId: string, name: string) =>
    events.append(api.orgId, runId, [{ key: name, type: 'step.started', data: { path: `/steps/${name}`, name } }]);
  const finish = (runId: string) =>
    finishRun(api.database, {
      orgId: api.orgId,
      runId,
      status: 'completed',
      terminationReason: 'done',
      output: { inline: 'done' },
      events: [],
      degraded: false,
      rounds: 0,
      warnings: [],
    });

  it('shows events in order as they are written, and ends after the last', async () => {
    const runId = await acceptedRun(api.database, api.orgId);
    const stream = await open(runId);
    expect(stream.answer.headers.get('content-type')).toMatch('text/event-stream');
    await until(() => stream.received.length === 1);
    await events.append(api.orgId, runId, [{ key: 'start', type: 'run.started', data: { resumed: false } }]);
    await until(() => stream.received.length === 2);
    await step(runId, 'one');
    await until(() => stream.received.length === 3);
    await finish(runId);
    await stream.done;
    expect(stream.received.map(({ type }) => type)).toEqual([
      'run.accepted',
      'run.started',
      'step.started',
      'run.finished',
    ]);
    expect(stream.ids).toEqual(['1', '2', '3', '4']);
  }, 20_000);

  it('misses nothing and repeats nothing when hundreds of events come at once', async () => {
    const runId = await acceptedRun(api.database, api.orgId);
    const stream = await open(runId);
    await Promise.all(Array.from({ length: 450 }, (_, index) => step(runId, `s${index}`)));
    await finish(runId);
    await stream.done;
    expect(stream.received.map(({ position }) => position)).toEqual(
      Array.from({ length: 452 }, (_, index) => index + 1),
    );
  }, 30_000);

  it('resumes after the last event that the reader has', async () => {
    const runId = await acceptedRun(api.database, api.orgId);
    await step(runId, 'one');
    const stream = await open(runId, { 'last-event-id': '1' });
    await until(() => stream.received.length === 1);
    await finish(runId);
    await stream.done;
    expect(stream.ids).toEqual(['2', '3']);
  }, 20_000);

  it('begins after the position that the address names, unless the reader comes back with a later one', async () => {
    const runId = await acceptedRun(api.database, api.orgId);
    await step(runId, 'one');
    await finish(runId);
    const fresh = await open(`${runId}/events?after=1`);
    await fresh.done;
    expect(fresh.ids).toEqual(['2', '3']);
    const back = await open(`${runId}/events?after=1`, { 'last-event-id': '2' });
    await back.done;
    expect(back.ids).toEqual(['3']);
  }, 20_000);

  it('ends at once for a reader that has everything', async () => {
    const runId = await acceptedRun(api.database, api.orgId);
    await finish(runId);
    const stream = await open(runId, { 'last-event-id': '2' });
    await stream.done;
    expect(stream.received).toEqual([]);
  }, 20_000);

  it('refuses a position that is none', async () => {
    const runId = await acceptedRun(api.database, api.orgId);
    const { answer } = await open(runId, { 'last-event-id': 'last' });
    expect(answer.status).toBe(422);
  });

  it('is a list for a reader that wants JSON: page by page, from any position', async () => {
    const runId = await acceptedRun(api.database, api.orgId);
    await step(runId, 'one');
    await finish(runId);
    const list = async (query: string) => {
      const headers = { authorization: `Bearer ${api.key}`, accept: 'application/json' };
      const answer = await fetch(`${url}/v1/runs/${runId}/events${query}`, { headers });
      const { items, nextCursor } = (await answer.json()) as { items: RunEvent[]; nextCursor: string | null };
      return { positions: items.map(({ position }) => position), nextCursor };
    };
    expect(await list('')).toEqual({ positions: [1, 2, 3], nextCursor: null });
    expect(await list('?after=2')).toEqual({ positions: [3], nextCursor: null });
    expect(await list('?after=3')).toEqual({ positions: [], nextCursor: null });
    const first = await list('?limit=2');
    expect(first).toEqual({ positions: [1, 2], nextCursor: '2' });
    expect(await list(`?limit=2&cursor=${first.nextCursor}`)).toEqual({ positions: [3], nextCursor: null });
  });

  it('is not there for a run that is not', async () => {
    const { answer } = await open(uuidv7());
    expect([answer.status, answer.headers.get('content-type')]).toEqual([
      404,
      'application/problem+json; charset=utf-8',
    ]);
  });
});
