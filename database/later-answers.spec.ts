import { createSecretKey, randomBytes } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import type { AnsweredAttempt, CallProgress } from '../contracts/later-answers.js';
import { pendingCall } from '../test/support/pending-call.js';
import { type TestDatabase, withDatabase } from '../test/support/postgres.js';
import { acceptedRun, finishedCall } from '../test/support/runs.js';
import { CallbackKeys } from './callback-keys.js';
import { isSignedBy, readCallbackToken, signCallbackToken } from './callback-token.js';
import { finishRun } from './finish-run.js';
import { Journal } from './journal.js';
import { takeLaterAnswer } from './later-answers.repository.js';
import { findPendingCalls, openPendingCall } from './pending-calls.js';
import { readEvents } from './run-events.js';
import { findSteering } from './steering.repository.js';
import { uuidv7 } from './uuid.js';
import { keyless } from '../test/support/vaults.js';

const orgId = uuidv7();
const answer = { output: 1 };

describe('an answer that comes later', () => {
  let test: TestDatabase;
  beforeAll(async () => {
    test = await withDatabase();
  }, 90_000);
  afterAll(() => test.close());

  const open = (runId: string, change: Partial<CallProgress> = {}) =>
    openPendingCall(test.database, { orgId, runId }, pendingCall('a', change));
  const find = async (runId: string) => (await findPendingCalls(test.database, { orgId, runId }, ['a', 'b'])).get('a');
  const take = (
    runId: string,
    { attempt: number, sentAt, endAt, candidate }: CallProgress,
    body: { output: number } = answer,
  ) => {
    const { instanceId } = candidate;
    const attempt = { orgId, runId, callKey: 'a', attempt: number, instanceId, kind: 'task' as const };
    return test.database.inOrg(orgId, (tx) => takeLaterAnswer(tx, { ...attempt, sentAt, expiresAt: endAt }, body));
  };
  const toldTo = (runId: string) => test.database.inOrg(orgId, (tx) => findSteering(tx, runId));
  const begin = () => acceptedRun(test.database, orgId);

  it('is kept with what the workflow is to be told, once, and the first stands', async () => {
    const runId = await begin();
    const { progress } = await open(runId);
    expect(await take(runId, progress)).toEqual({ duplicate: false });
    expect(await take(runId, progress)).toEqual({ duplicate: true });
    await expect(take(runId, progress, { output: 2 })).rejects.toMatchObject({ code: 'call.answered' });
    expect(await find(runId)).toEqual({ key: 'a', progress, answer: { body: answer, at: expect.any(Number) } });
    expect(await toldTo(runId)).toEqual([{ id: expect.any(String), kind: 'answer', notice: { key: 'a' } }]);
  });

  it('may be faster than the worker that notes that it will come', async () => {
    const runId = await begin();
    const { progress } = pendingCall('a');
    await take(runId, progress);
    expect(await find(runId)).toBeUndefined();
    expect(await open(runId, progress)).toMatchObject({ answer: { body: answer } });
    // Noted a second time, as after a lost connection, it is still there.
    expect(await open(runId, progress)).toMatchObject({ answer: { body: answer } });
    const types = (await test.database.inOrg(orgId, (tx) => readEvents(tx, runId))).map(({ type }) => type);
    expect(types.filter((type) => type === 'call.pending')).toHaveLength(1);
  });

  it('counts of the attempt that is waited for, also when a worker that died sent it before', async () => {
    const runId = await begin();
    const { progress } = pendingCall('a');
    await open(runId, { ...progress, sentAt: progress.sentAt + 50 });
    expect(await take(runId, progress)).toEqual({ duplicate: false });
    // It was no good: the next attempt goes elsewhere.
    const next = { ...progress, attempt: 2, sent: 2, sentAt: progress.sentAt + 100 };
    const elsewhere = { ...next, candidate: { ...next.candidate, instanceId: uuidv7() } };
    await open(runId, elsewhere);
    expect((await find(runId))?.answer).toBeUndefined();
    await expect(take(runId, progress, { output: 3 })).rejects.toMatchObject({ code: 'call.closed' });
    expect(await take(runId, elsewhere)).toEqual({ duplicate: false });
  });

  it('is refused where nobody waits: of a finished call, an ended run, no run', async () => {
    const runId = await begin();
    const { progress } = await open(runId);
    await new Journal(test.database).record(orgId, runId, finishedCall('a'));
    await expect(take(runId, progress)).rejects.toMatchObject({ code: 'call.closed' });
    const ended = await begin();
    const waiting = await open(ended);
    const end = { status: 'canceled' as const, terminationReason: 'canceled' as const, degraded: false, rounds: 0 };
    await finishRun(test.database, { orgId, runId: ended, ...end, warnings: [], output: { inline: 1 }, events: [] });
    await expect(take(ended, waiting.progress)).rejects.toMatchObject({ code: 'run.finished' });
    await expect(take(uuidv7(), progress)).rejects.toMatchObject({ code: 'call.not_found' });
    expect([await toldTo(runId), await toldTo(ended)]).toEqual([[], []]);
  });
});

describe('a callback token', () => {
  const key = createSecretKey(randomBytes(32));
  const attempt: AnsweredAttempt = {
    orgId,
    runId: uuidv7(),
    callKey: 'steps/ä',
    attempt: 2,
    instanceId: uuidv7(),
    kind: 'bid',
    sentAt: 1,
    expiresAt: 2,
  };

  it('says what it answers, and is of nobody else', () => {
    const token = signCallbackToken(key, attempt);
    expect(readCallbackToken(token)).toEqual(attempt);
    expect(isSignedBy(key, token)).toBe(true);
    expect(isSignedBy(createSecretKey(randomBytes(32)), token)).toBe(false);
    const [, mac] = token.split('.');
    const [other] = signCallbackToken(key, { ...attempt, callKey: 'steps/b' }).split('.');
    expect(isSignedBy(key, `${other}.${mac}`)).toBe(false);
  });

  it('is none in any other form', () => {
    const of = (parts: unknown) => `${Buffer.from(JSON.stringify(parts)).toString('base64url')}.x`;
    const whole = Object.values(attempt);
    for (const token of [
      '',
      '.',
      'a',
      'a.b.c',
      of({}),
      of(whole.slice(1)),
      of(whole.with(0, 'x')),
      of(whole.with(5, 'x')),
    ])
      expect(readCallbackToken(token)).toBeUndefined();
  });

  it('is signed alike by all processes of an installation, and by no key of another organisation', async () => {
    const test = await withDatabase();
    try {
      const [one, two] = [new CallbackKeys(test.database, keyless), new CallbackKeys(test.database, keyless)];
      expect(await two.find(orgId)).toBeUndefined();
      await Promise.all([one.make(orgId), two.make(orgId)]);
      const token = signCallbackToken(one.known(orgId)!, attempt);
      expect(isSignedBy((await two.find(orgId))!, token)).toBe(true);
      expect(isSignedBy((await two.make(uuidv7()))!, token)).toBe(false);
    } finally {
      await test.close();
    }
  }, 90_000);
});
