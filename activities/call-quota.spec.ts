import { describe, expect, it } from '@jest/globals';
import { callOf, createHouse, echo, finished, refuse } from '../test/support/agent-house.js';

const refusal = (waitMs: number) => ({ limit: 'calls', most: 2, windowMs: 60_000, waitMs }) as const;

describe('a call of an organisation with a quota', () => {
  it('counts each of its attempts', async () => {
    const { house, agent, run } = createHouse();
    await agent('triage1', refuse(500));
    await agent('triage2', echo);
    house.cover = (asked) => ({ granted: asked });
    await run({ calls: [callOf('a')] });
    expect(house.counted).toBe(2);
  });

  it('fails with the reason where the next window begins after its own end; no agent is asked', async () => {
    const { house, agent, run } = createHouse();
    const triage = await agent('triage', echo);
    house.cover = () => ({ granted: 0, refusal: refusal(20_000) });
    const [outcome] = await run({ calls: [callOf('a')] });
    expect(finished(outcome)).toMatchObject({
      status: 'failed',
      attempts: 0,
      error: {
        code: 'agent.rate_limited',
        message: 'The organisation has used up its quota of 2 calls in 60 s; the next window begins in 20 s',
      },
    });
    expect(triage.requests).toEqual([]);
  });

  it('waits for a window that begins before, outside of the activity when that is long', async () => {
    const { house, agent, run } = createHouse();
    await agent('triage', echo);
    const covers = [{ granted: 0, refusal: refusal(5_000) }, { granted: 0, refusal: refusal(30) }, { granted: 1 }];
    house.cover = () => covers.shift();
    expect(await run({ calls: [callOf('a')] })).toEqual([{ key: 'a', deferred: { afterMs: expect.any(Number) } }]);
    const other = createHouse();
    await other.agent('triage', echo);
    const later = [{ granted: 0, refusal: refusal(30) }, { granted: 1 }];
    other.house.cover = () => later.shift();
    const [outcome] = await other.run({ calls: [callOf('b')] });
    expect(finished(outcome)).toMatchObject({ status: 'completed', attempts: 1 });
  });

  it('gives back the slot that it could not use', async () => {
    const { house, agent, run } = createHouse();
    await agent('triage', echo, { maxConcurrency: 1 });
    house.cover = () => ({ granted: 0, refusal: refusal(20_000) });
    await run({ calls: [callOf('a')] });
    await new Promise((resolve) => setTimeout(resolve, 1_050));
    house.cover = () => undefined;
    const [outcome] = await run({ calls: [callOf('b', { distribution: { policy: 'immediate' } })] });
    expect(finished(outcome).status).toBe('completed');
  });
});
