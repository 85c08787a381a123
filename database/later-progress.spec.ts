import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import type { ToldProgress } from '../contracts/agent-progress.js';
import type { CallProgress } from '../contracts/later-answers.js';
import { pendingCall } from '../test/support/pending-call.js';
import { type TestDatabase, withDatabase } from '../test/support/postgres.js';
import { acceptedRun, finishedCall } from '../test/support/runs.js';
import { finishRun } from './finish-run.js';
import { Journal } from './journal.js';
import { takeLaterAnswer } from './later-answers.repository.js';
import { takeLaterProgress } from './later-progress.repository.js';
import { findPendingCalls, openPendingCall } from './pending-calls.js';
import { readEvents } from './run-events.js';
import { findSteering } from './steering.repository.js';
import { sweepSilentCalls } from './sweep-silent-calls.js';
import { uuidv7 } from './uuid.js';

const orgId = uuidv7();

describe('what an agent says of a call that it answers later', () => {
  let test: TestDatabase;
  beforeAll(async () => {
    test = await withDatabase();
  }, 90_000);
  afterAll(() => test.close());

  const begin = async (change: Partial<CallProgress> = {}) => {
    const runId = await acceptedRun(test.database, orgId);
    const { progress } = await openPendingCall(test.database, { orgId, runId }, pendingCall('a', change));
    const attempt = {
      orgId,
      runId,
      callKey: 'a',
      attempt: progress.attempt,
      instanceId: progress.candidate.instanceId,
      kind: 'task' as const,
      sentAt: progress.sentAt,
      expiresAt: progress.endAt,
    };
    const say = (said: ToldProgress, of: Partial<typeof attempt> = {}) =>
      test.database.inOrg(orgId, (tx) => takeLaterProgress(tx, { ...attempt, ...of }, said));
    const answer = () => test.database.inOrg(orgId, (tx) => takeLaterAnswer(tx, attempt, { output: 1 }));
    const found = async () => (await findPendingCalls(test.database, { orgId, runId }, ['a'])).get('a');
    const told = async () =>
      (await test.database.inOrg(orgId, (tx) => readEvents(tx, runId))).flatMap(({ type, data }) =>
        type === 'call.progress' ? [data] : [],
      );
    const steering = () => test.database.inOrg(orgId, (tx) => findSteering(tx, runId));
    return { runId, progress, say, answer, found, told, steering };
  };
  const sweep = () => sweepSilentCalls(test.database);

  it('is told at once, and then a second apart at least, with all that was said since', async () => {
    const { say, told, progress } = await begin();
    await say({ fraction: 0.1, message: 'reading' });
    await say({ fraction: 0.2, text: 'The ' });
    await say({ fraction: 0.3, text: 'end' });
    expect(await told()).toMatchObject([{ fraction: 0.1, message: 'reading' }]);
    await sleep(1_100);
    await say({});
    expect(await told()).toMatchObject([
      { callKey: 'a', path: '/a', agent: 'slow', instanceId: progress.candidate.instanceId, attempt: 1 },
      { fraction: 0.3, text: 'The end' },
    ]);
  });

  it('begins its silence anew', async () => {
    const { say, found } = await begin({ idleMs: 4_000 });
    for (let beat = 0; beat < 5; beat += 1) {
      await sleep(1_000);
      await say({});
      await sweep();
    }
    expect((await found())?.answer).toBeUndefined();
  });

  it('ends with its silence, of which the workflow is told once; an answer after that is too late', async () => {
    const { say, answer, found, steering } = await begin({ idleMs: 1_500 });
    await sweep();
    expect((await found())?.answer).toBeUndefined();
    await sleep(1_600);
    await Promise.all([sweep(), sweep()]);
    await sweep();
    expect(await found()).toMatchObject({ answer: { body: { silentMs: 1_500 } } });
    expect(await steering()).toMatchObject([{ kind: 'answer', notice: { key: 'a' } }]);
    await expect(answer()).rejects.toMatchObject({ code: 'call.closed', message: expect.stringContaining('silent') });
    await expect(say({ fraction: 1 })).rejects.toMatchObject({ code: 'call.closed' });
  });

  it('has no limit to its silence unless the call says so', async () => {
    const { say, found } = await begin();
    expect(await say({ fraction: 0.5 })).toEqual({ silentAt: null });
    await sweep();
    expect((await found())?.answer).toBeUndefined();
  });

  it('is not silent once it has answered', async () => {
    const { answer, found, steering } = await begin({ idleMs: 50 });
    await answer();
    await sleep(100);
    await sweep();
    expect(await found()).toMatchObject({ answer: { body: { output: 1 } } });
    expect(await steering()).toHaveLength(1);
  });

  it('is wanted by nobody who waits for another attempt, has the answer, or has ended', async () => {
    const { runId, progress, say, answer, told } = await begin();
    await expect(say({}, { instanceId: uuidv7() })).rejects.toMatchObject({ code: 'call.closed' });
    await expect(say({}, { runId: uuidv7() })).rejects.toMatchObject({ code: 'call.not_found' });
    // Its worker is about to note that it waits.
    expect(await say({ fraction: 0.1 }, { attempt: 2, sentAt: progress.sentAt + 1 })).toEqual({ silentAt: null });
    await answer();
    await expect(say({})).rejects.toMatchObject({ code: 'call.closed' });
    const end = { status: 'completed' as const, terminationReason: 'done' as const, output: { inline: null } };
    await finishRun(test.database, { orgId, runId, ...end, degraded: false, rounds: 0, warnings: [], events: [] });
    await expect(say({})).rejects.toMatchObject({ code: 'run.finished' });
    expect(await told()).toEqual([]);
  });

  it('counts nothing once the call is in the journal', async () => {
    const { runId, say, steering } = await begin({ idleMs: 50 });
    await new Journal(test.database).record(orgId, runId, finishedCall('a'));
    await expect(say({ fraction: 1 })).rejects.toMatchObject({ code: 'call.closed' });
    await sleep(100);
    await sweep();
    expect(await steering()).toEqual([]);
  });
});
