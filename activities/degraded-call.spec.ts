import { describe, expect, it } from '@jest/globals';
import { callOf, createHouse, echo, finished } from '../test/support/agent-house.js';

describe('a call of a pool that goes on with fewer', () => {
  it('is marked in the journal and for the workflow; one of a whole pool is not', async () => {
    const { house, agent, run } = createHouse();
    await agent('triage', echo, { degraded: true });
    const [outcome] = await run({ calls: [callOf('a')] });
    expect(finished(outcome)).toMatchObject({ status: 'completed', degraded: true });
    expect(house.rows.get('a')).toMatchObject({ degraded: true });

    const whole = createHouse();
    await whole.agent('triage', echo);
    const [other] = await whole.run({ calls: [callOf('b')] });
    expect(finished(other).degraded).toBeUndefined();
  });
});
