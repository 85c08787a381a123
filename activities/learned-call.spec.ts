import { describe, expect, it } from '@jest/globals';
import { callOf, createHouse, echo, finished } from '../test/support/agent-house.js';
import { until } from '../test/support/until.js';

const lesson = (agentId: string, successes: number, failures: number) => ({
  agentId,
  successes,
  failures,
  quality: null,
  ratings: 0,
  latencyMs: 10,
  costUsd: 0,
});

describe('a call whose agent is chosen by what was learned', () => {
  const learned = { target: { capability: 'triage' }, select: 'learned' as const };

  it('goes to who does it best, with how likely that was in the run and in what is learned next', async () => {
    const { house, agent, run } = createHouse();
    await agent('poor', echo);
    await agent('good', echo);
    const [poor, good] = ['id-poor', 'id-good'];
    house.lessons.lessons = [lesson(poor, 1, 99), lesson(good, 99, 1)];
    const [outcome] = await run({ calls: [callOf('a', learned)] });
    expect(finished(outcome)).toMatchObject({ status: 'completed' });
    expect(house.rows.get('a')?.agentId).toBe(good);
    const [event] = house.written.filter(({ type }) => type === 'decision');
    expect(event).toMatchObject({ key: 'a/chosen/1', data: { what: 'agent', rule: 'learned', chosen: good } });
    await until(() => house.stats.length > 0);
    const { choice } = house.stats.find((stat) => stat.choice)!;
    expect(choice).toMatchObject({ callKey: 'a', attempt: 1, agentId: good });
    expect(choice!.propensities[good]).toBeGreaterThan(0.9);
    expect(choice!.propensities[good]! + choice!.propensities[poor]!).toBeCloseTo(1);
  });

  it('is chosen as with expected-completion, without a trace, as soon as learning is off', async () => {
    const { house, agent, run } = createHouse();
    await agent('triage', echo);
    house.lessons.settings.learned = false;
    const [outcome] = await run({ calls: [callOf('a', learned)] });
    expect(finished(outcome)).toMatchObject({ status: 'completed' });
    await until(() => house.stats.length > 0);
    expect(house.written).toEqual([]);
    expect(house.stats.map(({ choice }) => choice)).toEqual([undefined]);
  });

  it('learns of an answer that comes later when it has come, and of one that never does', async () => {
    const { house, agent, run } = createHouse();
    await agent('later', (_, response) => {
      response.statusCode = 202;
      return { taskId: 'job' };
    });
    const made = (key: string) => callOf(key, { ...learned, timeout: { attemptMs: 2_000, totalMs: 60_000 } });
    await run({ calls: [made('a'), made('b')] });
    const [come, overdue] = ['a', 'b'].map((key) => house.pending.get(key)!);
    house.pending.set('a', { ...come!, answer: { body: { output: 1 }, at: come!.progress.sentAt + 5_000 } });
    house.pending.set('b', { ...overdue!, progress: { ...overdue!.progress, endAt: Date.now() - 1 } });
    await run({ calls: [made('a'), made('b')].map((call) => ({ ...call, pending: true })) });
    await until(() => house.stats.length === 2);
    const taught = new Map(house.stats.map(({ succeeded, choice }) => [choice?.callKey, succeeded]));
    expect([taught.get('a'), taught.get('b')]).toEqual([true, false]);
  });

  it('learns of a call that waited for the only slot, as the only choice there was', async () => {
    const { house, agent, run } = createHouse();
    await agent('triage', echo, { maxConcurrency: 1 });
    await run({ calls: [callOf('a', learned), callOf('b', learned)] });
    await until(() => house.stats.length === 2);
    expect(house.stats.map(({ choice }) => choice?.propensities)).toEqual([{ 'id-triage': 1 }, { 'id-triage': 1 }]);
  });

  it('asks nobody what was learned where a call does not want it', async () => {
    const { house, agent, run } = createHouse();
    await agent('triage', echo);
    await run({ calls: [callOf('a')] });
    expect(house.lessonsRead).toBe(0);
  });
});
