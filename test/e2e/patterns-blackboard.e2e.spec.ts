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

  it('keeps one board for many runs at once, and loses nothing of any, although the worker is killed', async () => {
    const memory = { scope: 'session', scopeId: 'shared', key: 'board', flushEvery: 1 };
    // `add` writes the place that comes after the words it is told of.
    const told = (n: number) => `[range(${n}) | {key: tostring, value: 1}] | from_entries`;
    const writing = (n: number) => ({
      pattern: 'blackboard',
      with: {
        board: { memory },
        sources: [{ name: `writer-${n}`, capability: 'add', input: `\${ {board: {words: (${told(n)})}} }` }],
      },
    });
    const { workers } = await brikk.status();
    const started = await Promise.all(Array.from({ length: 8 }, (_, n) => brikk.start(writing(n))));
    process.kill(workers[0]!.pid, 'SIGKILL');
    const runs = await Promise.all(started.map(({ id }) => brikk.finished(id)));
    expect(runs.map(({ status, warnings }) => [status, warnings])).toEqual(runs.map(() => ['completed', []]));
    const { value } = await brikk.call<{ value: { entries: { author: string; key: string }[] } }>(
      'GET',
      '/v1/memory/session/shared/board',
    );
    const kept = value.entries.map(({ author, key }) => `${author}: ${key}`).toSorted();
    expect(kept).toEqual(Array.from({ length: 8 }, (_, n) => `writer-${n}: ${n + 1}`));
  });

  it('says what is wrong with a board before anything runs', async () => {
    const wrong = { ...run, with: { ...run.with, conflict: 'lastWriter', until: '.result |' } };
    await expect(brikk.start(wrong)).rejects.toThrow(/422.*must be reject under strong/);
    await expect(brikk.start({ ...run, with: { ...run.with, until: '.result |' } })).rejects.toThrow(
      /422.*with\.until/,
    );
  });
});
