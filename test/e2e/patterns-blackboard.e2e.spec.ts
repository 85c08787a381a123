import { afterAll, beforeAll, describe, expect, it, jest } from '@jest/globals';
import type { Json } from '../../contracts/json.js';
import { LaunchedBrikk } from '../support/brikk.js';
import { CountingAgent } from '../support/counting-agent.js';
import { accountOf, killedInTheMiddle } from '../support/killed-in-the-middle.js';

jest.setTimeout(120_000);

const TEXT = ['alpha', 'beta', 'gamma', 'delta'];

/** Each source adds the word that comes after those on the board; the last one sums up. */
function add(input: Json): Json {
  const { board, source } = input as { board: { words?: Record<string, string> }; source: string };
  const known = Object.keys(board.words ?? {}).length;
  if (source === 'summary') return { writes: [{ section: 'result', key: 'text', value: Object.values(board.words!) }] };
  return { writes: [{ section: 'words', key: `${known + 1}`, value: TEXT[known] ?? '', confidence: 0.8 }] };
}

describe('blackboard with the launched product', () => {
  let brikk: LaunchedBrikk;
  let agent: CountingAgent;
  beforeAll(async () => {
    brikk = await LaunchedBrikk.up();
    agent = await CountingAgent.listen(150, add);
    await brikk.register('writer', 'add', agent.url, { maxConcurrency: 100 });
  });
  afterAll(async () => {
    await brikk?.down();
    await agent?.close();
  });

  const run = {
    pattern: 'blackboard',
    with: {
      board: { sections: [{ name: 'words', schema: { type: 'string' } }, { name: 'result' }] },
      sources: [
        { name: 'odd', capability: 'add', when: '(.words | length) < 4', writes: ['words'] },
        { name: 'even', capability: 'add', when: '(.words | length) < 4', writes: ['words'] },
        { name: 'summary', capability: 'add', when: '(.words | length) == 4', writes: ['result'] },
      ],
      control: 'round-robin',
      until: '.result.text != null',
    },
  };

  it('ends like an undisturbed run when the worker is killed in the middle, in the same order of activations', async () => {
    const undisturbed = await brikk.finished((await brikk.start(run)).id);
    expect(undisturbed).toMatchObject({ status: 'completed', terminationReason: 'goal_met', rounds: 5 });
    expect(undisturbed.output).toMatchObject({ board: { result: { text: TEXT } }, unmetGoal: null });

    const { run: disturbed, calls } = await killedInTheMiddle(brikk, agent, run, 3);

    expect(accountOf(disturbed)).toEqual(accountOf(undisturbed));
    expect(disturbed.contributions.map(({ role }) => role)).toEqual(['odd', 'even', 'odd', 'even', 'summary']);
    expect(calls).toBeLessThanOrEqual(6);
  });

  it('says what is wrong with a board before anything runs', async () => {
    const wrong = { ...run, with: { ...run.with, conflict: 'lastWriter', until: '.result |' } };
    await expect(brikk.start(wrong)).rejects.toThrow(/422.*must be reject under strong/);
    await expect(brikk.start({ ...run, with: { ...run.with, until: '.result |' } })).rejects.toThrow(
      /422.*with\.until/,
    );
  });
});
