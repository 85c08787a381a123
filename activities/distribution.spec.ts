import { describe, expect, it } from '@jest/globals';
import { callOf, createHouse, echo, finished, refuse } from '../test/support/agent-house.js';

describe('a task that is immediate', () => {
  const immediate = { distribution: { policy: 'immediate' as const } };

  it('fails when no agent is free, and is done by one that is', async () => {
    const { house, agent, run } = createHouse();
    const triage = await agent('triage', echo, { maxConcurrency: 1 });
    await run({ calls: [callOf('a', immediate), callOf('b', immediate)] });
    expect(triage.requests).toHaveLength(1);
    expect([...house.rows.values()].map(({ status }) => status).sort()).toEqual(['completed', 'failed']);
    const error = [...house.rows.values()].find(({ status }) => status === 'failed')?.error;
    expect(error).toMatchObject({ code: 'agent.unavailable', message: expect.stringMatching(/free now for triage/) });
  });

  it('does not wait for a faster agent, nor for one that is away or asked to wait', async () => {
    const { house, agent, run } = createHouse();
    await agent('quick', echo, { maxConcurrency: 1, latencyMs: 1 });
    await agent('slow', echo, { latencyMs: 10_000 });
    const select = 'expected-completion' as const;
    const both = [callOf('a', { ...immediate, select }), callOf('b', { ...immediate, select })];
    expect((await run({ calls: both })).map((outcome) => finished(outcome).status)).toEqual(['completed', 'completed']);
    expect(new Set([...house.rows.values()].map((row) => row.agent))).toEqual(new Set(['quick', 'slow']));
    house.candidates.length = 0;
    const [away] = await run({
      calls: [callOf('c', { ...immediate, target: { capability: 'away' }, patienceMs: 60_000 })],
    });
    expect(finished(away)).toMatchObject({ status: 'failed', attempts: 0, error: { code: 'agent.unavailable' } });
    await agent('asks', refuse(429, { 'retry-after': '60' }), { capability: 'asks' });
    const [asked] = await run({ calls: [callOf('d', { ...immediate, target: { capability: 'asks' } })] });
    expect(finished(asked)).toMatchObject({ status: 'failed', attempts: 1, error: { code: 'agent.unavailable' } });
    expect(finished(asked).queueMs + finished(asked).execMs).toBeLessThan(30_000);
  });
});

describe('a task that is queued', () => {
  const queued = { distribution: { policy: 'queued' as const }, target: { capability: 'later' } };

  it('waits outside of the activity for agents that are away or were never there, and goes to the first that comes', async () => {
    const { house, agent, run } = createHouse();
    for (const known of [true, false]) {
      house.known = known;
      const [outcome] = await run({ calls: [callOf('a', queued)] });
      expect(outcome).toEqual({ key: 'a', deferred: { afterMs: 1_000 } });
      expect(house.rows.size).toBe(0);
    }
    const day = { attemptMs: 1_000, totalMs: 86_400_000 };
    const [long] = await run({
      calls: [callOf('b', { ...queued, timeout: day })],
      deadlineAt: Date.now() + 90_000_000,
    });
    expect(long).toEqual({ key: 'b', deferred: { afterMs: 30_000 } });
    await agent('late', echo, { capability: 'later' });
    const [outcome] = await run({
      calls: [callOf('c', { ...queued, target: { capability: 'later', agent: 'late' } })],
    });
    expect(finished(outcome)).toMatchObject({ status: 'completed', agent: 'late' });
  });

  it('fails at its deadline with nobody to call', async () => {
    const { run } = createHouse();
    const [outcome] = await run({ calls: [callOf('a', { ...queued, timeout: { attemptMs: 600, totalMs: 600 } })] });
    expect(finished(outcome)).toMatchObject({ status: 'failed', error: { code: 'agent.unavailable' } });
    expect(finished(outcome).queueMs + finished(outcome).execMs).toBeGreaterThanOrEqual(550);
  });
});

describe('a task that is consolidated', () => {
  const consolidated = { distribution: { policy: 'consolidated' as const, windowMs: 5_000 } };
  const input = { inline: { text: 'Disk full' } };

  it('is known by target, input, context and output schema, whatever the order of fields', async () => {
    const { house, agent, run } = createHouse();
    await agent('triage', echo);
    const one = { ...consolidated, input: { inline: { a: 1, b: 2 } } };
    const calls = [
      callOf('a', one),
      callOf('b', { ...consolidated, input: { inline: { b: 2, a: 1 } } }),
      callOf('c', { ...one, context: { inline: { told: 1 } } }),
      callOf('d', { ...one, outputSchema: { type: 'object' } }),
      callOf('e', { ...one, target: { capability: 'triage', agent: 'triage' } }),
    ];
    await run({ calls: [...calls, callOf('plain')] });
    const prints = new Map(house.joined.map(({ callKey, fingerprint }) => [callKey, fingerprint]));
    expect(new Set(prints.keys())).toEqual(new Set(['a', 'b', 'c', 'd', 'e']));
    expect(house.joined[0]).toMatchObject({ runId: 'run-1', windowMs: 5_000 });
    expect(prints.get('b')).toBe(prints.get('a'));
    expect(new Set(prints.values()).size).toBe(4);
    expect(house.rows.size).toBe(6);
  });

  it('takes the outcome of the one that was sent, as its own, for nothing', async () => {
    const { house, agent, run } = createHouse();
    const triage = await agent('triage', echo);
    await run({ calls: [callOf('sent', { input })] });
    const answer = { ...finished(house.rows.get('sent')), usage: { calls: 1, costUsd: 2 } };
    let asked = 0;
    house.consolidate = () =>
      (asked += 1) < 3 ? { leads: false, waitedMs: asked } : { leads: false, waitedMs: 9, answer };
    const [outcome] = await run({ calls: [callOf('a', { ...consolidated, input })] });
    expect(finished(outcome)).toMatchObject({
      status: 'completed',
      output: { inline: { text: 'Disk full' } },
      agent: 'triage',
      attempts: 0,
      usage: { calls: 0 },
    });
    expect(house.rows.get('a')).toMatchObject({ key: 'a', path: '/steps/a' });
    expect([asked, triage.requests.length]).toEqual([3, 1]);
  });

  it('keeps a large output of another run as its own', async () => {
    const { house, run } = createHouse();
    house.stored.set('theirs', 'x'.repeat(40_000));
    const answer = {
      ...finished({ key: 'sent', status: 'completed' } as never),
      output: { ref: 'theirs', bytes: 40_002 },
    };
    house.consolidate = () => ({ leads: false, waitedMs: 0, answer });
    const [outcome] = await run({ calls: [callOf('a', consolidated)] });
    expect(finished(outcome).output).toEqual({ ref: 'payload-1', bytes: 40_002 });
    expect(house.stored.get('payload-1')).toBe(house.stored.get('theirs'));
  });

  it('waits outside of the activity for one that takes long, and fails at its deadline', async () => {
    const { house, run } = createHouse();
    house.consolidate = () => ({ leads: false, waitedMs: 8_000 });
    const [outcome] = await run({ calls: [callOf('a', consolidated)] });
    expect(outcome).toEqual({ key: 'a', deferred: { afterMs: 2_000 } });
    house.consolidate = () => ({ leads: false, waitedMs: 0 });
    const [late] = await run({ calls: [callOf('b', { ...consolidated, timeout: { attemptMs: 300, totalMs: 300 } })] });
    expect(finished(late)).toMatchObject({ status: 'failed', error: { code: 'agent.timeout' }, attempts: 0 });
  });
});
