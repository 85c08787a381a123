import { afterAll, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import type { Budget, BudgetLevel } from '../contracts/budget.js';
import type { BudgetRequest } from '../contracts/budget-ledger.js';
import { type TestDatabase, withDatabase } from '../test/support/postgres.js';
import { acceptedRun, finishedCall } from '../test/support/runs.js';
import { closeBudget, readBudget, reserveBudget } from './budget.repository.js';
import { Database } from './database.js';
import { raiseBudget } from './raise-budget.js';
import { Journal } from './journal.js';
import { createOrganisation } from './organisations.repository.js';

let test: TestDatabase;
let other: Database;
let orgId: string;
let runId: string;
beforeAll(async () => {
  test = await withDatabase();
  other = await Database.open({ appUrl: test.appUrl });
  orgId = (await test.database.outsideOrgs((tx) => createOrganisation(tx, 'mine'))).id;
}, 90_000);
afterAll(async () => {
  await other.close();
  await test.close();
});
beforeEach(async () => {
  runId = await acceptedRun(test.database, orgId);
});

const RUN: BudgetLevel = { place: '', limits: { costUsd: 1, calls: 1_000 } };
const request = (callKey: string, change: Partial<BudgetRequest> = {}): BudgetRequest => ({
  callKey,
  levels: [RUN],
  estimate: { tokens: 0, costUsd: 0.04, calls: 1 },
  agentId: 'agent',
  isForced: false,
  ...change,
});
const reserve = (requests: BudgetRequest[], database = test.database) =>
  database.inOrg(orgId, (tx) => reserveBudget(tx, orgId, runId, requests));
const close = (place: string) => test.database.inOrg(orgId, (tx) => closeBudget(tx, runId, place));
const view = (limits: Partial<Budget> = RUN.limits) =>
  test.database.inOrg(orgId, (tx) => readBudget(tx, runId, { ...limits, onExceeded: 'stop' }));
const settle = (key: string, costUsd: number, database = test.database) =>
  new Journal(database).record(orgId, runId, {
    ...finishedCall(key),
    usage: { calls: 1, costUsd, inputTokens: 3, outputTokens: 4 },
    hasReserved: true,
  });

describe('a budget', () => {
  it('admits of 100 calls at once, from two processes, exactly those whose estimates fit', async () => {
    const answers = await Promise.all(
      Array.from({ length: 100 }, (_, index) => reserve([request(`call-${index}`)], index % 2 ? other : test.database)),
    );
    expect(answers.flat().filter((refusal) => refusal === undefined)).toHaveLength(25);
    expect(answers.flat().find((refusal) => refusal !== undefined)).toMatchObject({ place: '', limit: 'costUsd' });
    expect(await view()).toMatchObject({ reserved: { costUsd: 1, calls: 25 }, left: { costUsd: 0, calls: 975 } });
  }, 30_000);

  it('is overshot by no more than the calls in flight exceed their estimates', async () => {
    const keys = Array.from({ length: 100 }, (_, index) => `call-${index}`);
    const answers = await reserve(keys.map((key) => request(key)));
    const made = keys.filter((_, index) => answers[index] === undefined);
    await Promise.all(made.map((key, index) => settle(key, 0.05, index % 2 ? other : test.database)));
    const { used, left, reserved } = await view();
    const bound = made.length * (0.05 - 0.04);
    expect([used.costUsd, reserved.costUsd]).toEqual([1.25, 0]);
    expect(-(left.costUsd ?? 0)).toBeLessThanOrEqual(bound + 1e-9);
    expect(await reserve([request('late')])).toMatchObject([{ limit: 'costUsd', left: expect.closeTo(-0.25) }]);
  }, 30_000);

  it('holds nothing twice for a call that is repeated after a crash, and settles it once', async () => {
    await reserve([request('a')]);
    await reserve([request('a')], other);
    expect((await view()).reserved).toEqual({ costUsd: 0.04, calls: 1 });
    await Promise.all([settle('a', 0.5), settle('a', 0.5, other)]);
    await settle('a', 0.5);
    expect(await view()).toMatchObject({ used: { costUsd: 0.5, calls: 1 }, reserved: { costUsd: 0, calls: 0 } });
    expect(await reserve([request('a')])).toEqual([undefined]);
    expect((await view()).reserved.costUsd).toBe(0);
  });

  it('settles in the transaction of the journal: neither without the other', async () => {
    await reserve([request('a')]);
    const { output: _output, ...broken } = finishedCall('a');
    const row = { ...broken, hasReserved: true, agentId: 'no uuid', usage: { calls: 1 } };
    await expect(new Journal(test.database).record(orgId, runId, row)).rejects.toThrow();
    expect(await view()).toMatchObject({ used: { calls: 0 }, reserved: { calls: 1 } });
  });

  it('gives a place inside a lease, and takes back what was not used', async () => {
    const inside = [RUN, { place: 'steps/a', limits: { costUsd: 0.3 } }];
    await reserve([request('steps/a', { levels: inside })]);
    expect(await view()).toMatchObject({ reserved: { costUsd: 0.3, calls: 1 } });
    expect(await reserve([request('b', { estimate: { tokens: 0, costUsd: 0.8, calls: 1 } })])).toMatchObject([
      { place: '', left: expect.closeTo(0.7) },
    ]);
    await settle('steps/a', 0.1);
    await close('steps/a');
    await close('steps/a');
    expect(await view()).toMatchObject({ used: { costUsd: 0.1, calls: 1 }, reserved: { costUsd: 0, calls: 0 } });
  });

  it('never lets the places inside spend more than the run has, however many open at once', async () => {
    const levels = (index: number) => [RUN, { place: `items/${index}`, limits: { costUsd: 0.3 } }];
    const estimate = { tokens: 0, costUsd: 0.3, calls: 1 };
    const answers = await Promise.all(
      Array.from({ length: 20 }, (_, index) =>
        reserve([request(`items/${index}`, { levels: levels(index), estimate })], index % 2 ? other : test.database),
      ),
    );
    expect(answers.flat().filter((refusal) => refusal === undefined)).toHaveLength(3);
    expect((await view()).reserved.costUsd).toBeLessThanOrEqual(1);
  }, 30_000);

  it('counts different agents, from wherever they are asked', async () => {
    const levels = [{ place: '', limits: { agents: 3 } }];
    const answers = await Promise.all(
      Array.from({ length: 10 }, (_, index) =>
        reserve([request(`call-${index}`, { levels, agentId: `agent-${index}` })], index % 2 ? other : test.database),
      ),
    );
    expect(answers.flat().filter((refusal) => refusal === undefined)).toHaveLength(3);
    expect(await view({ agents: 3 })).toMatchObject({ used: { agents: 3 }, left: { agents: 0 } });
  });

  it('is raised once for a key, a place inside by what the run has left, and shows it', async () => {
    const inside = [RUN, { place: 'steps/a', limits: { costUsd: 0.3 } }];
    const raise = (key: string, place: string, levels: BudgetLevel[], by: number) =>
      test.database.inOrg(orgId, (tx) => raiseBudget(tx, orgId, runId, { key, place, levels, limit: 'costUsd', by }));
    await reserve([request('steps/a', { levels: inside, estimate: { tokens: 0, costUsd: 0.3, calls: 1 } })]);
    expect(await raise('one', 'steps/a', inside, 2)).toEqual({ by: expect.closeTo(0.7), from: '' });
    expect(await raise('two', 'steps/a', inside, 2)).toEqual({ by: 0, from: '' });
    expect(await raise('run', '', [RUN], 0.5)).toEqual({ by: 0.5 });
    expect(await raise('run', '', [RUN], 0.5)).toEqual({ by: 0.5 });
    expect(await raise('two', 'steps/a', inside, 2)).toEqual({ by: 0.5, from: '' });
    const estimate = { tokens: 0, costUsd: 1.2, calls: 1 };
    expect(await reserve([request('steps/a/more', { levels: inside, estimate })])).toEqual([undefined]);
    const shown = await test.database.inOrg(orgId, (tx) =>
      readBudget(tx, runId, { costUsd: 1, onExceeded: 'approval', approval: { dueMs: 1, onTimeout: 'reject' } }),
    );
    expect(shown).toEqual({
      limits: { costUsd: 1.5, onExceeded: 'approval' },
      used: { costUsd: 0 },
      reserved: { costUsd: 1.5 },
      left: { costUsd: 0 },
    });
  });

  it('is whole before anything was asked of it', async () => {
    expect(await view()).toEqual({
      limits: { costUsd: 1, calls: 1_000, onExceeded: 'stop' },
      used: { costUsd: 0, calls: 0 },
      reserved: { costUsd: 0, calls: 0 },
      left: { costUsd: 1, calls: 1_000 },
    });
  });
});
