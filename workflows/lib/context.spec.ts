import { afterAll, beforeAll, describe, expect, it, jest } from '@jest/globals';
import type { Json } from '../../contracts/json.js';
import type { PatternName } from '../../contracts/patterns.js';
import { scriptedActivities } from '../../test/support/scripted-activities.js';
import { ScriptedAgents, type Script } from '../../test/support/scripted-agents.js';
import { startRun } from '../../test/support/start-run.js';
import { startWorker, type TemporalWorker } from '../../test/support/temporal.js';

jest.setTimeout(60_000);

let worker: TemporalWorker;
let agents: ScriptedAgents;
beforeAll(async () => {
  worker = await startWorker({ fresh: true, activities: scriptedActivities(() => agents) });
});
afterAll(() => worker.stop());

const speak: Script = ({ key }) => ({ output: `from ${key}` });
/** What each call was told, by its key. */
async function told(pattern: PatternName, params: object, script: Script = speak): Promise<Record<string, Json>> {
  agents = new ScriptedAgents(script);
  const handle = await startRun(worker, pattern, params as Json, 'x');
  await handle.result();
  const calls = agents.batches.flatMap((batch) => batch.calls);
  return Object.fromEntries(calls.map(({ key, context }) => [key, context ? agents.json(context) : null]));
}
const step = (name: string, more: object = {}) => ({ name, capability: name, ...more });
const said = (name: string) => ({ path: `/steps/${name}`, output: `from steps/${name}` });

describe('context', () => {
  it('tells a step what the steps before it gave, and those that do not ask nothing', async () => {
    const steps = [
      step('a'),
      step('b'),
      step('c', { context: { pass: 'all' } }),
      step('d', { context: { pass: ['a'] } }),
    ];
    expect(await told('sequential', { steps })).toEqual({
      'steps/a': null,
      'steps/b': null,
      'steps/c': { history: [said('a'), said('b')] },
      'steps/d': { history: [said('a')] },
    });
  });

  it('is a default of the pattern for its steps, which may say otherwise', async () => {
    const steps = [step('a'), step('b'), step('c', { context: { pass: 'none' } })];
    expect(await told('sequential', { context: { pass: 'last' }, steps })).toEqual({
      'steps/a': null,
      'steps/b': { history: [said('a')] },
      'steps/c': null,
    });
  });

  it('leaves out the oldest where all of it would be too large, and says how many', async () => {
    const steps = [step('a'), step('b'), step('c', { context: { pass: 'all', maxTokens: 30 } })];
    expect((await told('sequential', { steps }))['steps/c']).toEqual({ history: [said('b')], omitted: 1 });
  });

  it('has the older ones summarised by an agent, which itself is told nothing', async () => {
    const compaction = { summarise: { capability: 'shorten' } };
    const steps = [step('a'), step('b'), step('c', { context: { pass: 'all', maxTokens: 30, compaction } })];
    const calls = await told('sequential', { steps }, (call, input) =>
      call.role === 'summariser' ? { output: { short: input } } : speak(call, input, 1),
    );
    expect(calls['steps/c/context']).toBeNull();
    expect(calls['steps/c']).toEqual({ summary: { short: [said('a')] }, history: [said('b')] });
  });

  it('tells what nested patterns gave, and inside of them nothing of the outside', async () => {
    const nested = {
      name: 'b',
      pattern: 'sequential',
      with: { steps: [step('p'), step('q', { context: { pass: 'all' } })] },
    };
    const calls = await told('sequential', { steps: [step('a'), nested, step('c', { context: { pass: 'all' } })] });
    expect(calls['steps/b/steps/q']).toEqual({
      history: [{ path: '/steps/b/steps/p', output: 'from steps/b/steps/p' }],
    });
    expect(calls['steps/c']).toEqual({
      history: [said('a'), { path: '/steps/b', output: 'from steps/b/steps/q' }],
    });
  });

  it('goes with what a gate sends back', async () => {
    const gates = [{ rule: '. == "from steps/b/again/1"' }];
    const steps = [step('a'), step('b', { context: { pass: ['a'] }, gates })];
    expect((await told('sequential', { steps }))['steps/b/again/1']).toEqual({
      history: [said('a')],
      sentBack: { output: 'from steps/b', reasons: ['the rule . == "from steps/b/again/1" does not hold'] },
    });
  });

  it('tells participants who said what in which round', async () => {
    const params = {
      participants: [{ capability: 'ann' }, { capability: 'bob' }],
      maxRounds: 2,
      context: { pass: 'all' },
    };
    const calls = await told('groupChat', params);
    const [, second] = Object.values(calls);
    expect(second).toMatchObject({ history: [{ role: 'ann', round: 1 }] });
  });
});
