import { afterAll, beforeAll, beforeEach, describe, expect, it, jest } from '@jest/globals';
import type { Json } from '../../contracts/json.js';
import { PATTERN_PARAMS } from '../../contracts/patterns.js';
import { scriptedActivities } from '../../test/support/scripted-activities.js';
import { ScriptedAgents, type Script } from '../../test/support/scripted-agents.js';
import { ScriptedMemory } from '../../test/support/scripted-memory.js';
import { startRun } from '../../test/support/start-run.js';
import { startWorker, type TemporalWorker } from '../../test/support/temporal.js';
import { until } from '../../test/support/until.js';

jest.setTimeout(60_000);

let worker: TemporalWorker;
let agents: ScriptedAgents;
let memory: ScriptedMemory;
beforeAll(async () => {
  worker = await startWorker({ activities: scriptedActivities(() => agents) });
});
afterAll(() => worker.stop());
beforeEach(() => {
  memory = new ScriptedMemory();
});

const quick = { name: 'quick', capability: 'x', when: '.size < 10' };
const steps = [{ name: 's', capability: 'y', input: '${ .size * 2 }' }];
const thorough = { name: 'thorough', pattern: 'sequential', with: { steps } };
const echo: Script = (_, input) => ({ output: input });

const BOTH = { candidates: [quick, thorough] };

function begin(script: Script, params: object, input: Json, pattern: 'adaptive' | 'sequential' = 'adaptive') {
  agents = new ScriptedAgents(script, ['one']);
  agents.memory = memory;
  return startRun(worker, pattern, params as Json, input);
}

async function run(
  script: Script,
  params: object = BOTH,
  input: Json = { size: 1 },
  pattern?: 'adaptive' | 'sequential',
) {
  const status = await (await begin(script, params, input, pattern)).result();
  const decisions = agents.events.flatMap(({ type, data }) => (type === 'decision' ? [data] : []));
  const { json, terminationReason, warnings } = agents.end ?? {};
  return { end: [status, terminationReason, json], warnings, keys: agents.keys, decisions };
}

describe('adaptive', () => {
  it('gives the task to the first candidate whose condition holds, and says so', async () => {
    const small = await run(echo, BOTH);
    expect([small.end, small.keys]).toEqual([['completed', 'done', { size: 1 }], ['candidates/quick']]);
    expect(small.decisions).toMatchObject([
      {
        what: 'pattern',
        rule: 'rule',
        candidates: ['quick', 'thorough'],
        chosen: 'quick',
        scores: { propensities: { quick: 1, thorough: 0 } },
      },
    ]);
    const large = await run(echo, BOTH, { size: 20 });
    expect([large.end, large.keys]).toEqual([['completed', 'done', 40], ['candidates/thorough/steps/s']]);
  });

  it('fails when none can do it', async () => {
    const { end, keys } = await run(echo, { candidates: [quick, { ...thorough, when: 'false' }] }, { size: 20 });
    expect([end, keys]).toEqual([['failed', 'no_candidate', null], []]);
  });

  it('switches once when the first fails, and says so: a market without bids becomes a sequence', async () => {
    const market = { name: 'market', pattern: 'market', with: { task: { capability: 'x' } } };
    const refuses: Script = ({ kind }, input) => ({ output: kind === 'bid' ? { refuse: { reason: 'busy' } } : input });
    const { end, decisions, warnings } = await run(refuses, { candidates: [market, thorough] });
    expect(end).toEqual(['completed', 'done', 2]);
    expect(decisions.filter(({ what }) => what === 'switch')).toMatchObject([
      { rule: 'rule, after no_bids', candidates: ['thorough'], chosen: 'thorough' },
    ]);
    expect(warnings?.[0]).toMatch(/^market failed: .*; thorough took over$/);
  });

  it('does not switch twice, nor when it is told not to', async () => {
    const failing: Script = () => ({ fail: 'agent.permanent' });
    const third = { name: 'third', capability: 'z' };
    const twice = await run(failing, { candidates: [quick, thorough, third] });
    expect([twice.end, twice.keys]).toEqual([
      ['failed', 'agent_failed', null],
      ['candidates/quick', 'candidates/thorough/steps/s'],
    ]);
    const never = await run(failing, { ...BOTH, switch: false });
    expect([never.end[0], never.keys]).toEqual(['failed', ['candidates/quick']]);
  });

  const learned = { by: 'learned', key: 'k', explore: 0, candidates: [{ ...quick, when: undefined }, thorough] };
  const place = { scope: 'organisation' as const, scopeId: '', key: 'adaptive.k' };
  const kept = () => memory.find(place)?.value as { name: string; reward: number; features: Json }[] | undefined;

  it('learns from outcomes which candidate is best, by the features of the task, and logs the propensities', async () => {
    const outcome = (name: string, features: string, reward: number) => ({ name, features, reward });
    memory.set(place, [
      outcome('quick', 'small', 1),
      outcome('thorough', 'small', 0.5),
      outcome('quick', 'big', 0),
      outcome('thorough', 'big', 1),
    ]);
    const params = { ...learned, features: 'if .size < 10 then "small" else "big" end' };
    expect((await run(echo, params)).keys).toEqual(['candidates/quick']);
    const big = await run(echo, params, { size: 20 });
    expect(big.keys).toEqual(['candidates/thorough/steps/s']);
    expect(big.decisions[0]).toMatchObject({
      rule: 'learned',
      scores: { features: 'big', propensities: { quick: 0, thorough: 1 }, outcomes: { quick: { count: 1, mean: 0 } } },
    });
    expect(kept()).toHaveLength(6);
    expect(kept()?.at(-1)).toEqual({ name: 'thorough', features: 'big', reward: 1 });
  });

  it('remembers failures, too, and gives each candidate a try', async () => {
    const failing: Script = (call, input) =>
      call.key.endsWith('quick') ? { fail: 'agent.permanent' } : { output: input };
    memory.set(place, [{ name: 'thorough', features: null, reward: 0.5 }]);
    const first = await run(failing, learned);
    expect(first.end).toEqual(['completed', 'done', 2]);
    expect(kept()?.slice(1)).toEqual([
      { name: 'quick', features: null, reward: 0 },
      { name: 'thorough', features: null, reward: 1 },
    ]);
    expect((await run(failing, learned)).keys).toEqual(['candidates/thorough/steps/s']);
  });

  it('is a step like any other pattern', async () => {
    const step = { name: 'ways', pattern: 'adaptive', with: { candidates: [quick, thorough] } };
    const { end, keys } = await run(echo, { steps: [step] }, { size: 20 }, 'sequential');
    expect([end, keys]).toEqual([['completed', 'done', 40], ['steps/ways/candidates/thorough/steps/s']]);
  });

  it('ends canceled without a switch, and learns nothing from it', async () => {
    const handle = await begin((_, input) => ({ output: input, afterMs: 20_000 }), learned, { size: 1 });
    await until(() => agents.keys.length === 1);
    await handle.cancel();
    expect(await handle.result()).toBe('canceled');
    expect([agents.keys.length, kept()]).toEqual([1, undefined]);
  });

  it('ends timed_out at its deadline without a switch', async () => {
    agents = new ScriptedAgents((_, input) => ({ output: input, afterMs: 20_000 }));
    agents.memory = memory;
    const handle = await startRun(worker, 'adaptive', BOTH, { size: 1 }, { deadlineMs: 800 });
    expect(await handle.result()).toBe('timed_out');
    expect([agents.end?.terminationReason, agents.keys]).toEqual(['deadline', ['candidates/quick']]);
  });
});

describe('the parameters of adaptive', () => {
  const refused = (more: object) =>
    PATTERN_PARAMS.adaptive
      .safeParse({ candidates: [quick, thorough], ...more })
      .error?.issues.map(({ path }) => path.join('.'));

  it('refuse what cannot work, with the field', () => {
    expect(refused({})).toBeUndefined();
    expect(refused({ candidates: [quick] })).toEqual(['candidates']);
    expect(refused({ candidates: [quick, quick] })).toEqual(['candidates']);
    expect(refused({ by: 'learned' })).toEqual(['key']);
    expect(refused({ by: 'learned', key: 'a b' })).toEqual(['key']);
    expect(refused({ explore: 2 })).toEqual(['explore']);
  });
});
