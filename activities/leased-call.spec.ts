import { describe, expect, it } from '@jest/globals';
import { ActivityCancellationDetails } from '@temporalio/common';
import { MockActivityEnvironment } from '@temporalio/testing';
import { callOf, createHouse, echo, finished } from '../test/support/agent-house.js';
import { until } from '../test/support/until.js';

const needs = { gpu: 1 };

/** A desk with so many cards, which asks nobody twice. */
function cards(house: ReturnType<typeof createHouse>['house'], capacity: number) {
  const held = new Set<string>();
  let most = 0;
  house.lease = ({ callKey }) => {
    for (const key of held) if (house.rows.has(key)) held.delete(key);
    if (!held.has(callKey) && held.size >= capacity) return { state: 'waiting', waitedMs: 3_000, ahead: 1 };
    held.add(callKey);
    most = Math.max(most, held.size);
    return { state: 'held', waitedMs: 5 };
  };
  return { most: () => most };
}

describe('a call that needs resources', () => {
  it('leases them before an agent is asked, for its whole time, and gives them back with its row', async () => {
    const { house, agent, run } = createHouse();
    await agent('triage', echo);
    const [outcome] = await run({ calls: [callOf('a', { needs })], priority: 'high' });
    expect(finished(outcome)).toMatchObject({ status: 'completed', attempts: 1 });
    expect(house.leased).toMatchObject([{ runId: 'run-1', callKey: 'a', needs, priority: 'high' }]);
    expect(house.leased[0]?.leftMs).toBeGreaterThan(5_000);
    expect(house.rows.get('a')?.hasAsked).toBe(true);
    expect(house.written).toMatchObject([{ type: 'resource.granted', data: { callKey: 'a', needs } }]);
  });

  it('asks nobody for resources when it needs none', async () => {
    const { house, agent, run } = createHouse();
    await agent('triage', echo);
    await run({ calls: [callOf('a'), callOf('b')] });
    expect(house.leased).toEqual([]);
    expect(house.rows.get('a')?.hasAsked).toBeUndefined();
  });

  it('waits outside of the activity when nobody of its batch is at work, and says once that it waits', async () => {
    const { house, agent, run } = createHouse();
    const triage = await agent('triage', echo);
    house.lease = () => ({ state: 'waiting', waitedMs: 8_000, ahead: 2 });
    const [outcome] = await run({ calls: [callOf('a', { needs })] });
    expect(outcome).toEqual({ key: 'a', deferred: { afterMs: 2_000 } });
    expect(triage.requests).toEqual([]);
    expect(house.written).toMatchObject([{ key: 'a/waiting', type: 'resource.waiting', data: { ahead: 2 } }]);
    expect(house.rows.size).toBe(0);
  });

  it('fails where it waits in a circle, and names the circle', async () => {
    const { house, agent, run } = createHouse();
    const triage = await agent('triage', echo);
    const cycle = [
      { work: 'run-1/a', resource: 'gpu', leaseId: 'l-1' },
      { work: 'run-2/b', resource: 'seat', leaseId: 'l-2' },
    ];
    house.lease = () => ({ state: 'deadlocked', refusal: { code: 'resource.deadlock', cycle } });
    const [outcome] = await run({ calls: [callOf('a', { needs })] });
    expect(finished(outcome)).toMatchObject({
      status: 'failed',
      error: { code: 'resource.deadlock', message: expect.stringContaining('run-2/b for seat') },
    });
    expect(house.written).toMatchObject([
      { key: 'deadlock/l-1', type: 'resource.deadlock', data: { refused: 'run-1/a', cycle } },
    ]);
    expect(triage.requests).toEqual([]);
  });

  it('stays while others of its batch are at work, and takes what they give back', async () => {
    const { house, agent, run } = createHouse();
    await agent('triage', echo, { maxConcurrency: 10 });
    const desk = cards(house, 2);
    const outcomes = await run({ calls: Array.from({ length: 9 }, (_, index) => callOf(`c${index}`, { needs })) });
    expect(outcomes.map((outcome) => finished(outcome).status)).toEqual(Array.from({ length: 9 }, () => 'completed'));
    expect(desk.most()).toBe(2);
  });

  it('fails when its time is over, and when there is no such resource, without an attempt', async () => {
    const { house, agent, run } = createHouse();
    const triage = await agent('triage', echo);
    house.lease = ({ callKey }) =>
      callKey === 'late'
        ? { state: 'waiting', waitedMs: 0, ahead: 1 }
        : { state: 'refused', resource: 'gpu', capacity: callKey === 'many' ? 2 : null };
    const timeout = { attemptMs: 100, totalMs: 300 };
    const calls = [
      callOf('late', { needs, timeout }),
      callOf('many', { needs: { gpu: 3 } }),
      callOf('none', { needs }),
    ];
    const outcomes = await run({ calls });
    expect(outcomes.map((outcome) => finished(outcome).error)).toMatchObject([
      { code: 'agent.timeout', message: 'What it needs (gpu) was not free within 300 ms' },
      { code: 'resource.insufficient', message: 'gpu has 2, the call needs 3' },
      { code: 'resource.not_found', message: 'There is no resource gpu' },
    ]);
    expect([triage.requests, house.rows.get('late')]).toMatchObject([[], { attempts: 0, hasAsked: true }]);
  });

  it('is journaled as canceled when it is canceled while it waits', async () => {
    const { house, agent, run } = createHouse();
    await agent('triage', echo);
    house.lease = () => ({ state: 'waiting', waitedMs: 0, ahead: 1 });
    const environment = new MockActivityEnvironment();
    const outcome = run({ calls: [callOf('a', { needs })] }, environment);
    await until(() => house.leased.length > 0);
    environment.cancel('CANCELLED', new ActivityCancellationDetails({ cancelRequested: true }));
    expect(await outcome).toMatchObject([{ status: 'canceled' }]);
    expect(house.rows.get('a')).toMatchObject({ status: 'canceled', hasAsked: true });
  });

  it('keeps what it has for a while when no agent is free, and is deferred as any call', async () => {
    const { house, agent, run } = createHouse();
    const triage = await agent('triage', () => undefined, { maxConcurrency: 1 });
    const first = run({ calls: [callOf('busy', { timeout: { attemptMs: 4_000, totalMs: 4_000 } })] });
    await until(() => triage.requests.length === 1);
    const [outcome] = await run({ calls: [callOf('a', { needs })] });
    expect(outcome).toMatchObject({ key: 'a', deferred: {} });
    expect(house.leased.map(({ callKey }) => callKey)).toEqual(['a', 'a']);
    expect(house.leased[1]?.leftMs).toBe(15_000);
    await first;
  });
});
