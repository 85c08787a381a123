import { afterEach, beforeAll, afterAll, describe, expect, it } from '@jest/globals';
import type { Context } from '@temporalio/activity';
import { pino } from 'pino';
import { uuidv7 } from '../../database/uuid.js';
import { WorkerLease, type ActivityRef } from '../../database/worker-lease.js';
import { asOwner, type TestDatabase, withDatabase } from '../../test/support/postgres.js';
import { until } from '../../test/support/until.js';
import { WorkerLiveness } from './worker-liveness.js';

const log = pino({ level: 'silent' });

describe('the liveness of workers', () => {
  let test: TestDatabase;
  beforeAll(async () => {
    test = await withDatabase();
  }, 90_000);
  afterAll(() => test.close());

  const running: WorkerLiveness[] = [];
  afterEach(async () => {
    await Promise.all(running.splice(0).map((one) => one.stop()));
  });

  const activity = (activityId: string): ActivityRef => ({
    workflowId: 'org_1/run',
    executionId: uuidv7(),
    activityId,
  });

  /** A worker that looks after others; `given`: what it gave back. The engine is away while `isAway` says so. */
  async function worker(isAway: () => boolean = () => false) {
    const id = uuidv7();
    const given: string[] = [];
    const giveBack = ({ activityId }: ActivityRef) => {
      if (isAway()) return Promise.reject(new Error('the engine is away'));
      given.push(activityId);
      return Promise.resolve();
    };
    let mayTake = Promise.resolve();
    let lease: WorkerLease | undefined;
    const take = async () => {
      await mayTake;
      return (lease = await WorkerLease.take(test.database, id));
    };
    const made = new WorkerLiveness(id, { take, giveBack }, log);
    running.push(made);
    await made.start();
    return {
      id,
      given,
      made,
      takeAgainAfter(moment: Promise<void>) {
        mayTake = moment;
      },
      /** Tells of the look that finds this worker's lock free, and holds the next one up. */
      lookThrough(other: string, onSeen: () => void, next: Promise<void>) {
        const look = lease!.lockLapsed.bind(lease);
        let mayLook = Promise.resolve();
        lease!.lockLapsed = async () => {
          await mayLook;
          const lapsed = await look();
          if (lapsed.includes(other)) mayLook = next;
          return lapsed;
        };
        const unlock = lease!.unlock.bind(lease);
        lease!.unlock = (workerId) => unlock(workerId).finally(workerId === other ? onSeen : () => undefined);
      },
    };
  }

  /** A worker that has these in hand and dies. */
  async function dead(...inHand: ActivityRef[]): Promise<void> {
    const lease = (await WorkerLease.take(test.database, uuidv7()))!;
    await lease.keep(
      inHand.map((one, id) => ({ ...one, id })),
      [],
    );
    await lease.end();
  }

  /** Makes an activity in the worker that ends when told to. */
  function begin(made: WorkerLiveness, { workflowId, executionId: runId, activityId }: ActivityRef) {
    const info = { workflowExecution: { workflowId, runId }, activityId, heartbeatTimeoutMs: 1_000 };
    let end: () => void = () => undefined;
    const over = new Promise<void>((resolve) => (end = resolve));
    const { inbound } = made.interceptor({ info } as unknown as Context);
    const done = inbound!.execute!({ args: [], headers: {} }, () => over);
    return async () => {
      end();
      await done;
    };
  }

  const sql = <Row extends object>(text: string, values: unknown[] = []) =>
    asOwner(test.ownerUrl, async (owner) => (await owner.query<Row>(text, values)).rows);
  const written = (id: string) => sql(`SELECT FROM worker_activity WHERE worker_id = $1`, [id]);

  it('gives what a dead worker had in hand back, once, whoever looks', async () => {
    const workers = await Promise.all([worker(), worker(), worker()]);
    await dead(activity('a'), activity('b'));
    await until(async () => (await sql('SELECT FROM worker')).length === workers.length);
    expect(workers.flatMap(({ given }) => given).sort()).toEqual(['a', 'b']);
    expect(await sql('SELECT FROM worker_activity')).toEqual([]);
  });

  it('writes down what is in hand for longer than a moment, and forgets what is over', async () => {
    const { id, made } = await worker();
    const ends = [begin(made, activity('a')), begin(made, activity('b'))];
    await until(async () => (await written(id)).length === 2);
    await ends[0]!();
    await until(async () => (await written(id)).length === 1);
    await ends[1]!();
    await until(async () => (await written(id)).length === 0);
  });

  it('leaves a worker its calls that was without its session at one look and is back at the next', async () => {
    const [stays, loses] = await Promise.all([worker(), worker()]);
    let goOn: () => void = () => undefined;
    const isBack = new Promise<void>((resolve) => (goOn = resolve));
    const seen = new Promise<void>((resolve) => stays.lookThrough(loses.id, resolve, isBack));
    loses.takeAgainAfter(seen);
    const end = begin(loses.made, activity('mine'));
    await until(async () => (await written(loses.id)).length === 1);
    const sessions = () =>
      sql<{ pid: number }>(
        `SELECT pid FROM pg_locks WHERE locktype = 'advisory' AND granted
         AND (classid::bigint << 32 | objid::bigint) = hashtextextended('worker ' || $1, 0)`,
        [loses.id],
      );
    const [{ pid } = { pid: 0 }] = await sessions();
    await sql('SELECT pg_terminate_backend($1)', [pid]);
    await until(async () => {
      const [now] = await sessions();
      return now !== undefined && now.pid !== pid && (await written(loses.id)).length === 1;
    });
    goOn();
    // Who gave this one back has looked twice since.
    await dead(activity('of the dead'));
    await until(() => [...stays.given, ...loses.given].includes('of the dead'));
    expect([...stays.given, ...loses.given]).toEqual(['of the dead']);
    await end();
  });

  it('waits with what a dead worker had in hand until the engine is there', async () => {
    let refused = 0;
    const { given } = await worker(() => refused++ < 3);
    await dead(activity('a'));
    await until(() => given.length > 0);
    expect([given, refused]).toEqual([['a'], 4]);
    await until(async () => (await sql('SELECT FROM worker')).length === 1);
  });

  it('gives nothing back twice when the engine goes away in the middle', async () => {
    let asked = 0;
    const { given } = await worker(() => ++asked === 2);
    await dead(activity('a'), activity('b'), activity('c'));
    await until(async () => (await sql('SELECT FROM worker')).length === 1);
    expect([given.sort(), asked]).toEqual([['a', 'b', 'c'], 4]);
  });

  it('leaves nothing behind when it stops', async () => {
    const { id, made } = await worker();
    await made.stop();
    expect(await sql('SELECT FROM worker WHERE id = $1', [id])).toEqual([]);
  });

  it('looks after others again when Postgres was away', async () => {
    const { given } = await worker();
    await sql(`SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE application_name = 'brikk-worker'`);
    await dead(activity('a'));
    await until(() => given.length > 0);
    expect(given).toEqual(['a']);
  });
});
