import { afterAll, beforeAll, describe, expect, it, jest } from '@jest/globals';
import fc from 'fast-check';
import type { Json } from '../../contracts/json.js';
import { PATTERN_PARAMS } from '../../contracts/patterns.js';
import { scriptedActivities } from '../../test/support/scripted-activities.js';
import { ScriptedAgents, type Script } from '../../test/support/scripted-agents.js';
import { startRun } from '../../test/support/start-run.js';
import { startWorker, type TemporalWorker } from '../../test/support/temporal.js';
import { until } from '../../test/support/until.js';
import { p95 } from './speculation.js';

jest.setTimeout(60_000);

let worker: TemporalWorker;
let agents: ScriptedAgents;
beforeAll(async () => {
  worker = await startWorker({ activities: scriptedActivities(() => agents) });
});
afterAll(() => worker.stop());

const ITEMS = ['slow', 'a', 'b', 'c', 'd', 'e'];
/** One hangs in its lane while five are done in the other. */
const TERMS = { items: '${ . }', worker: { capability: 'echo', idempotent: true }, maxConcurrency: 2, speculate: {} };

async function run(script: Script, params: object = {}, items: Json = ITEMS) {
  agents = new ScriptedAgents(script);
  const handle = await startRun(worker, 'workers', { ...TERMS, ...params } as Json, items);
  const status = await handle.result();
  const [work] = agents.events.flatMap(({ type, data }) => (type === 'decision' && data.what === 'work' ? [data] : []));
  return { status, output: agents.end?.json, scores: work?.scores, keys: agents.keys };
}

const hangs =
  (...keys: string[]): Script =>
  (call, input) =>
    keys.includes(call.key) ? { output: 'late', afterMs: 30_000 } : { output: input };

describe('an item that takes far longer than those that are done', () => {
  it('is given to a second worker; the first output counts, and the loser is stopped', async () => {
    const { status, output, scores, keys } = await run(hangs('items/0'));
    expect([status, output]).toEqual(['completed', ITEMS]);
    expect(keys.filter((key) => key.startsWith('items/0'))).toEqual(['items/0', 'items/0/copies/1']);
    expect(scores).toMatchObject({
      copies: 1,
      copiesWon: 1,
      items: [{ item: 'items/0', isCopy: true, attempts: 1 }, {}, {}, {}, {}, {}],
    });
    await until(() => agents.canceled.length > 0);
    expect(agents.canceled).toEqual(['items/0']);
  });

  it('is still done by the first when the copy fails', async () => {
    const script: Script = (call, input) => {
      if (call.key === 'items/0') return { output: input, afterMs: 4_000 };
      return call.key.includes('copies') ? { fail: 'agent.permanent' } : { output: input };
    };
    const { status, output, scores } = await run(script);
    expect([status, output]).toEqual(['completed', ITEMS]);
    expect(scores).toMatchObject({ copies: 1, copiesWon: 0, reassigned: 0 });
  });

  it('has one copy at most, and all items together max', async () => {
    const script: Script = (call, input) =>
      call.key.includes('copies') || !['slow', 'slower'].includes(input as string)
        ? { output: input }
        : { output: input, afterMs: input === 'slow' ? 4_000 : 5_000 };
    const items = ['slow', 'slower', ...ITEMS.slice(1)];
    const { status, scores, keys } = await run(script, { maxConcurrency: 3, speculate: { max: 1 } }, items);
    expect([status, scores]).toMatchObject(['completed', { copies: 1 }]);
    expect(keys.filter((key) => key.includes('copies'))).toHaveLength(1);
  });

  it('goes to another member of the group', async () => {
    const { status, scores } = await run(hangs('items/0'), { group: ['one', 'two'] });
    expect([status, scores]).toMatchObject([
      'completed',
      { copies: 1, items: [{ item: 'items/0', member: 'two' }, {}, {}, {}, {}, {}] },
    ]);
    const members = agents.made.filter(({ key }) => key.startsWith('items/0')).map(({ target }) => target.agent);
    expect(members).toEqual(['one', 'two']);
  });

  it('is waited for where nobody says so', async () => {
    const script: Script = (call, input) => ({ output: input, ...(call.key === 'items/0' ? { afterMs: 300 } : {}) });
    const { scores, keys } = await run(script, { speculate: undefined });
    expect([keys.length, Object.keys(scores as object)]).toEqual([6, expect.not.arrayContaining(['copies'])]);
  });

  it('is slow by what 95 % of the others took', () => {
    const times = fc.array(fc.nat(10_000), { minLength: 1, maxLength: 300 });
    fc.assert(
      fc.property(times, (given) => {
        const sorted = given.toSorted((one, other) => one - other);
        const limit = p95(sorted);
        expect(sorted.filter((ms) => ms <= limit).length).toBeGreaterThanOrEqual(sorted.length * 0.95);
        expect(sorted.filter((ms) => ms < limit).length).toBeLessThan(sorted.length * 0.95);
      }),
    );
  });
});

describe('the name of an item', () => {
  it('is one that expressions may read beside $item, also in patterns inside', async () => {
    const steps = [{ name: 'one', capability: 'x', input: '${ [$report, $item, $index] }' }];
    const params = {
      each: 'report',
      worker: { pattern: 'sequential', with: { steps } },
      partitionKey: '$report',
      speculate: undefined,
    };
    const { output } = await run((_, input) => ({ output: input }), params, ['r']);
    expect(output).toEqual([['r', 'r', 0]]);
  });
});

describe('the parameters of workers', () => {
  const refused = (more: object) =>
    PATTERN_PARAMS.workers
      .safeParse({ items: [], worker: { capability: 'a' }, ...more })
      .error?.issues.map(({ path }) => path.join('.')) ?? [];

  it('let only idempotent calls run twice', () => {
    const speculate = {};
    expect(refused({ speculate })).toEqual(['speculate']);
    expect(refused({ speculate, worker: { pattern: 'agent', with: { capability: 'a', idempotent: true } } })).toEqual([
      'speculate',
    ]);
    expect(refused({ speculate, idempotent: true, worker: { capability: 'a', idempotent: false } })).toEqual([
      'speculate',
    ]);
    expect(refused({ speculate, idempotent: true })).toEqual([]);
    expect(refused({ idempotent: true, speculate: { slowerThan: 0.5, max: 0 } })).toEqual([
      'speculate.slowerThan',
      'speculate.max',
    ]);
  });

  it.each(['input', 'index', 'reasons', 'two words', '1st', ''])('refuse %j as the name of an item', (each) => {
    expect(refused({ each })).toEqual(expect.arrayContaining(['each']));
  });
});
