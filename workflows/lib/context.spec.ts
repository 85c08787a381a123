import { afterAll, beforeAll, describe, expect, it, jest } from '@jest/globals';
import type { Json } from '../../contracts/json.js';
import type { PatternName } from '../../contracts/patterns.js';
import { scriptedActivities } from '../../test/support/scripted-activities.js';
import { ScriptedAgents, type Script } from '../../test/support/scripted-agents.js';
import { ScriptedMemory } from '../../test/support/scripted-memory.js';
import { startRun } from '../../test/support/start-run.js';
import { startWorker, type TemporalWorker } from '../../test/support/temporal.js';

jest.setTimeout(60_000);

let worker: TemporalWorker;
let agents: ScriptedAgents;
beforeAll(async () => {
  worker = await startWorker({ activities: scriptedActivities(() => agents) });
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
    const long: Script = (call, input) =>
      call.role === 'summariser' ? { output: 'x'.repeat(200) } : speak(call, input, 1);
    expect((await told('sequential', { steps }, long))['steps/c']).toEqual({ history: [said('b')], omitted: 1 });
  });

  it('keeps calls of tools and their answers together, in the shapes of OpenAI and Anthropic, also large ones', async () => {
    const outputs: Record<string, Json> = {
      a: { role: 'assistant', content: null, tool_calls: [{ id: 'c1', type: 'function', function: { name: 'f' } }] },
      b: { messages: [{ role: 'tool', tool_call_id: 'c1', content: '42' }] },
      c: 'between',
      d: {
        role: 'assistant',
        content: [{ type: 'tool_use', id: 't1', name: 'f', input: { pad: 'x'.repeat(40_000) } }],
      },
      e: [{ role: 'user', content: [{ type: 'tool_result', tool_use_id: 't1', content: 'found' }] }],
    };
    const script: Script = ({ key }) => ({ output: outputs[key.split('/')[1] ?? ''] ?? null });
    const context = { pass: 'all', compaction: 'keep-tools' };
    const last = (maxTokens: number, pass = 'all') => step('last', { context: { ...context, pass, maxTokens } });
    const names = async (maxTokens: number, pass?: string) => {
      const steps = [...Object.keys(outputs).map((name) => step(name)), last(maxTokens, pass)];
      const { history = [], omitted } = (await told('sequential', { steps }, script))['steps/last'] as {
        history?: { path: string }[];
        omitted?: number;
      };
      return [history.map(({ path }) => path.split('/').at(-1)).join(''), omitted];
    };
    expect(await names(5_000)).toEqual(['', 5]);
    expect(await names(10_150)).toEqual(['cde', 2]);
    expect(await names(20_000)).toEqual(['abcde', undefined]);
    expect(await names(20_000, 'last')).toEqual(['de', undefined]);
  });

  it('is the most that fits into what agents declare, under auto, and a decision says so', async () => {
    const steps = [step('a'), step('b'), step('c', { context: { pass: 'auto' } })];
    expect((await told('sequential', { steps }))['steps/c']).toEqual({ history: [said('a'), said('b')] });
    const declared = async (room: { contextTokens?: number; inputTokens?: number }, last: object = steps[2]!) => {
      agents = Object.assign(new ScriptedAgents(speak), room);
      await (await startRun(worker, 'sequential', { steps: [...steps.slice(0, 2), last] } as Json, 'x')).result();
      const { context = null } = agents.batches.at(-1)!.calls[0]!;
      const decisions = agents.events.filter(({ type }) => type === 'decision').map(({ data }) => data);
      return [context && agents.json(context), ...decisions];
    };
    const decision = { what: 'context', candidates: ['all', 'summary', 'last', 'none'] };
    expect(await declared({ contextTokens: 30, inputTokens: 1_000 })).toMatchObject([
      { history: [said('b')] },
      { ...decision, scores: { tokens: 40, room: 26, context: 30, input: 1_000 }, chosen: 'last' },
    ]);
    expect(await declared({ inputTokens: 30 })).toMatchObject([
      { history: [said('b')] },
      { ...decision, scores: { tokens: 40, room: 26, input: 30 }, chosen: 'last' },
    ]);
    expect(await declared({ inputTokens: 5 })).toMatchObject([
      null,
      { ...decision, scores: { room: 1 }, chosen: 'none' },
    ]);
    const compaction = { summarise: { capability: 'shorten' } };
    expect(await declared({ contextTokens: 30 }, step('c', { context: { pass: 'auto', compaction } }))).toMatchObject([
      { summary: 'from steps/c/context', history: [] },
      { ...decision, chosen: 'summary' },
    ]);
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

  describe('recalls shared memory', () => {
    const memory = (keys: Record<string, Json>) => {
      const known = new ScriptedMemory();
      for (const [key, value] of Object.entries(keys)) known.set({ scope: 'session', scopeId: 'case-7', key }, value);
      return known;
    };
    const profile = { scope: 'session', scopeId: 'case-7', key: 'profile', version: 1, value: { tier: 'gold' } };
    const recalled = async (params: object, known: ScriptedMemory, input: Json = { case: 7, ask: 'gold' }) => {
      agents = Object.assign(new ScriptedAgents(speak), { memory: known });
      await (await startRun(worker, 'sequential', params as Json, input)).result();
      const calls = agents.batches.flatMap((batch) => batch.calls);
      const contexts = Object.fromEntries(
        calls.map(({ key, context }) => [key, context ? agents.json(context) : null]),
      );
      const decisions = agents.events.filter(({ type, data }) => type === 'decision' && data.what === 'recall');
      return { contexts, decisions: decisions.map(({ data }) => data) };
    };
    const recall = { scope: 'session', scopeId: 'case-${ $input.case }', keys: ['profile', 'none', 'rules'] };

    it('for a call, by names that its input and that of the pattern make, and a decision says which', async () => {
      const { contexts, decisions } = await recalled(
        { steps: [step('a'), step('b', { context: { recall } })] },
        memory({ rules: ['be brief'], profile: { tier: 'gold' }, other: 1 }),
      );
      const rules = { ...profile, key: 'rules', value: ['be brief'] };
      expect(contexts).toEqual({ 'steps/a': null, 'steps/b': { memory: [profile, rules] } });
      expect(decisions).toMatchObject([
        { rule: 'keys', scores: { found: 2, told: 2 }, chosen: ['profile@1', 'rules@1'] },
      ]);
    });

    it('before the history and within its size: what does not fit of either is counted, or summarised', async () => {
      const known = memory({ profile: { tier: 'gold' }, long: 'x'.repeat(400), rules: ['be brief'] });
      const terms = { pass: 'all', recall: { ...recall, keys: ['profile', 'long'] } };
      const last = (more: object) => [step('a'), step('b'), step('c', { context: { ...terms, ...more } })];
      const { contexts } = await recalled({ steps: last({ maxTokens: 60 }) }, known);
      expect(contexts['steps/c']).toEqual({ memory: [profile], history: [said('b')], omitted: 2 });
      const compaction = { summarise: { capability: 'shorten' } };
      const told = await recalled({ steps: last({ maxTokens: 60, compaction }) }, known);
      expect(told.contexts['steps/c']).toEqual({
        memory: [profile],
        history: [said('b')],
        summary: 'from steps/c/context',
      });
      const asked = agents.batches.flatMap(({ calls }) => calls.filter(({ role }) => role === 'summariser'));
      expect(agents.json(asked[0]!.input)).toMatchObject([{ key: 'long' }, { path: '/steps/a' }]);
    });

    it('by a prefix and by words, also of what the call is given, and tells that there is nothing', async () => {
      const known = memory({ 'fact.1': 'gold is heavy', 'fact.2': 'tin is light', profile: 'gold' });
      const by = async (more: object) => {
        const place = 'query' in more ? {} : { scope: 'session', scopeId: 'case-7' };
        const { contexts } = await recalled(
          { steps: [step('a', { context: { recall: { ...place, ...more } } })] },
          known,
        );
        return (contexts['steps/a'] as { memory: { key: string }[] }).memory.map(({ key }) => key);
      };
      expect(await by({ prefix: 'fact.' })).toEqual(['fact.1', 'fact.2']);
      expect(await by({ query: '${ .ask }' })).toEqual(['fact.1', 'profile']);
      expect(await by({ query: '${ .ask }', prefix: 'fact.' })).toEqual(['fact.1']);
      expect(await by({ keys: ['nothing'] })).toEqual([]);
    });

    it('once for calls that go out together, and takes its room from what auto has for the history', async () => {
      const known = memory({ profile: { tier: 'gold' } });
      agents = Object.assign(new ScriptedAgents(speak), { memory: known });
      const params = {
        items: [1, 2, 3],
        branch: { capability: 'x' },
        context: { recall: { ...recall, scopeId: 'case-7' } },
      };
      await (await startRun(worker, 'concurrent', params as Json, null)).result();
      expect(agents.batches.flatMap(({ calls }) => calls.map(({ context }) => agents.json(context!)))).toEqual(
        Array.from({ length: 3 }, () => ({ memory: [profile] })),
      );
      expect(known.recalled).toBe(1);
      const auto = { pass: 'auto', maxTokens: 60, recall };
      const { contexts } = await recalled(
        { steps: [step('a'), step('b'), step('c', { context: auto })] },
        memory({ profile: { tier: 'gold' } }),
      );
      expect(contexts['steps/c']).toEqual({ memory: [profile], history: [said('b')] });
    });

    it('ends the run where what jq makes is no name', async () => {
      await recalled({ steps: [step('a', { context: { recall } })] }, memory({}), { case: 'a b' });
      expect(agents.end).toMatchObject({ status: 'failed', terminationReason: 'invalid_expression' });
      expect(agents.end?.error?.message).toContain('scopeId must be 1 to 128 characters');
    });
  });
});
