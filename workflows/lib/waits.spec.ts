import { afterAll, beforeAll, describe, expect, it, jest } from '@jest/globals';
import { ApprovalHouse, approve, echo, gated, silent } from '../../test/support/approval-house.js';
import type { Decision } from '../../test/support/scripted-persons.js';
import type { Script } from '../../test/support/scripted-agents.js';
import { until } from '../../test/support/until.js';

jest.setTimeout(60_000);

const house = new ApprovalHouse();
beforeAll(() => house.open());
afterAll(() => house.close());

describe('a run that waits for a person', () => {
  const asking = gated({ before: true });
  const opened = () => until(() => house.persons.opened.length > 0);

  it('is waiting only while nothing else is under way', async () => {
    const branches = [{ capability: 'slow' }, asking];
    let release = () => {};
    const slow = new Promise<void>((resolve) => (release = resolve));
    const script: Script = async ({ target }, input) => {
      if (target.capability === 'slow') await slow;
      return { output: input };
    };
    let say: (decision: Decision) => void = () => {};
    const decided = new Promise<Decision>((resolve) => (say = resolve));
    const handle = await house.begin('concurrent', { branches }, () => decided, script);
    await opened();
    expect(house.types).not.toContain('run.waiting');
    release();
    await until(() => house.types.includes('run.waiting'));
    say(approve);
    expect(await handle.result()).toBe('completed');
    expect(house.types.filter((type) => /waiting|resumed/.test(type))).toEqual(['run.waiting', 'run.resumed']);
  });

  it('ends at its deadline', async () => {
    const { end } = await house.run('agent', asking, silent, echo, { deadlineMs: 700 });
    expect(end).toEqual(['timed_out', 'deadline', null]);
    expect(house.closings).toEqual([]);
  });

  it('can be canceled', async () => {
    const handle = await house.begin('agent', asking, silent);
    await opened();
    await handle.cancel();
    expect(await handle.result()).toBe('canceled');
    expect(house.agents.keys).toEqual([]);
  });

  it('withdraws the question of a branch that was given up', async () => {
    const params = { branches: [asking, { capability: 'x' }], completion: 'any' };
    const script: Script = async (_, input) => {
      await opened();
      return { output: input };
    };
    const { end } = await house.run('concurrent', params, silent, script);
    expect(end[0]).toBe('completed');
    const followed = {
      steps: [
        { name: 'race', pattern: 'concurrent', with: params },
        { name: 'later', capability: 'x' },
      ],
    };
    await house.run('sequential', followed, silent, script);
    expect(house.closings).toEqual([{ kind: 'withdraw' }]);
  });

  it('holds the work back when it is paused meanwhile, and shows the pause', async () => {
    let say: (decision: Decision) => void = () => {};
    const decided = new Promise<Decision>((resolve) => (say = resolve));
    const handle = await house.begin('agent', asking, () => decided);
    await opened();
    await handle.signal('pause');
    say(approve);
    await until(() => house.types.includes('run.paused'));
    expect(house.agents.keys).toEqual([]);
    await handle.signal('resume');
    expect(await handle.result()).toBe('completed');
    expect(house.types.filter((type) => /waiting|resumed|paused/.test(type))).toEqual([
      'run.waiting',
      'run.resumed',
      'run.paused',
      'run.resumed',
    ]);
  });

  it('takes the first of two decisions', async () => {
    const handle = await house.begin('agent', asking, silent);
    await opened();
    await Promise.all(
      ['approve', 'reject'].map((decision) =>
        handle.signal('approval', { key: 'approvals/before', decision, by: 'b' }),
      ),
    );
    expect(['completed', 'rejected']).toContain(await handle.result());
  });
});
