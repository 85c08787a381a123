import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import request from 'supertest';
import { finishRun } from '../../database/finish-run.js';
import { Journal } from '../../database/journal.js';
import { findStartableRun } from '../../database/runs.repository.js';
import type { RunInput } from '../../contracts/run-workflow.js';
import { startTestApi, type TestApi } from '../support/api.js';
import { finishedCall } from '../support/runs.js';
import { until } from '../support/until.js';

describe('runs', () => {
  let api: TestApi;
  beforeAll(async () => {
    api = await startTestApi();
  }, 60_000);
  afterAll(() => api.close(), 20_000);

  const post = async (path: string, body: object, status = 202) => {
    const sent = request(api.app.getHttpServer()).post(path).set('authorization', `Bearer ${api.key}`);
    return (await sent.send(body).expect(status)).body as { id: string };
  };
  const get = async (path: string) =>
    (await request(api.app.getHttpServer()).get(path).set('authorization', `Bearer ${api.key}`).expect(200))
      .body as Record<string, unknown>;
  const inputOf = (id: string) =>
    api.database.inOrg(api.orgId, (tx) => findStartableRun(tx, id)) as Promise<{ input: RunInput }>;
  const end = (runId: string) =>
    finishRun(api.database, {
      orgId: api.orgId,
      runId,
      status: 'completed',
      terminationReason: 'done',
      output: { inline: 'sorted' },
      events: [],
      degraded: false,
      rounds: 0,
      warnings: [],
    });

  it('give back an input of more than 32 KiB, of which the workflow gets only a reference', async () => {
    const input = { text: 'x'.repeat(40_000) };
    const { id } = await post('/v1/runs', { pattern: 'agent', with: { capability: 'a' }, input });
    expect(await get(`/v1/runs/${id}`)).toMatchObject({ input });
    const started = await inputOf(id);
    expect(started.input.input).toHaveProperty('ref');
    expect(JSON.stringify(started).length).toBeLessThan(2_000);
  });

  it('keep the calls of earlier steps when they run again from a step', async () => {
    const steps = ['one', 'two'].map((name) => ({ name, capability: name }));
    const { id } = await post('/v1/runs', { pattern: 'sequential', with: { steps }, input: 'disk full' });
    const journal = new Journal(api.database);
    for (const name of ['one', 'two'])
      await journal.record(api.orgId, id, { ...finishedCall(`call-${name}`, name), path: `/steps/${name}` });
    const again = await post(`/v1/runs/${id}/rerun`, { fromStep: 'two', reason: 'step two was wrong' });
    expect(await get(`/v1/runs/${again.id}`)).toMatchObject({ parentRunId: id, input: 'disk full' });
    const known = await journal.outcomes(api.orgId, again.id, ['call-one', 'call-two']);
    expect([...known.keys()]).toEqual(['call-one']);
    expect(await inputOf(again.id)).toMatchObject({ input: { resumed: true } });
  });

  it('make the calls that failed again, and keep what does not rest on them', async () => {
    const branches = ['one', 'two', 'three'].map((name) => ({ name, capability: name }));
    const body = {
      pattern: 'concurrent',
      with: { branches, aggregate: { reduce: { capability: 'sum' } } },
      input: 'disk full',
    };
    const { id } = await post('/v1/runs', body);
    const failed = { calls: 'failed', reason: 'the agent is back' };
    expect(await post(`/v1/runs/${id}/rerun`, failed, 409)).toMatchObject({ code: 'run.not_finished' });

    const error = { code: 'agent.permanent', message: 'no', retryable: false };
    const down = { status: 'failed', output: undefined, error } as const;
    const journal = new Journal(api.database);
    const ended = (key: string, more: object, startedAt: Date) =>
      journal.record(api.orgId, id, { ...finishedCall(key, key), ...more, path: `/${key}`, startedAt });
    await ended('branches/0', {}, new Date());
    await ended('branches/1', down, new Date());
    const later = new Date(Date.now() + 60_000);
    await ended('branches/2', {}, later);
    await ended('reduce', {}, later);
    await end(id);
    const again = await post(`/v1/runs/${id}/rerun`, failed);
    const known = await journal.outcomes(api.orgId, again.id, ['branches/0', 'branches/1', 'branches/2', 'reduce']);
    expect([...known.keys()]).toEqual(['branches/0', 'branches/2']);
    expect(await inputOf(again.id)).toMatchObject({ input: { resumed: true } });
  });

  it('say so when there is nothing to make again, or when two things are to be kept', async () => {
    const { id } = await post('/v1/runs', { pattern: 'agent', with: { capability: 'a' } });
    await end(id);
    const problem = (body: object) => post(`/v1/runs/${id}/rerun`, { calls: 'failed', reason: 'x', ...body }, 422);
    expect(await problem({})).toMatchObject({ errors: [{ path: 'calls', message: 'no call of the run failed' }] });
    expect(await problem({ fromStep: 'one' })).toMatchObject({ errors: [{ path: 'calls' }] });
    expect(await problem({ input: 1 })).toMatchObject({ errors: [{ path: 'input' }] });
  });

  it('name the steps there are when one is asked for that there is not', async () => {
    const { id } = await post('/v1/runs', {
      pattern: 'sequential',
      with: { steps: [{ name: 'one', capability: 'a' }] },
    });
    const problem = await post(`/v1/runs/${id}/rerun`, { fromStep: 'tow', reason: 'x' }, 422);
    expect(problem).toMatchObject({ code: 'run.step_not_found', errors: [{ path: 'fromStep', allowed: ['one'] }] });
  });

  it('start once for parallel requests with one idempotency key', async () => {
    const start = () =>
      request(api.app.getHttpServer())
        .post('/v1/runs')
        .set('authorization', `Bearer ${api.key}`)
        .set('idempotency-key', 'twins')
        .send({ pattern: 'agent', with: { capability: 'a' }, labels: { twin: 'yes' } });
    const answers = await Promise.all(Array.from({ length: 8 }, start));
    expect(new Set(answers.map(({ body }) => (body as { id: string }).id)).size).toBe(1);
    expect((await get('/v1/runs?label=twin=yes')).items).toHaveLength(1);
  });

  describe('that are waited for', () => {
    const start = (wait: string) =>
      request(api.app.getHttpServer())
        .post(`/v1/runs?wait=${wait}`)
        .set('authorization', `Bearer ${api.key}`)
        .send({ pattern: 'agent', with: { capability: 'a' }, labels: { wait } });

    it('answer with their result as soon as they have ended', async () => {
      const answer = start('20s').then((received) => received);
      let id: string | undefined;
      await until(async () => {
        id = ((await get('/v1/runs?label=wait=20s')).items as { id: string }[])[0]?.id;
        return id !== undefined;
      });
      await end(id!);
      const { status, body } = await answer;
      expect({ status, body: body as object }).toMatchObject({ status: 200, body: { id, output: 'sorted' } });
    }, 20_000);

    it('are accepted when they have not ended in time', async () => {
      const { status, body } = await start('1s');
      expect({ status, body: body as object }).toMatchObject({ status: 202, body: { status: 'accepted' } });
    });
  });

  describe('with an idempotency key', () => {
    const run = { pattern: 'agent', with: { capability: 'a' }, input: { a: 1, b: [1, 2] } };
    const start = (idempotencyKey: string, body: object, key = api.key, path = '/v1/runs') =>
      request(api.app.getHttpServer())
        .post(path)
        .set('authorization', `Bearer ${key}`)
        .set('idempotency-key', idempotencyKey)
        .send(body);
    const idOf = ({ body }: { body: unknown }) => (body as { id: string }).id;

    it('get the first answer again, in whatever order the fields come', async () => {
      const first = await start('again', run);
      const repeat = await start('again', { input: { b: [1, 2], a: 1 }, with: { capability: 'a' }, pattern: 'agent' });
      expect([repeat.status, repeat.body]).toEqual([202, first.body]);
    });

    it('are refused with another body, and say so', async () => {
      await start('other', run);
      const answer = await start('other', { ...run, input: { a: 2 } });
      expect(answer.body).toMatchObject({ status: 409, code: 'idempotency.conflict' });
      expect((await get('/v1/runs?limit=200')).items).toEqual(
        expect.not.arrayContaining([expect.objectContaining({ input: { a: 2 } })]),
      );
    });

    it('leave the key free when they were refused', async () => {
      expect((await start('refused', { ...run, with: {} })).status).toBe(422);
      expect((await start('refused', run)).status).toBe(202);
    });

    it('share no key with another organisation, or with reruns', async () => {
      const first = await start('shared', run);
      const { id: orgId } = (
        await request(api.app.getHttpServer())
          .post('/v1/organisations')
          .set('authorization', `Bearer ${api.key}`)
          .send({ name: 'others' })
      ).body as { id: string };
      const theirs = await start('shared', run, await api.makeKey({ orgId, role: 'owner' }));
      expect(idOf(theirs)).not.toBe(idOf(first));
      const rerun = () => start('shared', { reason: 'again' }, api.key, `/v1/runs/${idOf(first)}/rerun`);
      const again = await rerun();
      expect(idOf(again)).not.toBe(idOf(first));
      expect(idOf(await rerun())).toBe(idOf(again));
    });
  });
});
