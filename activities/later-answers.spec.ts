import type { ServerResponse } from 'node:http';
import { describe, expect, it, jest } from '@jest/globals';
import type { LaterAnswer } from '../contracts/later-answers.js';
import type { CallOutcome } from '../contracts/run-workflow.js';
import { callOf, createHouse, echo, finished } from '../test/support/agent-house.js';
import type { JournalRow } from './dependencies.js';
import { withdrawCalls } from './withdraw-calls.js';

const later = (_: unknown, response: { statusCode: number }) => {
  response.statusCode = 202;
  return { taskId: 'job-7' };
};
const inTime = { timeout: { attemptMs: 2_000, totalMs: 60_000 } };

describe('a call whose agent answers later', () => {
  const comes = (house: ReturnType<typeof createHouse>['house'], key: string, body: LaterAnswer) => {
    const waiting = house.pending.get(key)!;
    house.pending.set(key, { ...waiting, answer: { body, at: waiting.progress.sentAt + 5_000 } });
  };

  it('leaves the activity, told in the stream and without an entry, and ends as if it had come at once', async () => {
    const { house, agent, run } = createHouse();
    const asked = await agent('a', later);
    const call = callOf('one', inTime);
    const [outcome] = await run({ calls: [call] });
    expect(outcome).toEqual({ key: 'one', pending: { dueAt: house.pending.get('one')!.progress.endAt } });
    expect(asked.requests[0]!.run).toMatchObject({ callbackUrl: house.callbackUrl, callbackMs: expect.any(Number) });
    expect([house.rows.size, house.stats.length]).toEqual([0, 0]);
    expect(house.written).toMatchObject([{ type: 'call.pending', data: { agent: 'a', attempt: 1, taskId: 'job-7' } }]);
    // Looked up before it has come, it is waited for again.
    expect(await run({ calls: [{ ...call, pending: true }] })).toEqual([outcome]);

    comes(house, 'one', { output: 7, usage: { costUsd: 2 } });
    const [end] = await run({ calls: [{ ...call, pending: true }] });
    expect(finished(end)).toMatchObject({
      status: 'completed',
      output: { inline: 7 },
      agent: 'a',
      attempts: 1,
      usage: { calls: 1, costUsd: 2 },
    });
    expect(asked.requests).toHaveLength(1);
  });

  it('is waited for exactly as its URL says, whatever the clock does in between', async () => {
    const { house, agent, run } = createHouse();
    await agent('a', later);
    let now = Date.now();
    const clock = jest.spyOn(Date, 'now').mockImplementation(() => (now += 1));
    try {
      await run({ calls: [callOf('one', inTime)] });
    } finally {
      clock.mockRestore();
    }
    const { attempt, sentAt } = house.pending.get('one')!.progress;
    expect(house.awaited).toMatchObject([{ callKey: 'one', attempt, sentAt }]);
  });

  it('is waited for as the attempt that was taken, when it was hedged', async () => {
    const { house, agent, run } = createHouse();
    const open: ServerResponse[] = [];
    const inCompany = (request: unknown, response: ServerResponse) => {
      open.push(response);
      if (open.length === 2) for (const one of open) one.end(JSON.stringify(later(request, one)));
    };
    await agent('a', inCompany);
    await agent('b', inCompany);
    await run({ calls: [callOf('one', { ...inTime, idempotent: true, hedge: { afterMs: 10 } })] });
    const { attempt, sentAt, sent, candidate } = house.pending.get('one')!.progress;
    expect([sent, house.awaited.length]).toEqual([2, 2]);
    expect(house.awaited).toContainEqual(
      expect.objectContaining({ attempt, sentAt, instanceId: candidate.instanceId }),
    );
  });

  it('takes an answer that was faster than the note that it will come', async () => {
    const { house, agent, run } = createHouse();
    await agent('a', later);
    house.early.set('one', { body: { output: 1 }, at: Date.now() });
    expect(await run({ calls: [callOf('one')] })).toMatchObject([{ status: 'completed', output: { inline: 1 } }]);
  });

  it('goes to the next candidate when the answer is a failure, or breaks its schema', async () => {
    for (const body of [{ status: 503, detail: 'overloaded' }, { output: 'text' }] as LaterAnswer[]) {
      const { house, agent, run } = createHouse();
      await agent('a', later);
      const call = callOf('one', { ...inTime, outputSchema: { type: 'object' } });
      const other = await agent('b', echo);
      await run({ calls: [call] });
      comes(house, 'one', body);
      const [end] = await run({ calls: [{ ...call, pending: true }] });
      expect(finished(end)).toMatchObject({ status: 'completed', agent: 'b', attempts: 2 });
      expect(other.requests[0]!.run.attempt).toBe(2);
    }
  });

  it('has timed out when its total time is over', async () => {
    const { house, agent, run } = createHouse();
    await agent('a', later);
    const call = callOf('one', inTime);
    await run({ calls: [call] });
    const waiting = house.pending.get('one')!;
    house.pending.set('one', { ...waiting, progress: { ...waiting.progress, endAt: Date.now() - 1 } });
    const [end] = await run({ calls: [{ ...call, pending: true }] });
    expect(finished(end)).toMatchObject({
      status: 'failed',
      agent: 'a',
      attempts: 1,
      error: { code: 'agent.timeout' },
    });
  });

  it('is a failed attempt where nobody listens, and where the 202 names no task', async () => {
    const { house, agent, run } = createHouse();
    house.callbackUrl = undefined;
    await agent('a1', later);
    await agent('a2', (_, response) => {
      response.statusCode = 202;
      return { taskId: 'two\nlines' };
    });
    const retry = { ...callOf('x').retry, maxAttempts: 2 };
    const [end] = await run({ calls: [callOf('one', { retry })] });
    expect(finished(end)).toMatchObject({ status: 'failed', attempts: 2, error: { code: 'agent.invalid_output' } });
  });

  it('ends a chain of calls where it stands', async () => {
    const { agent, run } = createHouse();
    await agent('a', ({ idempotencyKey, ...request }, response, incoming) =>
      idempotencyKey.endsWith('two')
        ? later(request, response)
        : echo({ idempotencyKey, ...request }, response, incoming),
    );
    const next = (key: string) => ({ ...callOf(key), input: { variables: {} }, events: [] });
    const outcomes: CallOutcome[] = await run({
      calls: [{ ...callOf('one'), following: [next('two'), next('three')] }],
    });
    expect(outcomes).toMatchObject([
      { key: 'one', status: 'completed' },
      { key: 'two', pending: {} },
    ]);
  });

  it('is recorded as it stands when nobody waits any longer', async () => {
    const { house, agent, run } = createHouse();
    await agent('a', later);
    await run({ calls: [callOf('one'), callOf('two')] });
    const two = house.pending.get('two')!;
    house.pending.set('two', { ...two, progress: { ...two.progress, endAt: 0 } });
    const records = {
      journal: {
        outcomes: () => Promise.resolve(new Map<string, never>()),
        record: (_org: string, _run: string, row: JournalRow) => {
          house.rows.set(row.key, row);
          return Promise.resolve({ call: row, isHeld: false });
        },
      },
      pending: { find: () => Promise.resolve(house.pending) },
    };
    await withdrawCalls(records, { orgId: 'org-1', runId: 'run-1', keys: ['one', 'two'] });
    const rows = ['one', 'two'].map((key) => house.rows.get(key));
    expect(rows).toMatchObject([
      { status: 'canceled', agent: 'a', attempts: 1, error: { code: 'agent.canceled' } },
      { status: 'failed', agent: 'a', attempts: 1, error: { code: 'agent.timeout' } },
    ]);
  });
});
