import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import type { Json } from '../contracts/json.js';
import { type TestDatabase, withDatabase } from '../test/support/postgres.js';
import { acceptedRun } from '../test/support/runs.js';
import { finishRun } from './finish-run.js';
import { readEvents, RunEventWriter } from './run-events.js';
import type { SteeringKind } from './steering-request.js';
import { findSteering, requestSteering, settleSteering } from './steering.repository.js';
import { findPendingSteering } from './sweeps.repository.js';
import { uuidv7 } from './uuid.js';

describe('what a person asks of a run', () => {
  const orgId = uuidv7();
  let test: TestDatabase;
  let events: RunEventWriter;
  beforeAll(async () => {
    test = await withDatabase();
    events = new RunEventWriter(test.database);
  }, 90_000);
  afterAll(() => test.close());

  const ask = (runId: string, kind: SteeringKind, signal?: { name: string; data: Json }) =>
    test.database.inOrg(orgId, (tx) => requestSteering(tx, runId, kind, signal));
  const pending = (runId: string) => test.database.inOrg(orgId, (tx) => findSteering(tx, runId));
  const settle = (runId: string, ids: string[]) => test.database.inOrg(orgId, (tx) => settleSteering(tx, runId, ids));
  const types = async (runId: string) =>
    (await test.database.inOrg(orgId, (tx) => readEvents(tx, runId))).map(({ type }) => type);
  const waiting = async () => {
    const all = await findPendingSteering(test.database, { olderThanMs: 0 });
    return new Map(all.map(({ runId, requests }) => [runId, requests.map(({ kind }) => kind)]));
  };

  it('is kept in order until it is delivered, and shows in the stream', async () => {
    const runId = await acceptedRun(test.database, orgId);
    const { request: pause } = await ask(runId, 'pause');
    await ask(runId, 'signal', { name: 'note', data: { n: 1 } });
    const { request: resume } = await ask(runId, 'resume');
    expect(await pending(runId)).toEqual([
      pause,
      { id: expect.any(String), kind: 'signal', name: 'note', data: { n: 1 } },
      resume,
    ]);
    expect((await waiting()).get(runId)).toEqual(['pause', 'signal', 'resume']);
    expect(await types(runId)).toEqual(['run.accepted', 'run.pause_requested', 'run.signalled']);

    await settle(runId, [pause!.id]);
    expect((await waiting()).get(runId)).toEqual(['signal', 'resume']);
    await settle(
      runId,
      (await pending(runId)).map(({ id }) => id),
    );
    expect(await pending(runId)).toEqual([]);
    expect((await waiting()).has(runId)).toBe(false);
    await settle(runId, [pause!.id]);
    expect(await pending(runId)).toEqual([]);
  });

  it('is asked once: a second pause or cancel adds nothing', async () => {
    const runId = await acceptedRun(test.database, orgId);
    for (const kind of ['pause', 'cancel'] as const) {
      const answers = await Promise.all([ask(runId, kind), ask(runId, kind), ask(runId, kind)]);
      expect(answers.filter(({ request }) => request !== undefined)).toHaveLength(1);
    }
    expect((await pending(runId)).map(({ kind }) => kind)).toEqual(['pause', 'cancel']);
    expect(await types(runId)).toEqual(['run.accepted', 'run.pause_requested', 'run.cancel_requested']);
  });

  it('may be asked again after the opposite', async () => {
    const runId = await acceptedRun(test.database, orgId);
    for (const kind of ['pause', 'resume', 'pause', 'resume'] as const)
      expect((await ask(runId, kind)).request).toMatchObject({ kind });
    await expect(ask(runId, 'resume')).rejects.toMatchObject({ code: 'run.not_paused' });
  });

  it('lets a paused run be resumed, however it came to be paused', async () => {
    const runId = await acceptedRun(test.database, orgId);
    await events.append(orgId, runId, [{ key: 'pause/1', type: 'run.paused', data: {} }]);
    expect((await ask(runId, 'resume')).request).toMatchObject({ kind: 'resume' });
  });

  it('is refused for a run that has ended or is not there', async () => {
    const runId = await acceptedRun(test.database, orgId);
    await finishRun(test.database, {
      orgId,
      runId,
      status: 'completed',
      terminationReason: 'done',
      degraded: false,
      rounds: 0,
      warnings: [],
      output: { inline: null },
      events: [],
    });
    for (const kind of ['pause', 'resume', 'cancel', 'signal'] as const)
      await expect(ask(runId, kind)).rejects.toMatchObject({ code: 'run.finished' });
    for (const id of [uuidv7(), 'none'])
      await expect(ask(id, 'cancel')).rejects.toMatchObject({ code: 'run.not_found' });
    expect(await pending(uuidv7())).toEqual([]);
  });
});
