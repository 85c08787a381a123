import { afterAll, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import { BrikkError } from '../contracts/errors.js';
import type { LeaseAnswer, LeaseRequest } from '../contracts/needs.js';
import { asOwner, type TestDatabase, withDatabase } from '../test/support/postgres.js';
import { acceptedRun, finishedCall } from '../test/support/runs.js';
import { askLeases } from './call-leases.js';
import { Database } from './database.js';
import { finishRun } from './finish-run.js';
import { Journal } from './journal.js';
import { listLeases, requestLease } from './leases.repository.js';
import { createOrganisation } from './organisations.repository.js';
import { deleteResource, putResource, readResource } from './resources.repository.js';
import { sweepResources } from './sweep-resources.js';

let test: TestDatabase;
let other: Database;
let orgId: string;
let runId: string;
let orgs = 0;
beforeAll(async () => {
  test = await withDatabase();
  other = await Database.open({ appUrl: test.appUrl });
}, 90_000);
afterAll(async () => {
  await other.close();
  await test.close();
});
beforeEach(async () => {
  orgs += 1;
  orgId = (await test.database.outsideOrgs((tx) => createOrganisation(tx, `org-${orgs}`))).id;
  runId = await acceptedRun(test.database, orgId);
  await put('gpu', 2);
});

const put = (name: string, capacity: number) =>
  test.database.inOrg(orgId, (tx) => putResource(tx, orgId, name, { capacity }));
const request = (callKey: string, change: Partial<LeaseRequest> = {}): LeaseRequest => ({
  runId,
  callKey,
  needs: { gpu: 1 },
  priority: 'normal',
  leftMs: 60_000,
  ...change,
});
/** As calls do: a connection that cannot be had in time is asked for again. */
const patiently = async <T>(work: () => Promise<T>): Promise<T> => {
  for (;;) {
    try {
      return await work();
    } catch (error) {
      if (!(error instanceof BrikkError) || error.code !== 'dependency.unavailable') throw error;
    }
  }
};
const ask = (requests: LeaseRequest[], database = test.database) =>
  patiently(() => database.inOrg(orgId, (tx) => askLeases(tx, orgId, requests)));
const statesOf = (answers: LeaseAnswer[]) => answers.map(({ state }) => state);
const use = () => patiently(() => test.database.inOrg(orgId, (tx) => readResource(tx, 'gpu')));
const end = (key: string, database = test.database) =>
  new Journal(database).record(orgId, runId, { ...finishedCall(key), hasAsked: true });

describe('leases of calls', () => {
  it('never exceed the capacity under 200 requests at once, from two processes, and all get their turn', async () => {
    await put('gpu', 7);
    const amountOf = (key: string) => (Number(key.split('-')[1]) % 3) + 1;
    const asked = (key: string) => request(key, { needs: { gpu: amountOf(key) } });
    let open = Array.from({ length: 200 }, (_, index) => `call-${index}`);
    const answers = new Map<string, LeaseAnswer>();
    const turns: number[] = [];
    await Promise.all(
      open.map(async (key, index) => {
        const [answer] = await ask([asked(key)], index % 2 ? other : test.database);
        answers.set(key, answer!);
      }),
    );
    while (open.length > 0) {
      // What is said to be held was given while it was free: all of it together fits, and stands in the record.
      const holding = open.filter((key) => answers.get(key)?.state === 'held');
      const sum = holding.reduce((total, key) => total + amountOf(key), 0);
      const { held } = await use();
      expect([sum <= held, held <= 7, holding.length > 0]).toEqual([true, true, true]);
      turns.push(held);
      await Promise.all(holding.map((key, index) => patiently(() => end(key, index % 2 ? other : test.database))));
      open = open.filter((key) => !holding.includes(key));
      const halves = [open.filter((_, place) => place % 2), open.filter((_, place) => !(place % 2))];
      await Promise.all(
        halves.map(async (keys, half) => {
          const said = await ask(keys.map(asked), half ? other : test.database);
          keys.forEach((key, place) => answers.set(key, said[place]!));
        }),
      );
      const { items } = await test.database.inOrg(orgId, (tx) => listLeases(tx, 'gpu', { limit: 200, state: 'held' }));
      for (const { holder } of items)
        if (holder.type === 'run') answers.set(holder.callKey, { state: 'held', waitedMs: 0 });
    }
    expect(Math.max(...turns)).toBe(7);
    expect(await use()).toMatchObject({ held: 0, waiting: 0 });
  }, 120_000);

  it('are given by priority, then by age, whoever asks again first', async () => {
    await ask([request('a', { needs: { gpu: 2 } })]);
    await ask([request('b', { needs: { gpu: 2 } })]);
    await ask([request('urgent', { needs: { gpu: 2 }, priority: 'critical' })]);
    const [waiting] = await ask([request('c', { needs: { gpu: 2 } })]);
    expect(waiting).toMatchObject({ state: 'waiting', ahead: 2 });
    const order: string[] = [];
    for (const turn of ['a', 'urgent', 'b', 'c']) {
      await end(turn);
      order.push(turn);
      const next = await ask(
        ['c', 'b', 'urgent'].filter((key) => !order.includes(key)).map((key) => request(key, { needs: { gpu: 2 } })),
      );
      expect(statesOf(next).filter((state) => state === 'held')).toHaveLength(order.length === 4 ? 0 : 1);
      if (order.length < 4) {
        const { items } = await test.database.inOrg(orgId, (tx) => listLeases(tx, 'gpu', { limit: 10, state: 'held' }));
        expect(items[0]?.holder).toMatchObject({ callKey: ['urgent', 'b', 'c'][order.length - 1] });
      }
    }
  });

  it('are given in their order to calls that ask together', async () => {
    const keys = Array.from({ length: 30 }, (_, index) => `call-${index}`);
    const answers = await ask(keys.map((key) => request(key)));
    expect(statesOf(answers.slice(0, 2))).toEqual(['held', 'held']);
    const ahead = answers.slice(2).map((answer) => 'ahead' in answer && answer.ahead);
    expect(ahead).toEqual(keys.slice(2).map((_, index) => index));
  });

  it('are held once by a call that is repeated after its worker died', async () => {
    expect(statesOf(await ask([request('a')]))).toEqual(['held']);
    expect(statesOf(await ask([request('a')], other))).toEqual(['held']);
    expect(await use()).toMatchObject({ held: 1 });
  });

  it('are given for all that a call needs, or for nothing', async () => {
    await put('seat', 1);
    await ask([request('a', { needs: { seat: 1 } })]);
    const [both] = await ask([request('b', { needs: { gpu: 1, seat: 1 } })]);
    expect([both?.state, (await use()).held]).toEqual(['waiting', 0]);
    await end('a');
    expect(statesOf(await ask([request('b', { needs: { gpu: 1, seat: 1 } })]))).toEqual(['held']);
  });

  it('end with the transaction that journals the call: neither without the other', async () => {
    await ask([request('a')]);
    const { output: _output, ...broken } = finishedCall('a');
    const row = { ...broken, hasAsked: true, agentId: 'no uuid', usage: { calls: 1 } };
    await expect(new Journal(test.database).record(orgId, runId, row)).rejects.toThrow();
    expect((await use()).held).toBe(1);
    await end('a');
    expect((await use()).held).toBe(0);
  });

  it('are over when their time is by the clock of the database, and the next one gets its turn', async () => {
    await ask([request('a', { needs: { gpu: 2 } })]);
    const lease = await test.database.inOrg(orgId, (tx) =>
      requestLease(
        tx,
        { orgId, keyId: 'k', resource: 'gpu' },
        { amount: 2, priority: 'normal', ttlMs: 60_000, waitMs: 60_000 },
      ),
    );
    expect(lease.state).toBe('waiting');
    await asOwner(test.ownerUrl, (owner) =>
      owner.query(
        `UPDATE resource_lease SET expires_at = now() - interval '1 ms' WHERE call_key = 'a' AND run_id = $1`,
        [runId],
      ),
    );
    await sweepResources(test.database);
    const { items } = await test.database.inOrg(orgId, (tx) => listLeases(tx, 'gpu', { limit: 10 }));
    expect(items).toMatchObject([{ id: lease.id, state: 'held', holder: { type: 'api-key', id: 'k' } }]);
  });

  it('end with their run, whatever became of its worker', async () => {
    await ask([request('a', { needs: { gpu: 2 } })]);
    await finishRun(test.database, {
      orgId,
      runId,
      status: 'canceled',
      terminationReason: 'canceled',
      output: { inline: null },
      degraded: false,
      rounds: 0,
      warnings: [],
      events: [],
    } as never);
    expect((await use()).held).toBe(0);
    const next = await acceptedRun(test.database, orgId);
    expect(statesOf(await ask([request('b', { runId: next, needs: { gpu: 2 } })]))).toEqual(['held']);
  });

  it('are refused for what there is not, or not so many of', async () => {
    expect(await ask([request('a', { needs: { tpu: 1 } }), request('b', { needs: { gpu: 3 } })])).toEqual([
      { state: 'refused', resource: 'tpu', capacity: null },
      { state: 'refused', resource: 'gpu', capacity: 2 },
    ]);
  });

  it('keep a resource from being made smaller than what is used, and from being deleted', async () => {
    await ask([request('a', { needs: { gpu: 2 } })]);
    await expect(put('gpu', 1)).rejects.toMatchObject({ code: 'resource.in_use', violations: [{ allowed: 2 }] });
    await expect(test.database.inOrg(orgId, (tx) => deleteResource(tx, 'gpu'))).rejects.toMatchObject({
      code: 'resource.in_use',
    });
  });
});
