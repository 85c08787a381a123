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
  worker = await startWorker({ activities: scriptedActivities(() => agents) });
});
afterAll(() => worker.stop());

const params = { capability: 'triage', select: 'delegated', coordinator: { agent: 'boss', within: 'PT2S' } };

async function run(
  decide: Script,
  given: object = params,
  pattern: PatternName = 'agent',
  candidates = ['a', 'b', 'c'],
) {
  const script: Script = (call, input, asked) =>
    call.kind === 'decide' ? decide(call, input, asked) : { output: call.target as Json };
  agents = new ScriptedAgents(script, candidates);
  const handle = await startRun(worker, pattern, given as Json, 'Disk full');
  await handle.result();
  return agents.end!;
}
const decisions = () =>
  agents.events.flatMap((event) => (event.type === 'decision' && event.data.what === 'agent' ? event.data : []));

describe('select: delegated', () => {
  it('sends the call to the agent that the coordinator names, with the decision on record', async () => {
    let told: Json = null;
    const end = await run((_call, input) => {
      told = input;
      return { output: { agentId: 'b' } };
    });
    expect(end.json).toMatchObject({ capability: 'triage', agent: 'b' });
    expect(told).toMatchObject({
      input: 'Disk full',
      task: { capability: 'triage' },
      candidates: [{ agentId: 'a' }, { agentId: 'b' }, { agentId: 'c' }],
    });
    expect(agents.keys).toEqual(['coordinator', 'call']);
    expect(agents.made[0]).toMatchObject({ kind: 'decide', role: 'coordinator', timeout: { totalMs: 2_000 } });
    expect(decisions()).toMatchObject([{ rule: 'delegated', candidates: ['a', 'b', 'c'], chosen: 'b' }]);
  });

  it.each<[string, Script]>([
    ['names nobody who can do it', () => ({ output: { agentId: 'z' } })],
    ['answers nonsense', () => ({ output: [1] })],
    ['fails', () => ({ fail: 'agent.timeout' })],
  ])('goes as with expected-completion where the coordinator %s', async (_, decide) => {
    const end = await run(decide);
    expect(end).toMatchObject({ status: 'completed', json: { capability: 'triage' } });
    expect(end.json).not.toHaveProperty('agent');
    expect(agents.made.at(-1)).toMatchObject({ select: 'expected-completion' });
    expect(decisions()).toMatchObject([{ chosen: null, rule: expect.stringMatching(/^expected-completion: /) }]);
  });

  it('asks nobody where one agent alone can do it', async () => {
    await run(() => ({ output: 'a' }), params, 'agent', ['a']);
    expect(agents.keys).toEqual(['call']);
  });

  describe('a choice that fails', () => {
    const failing =
      (code: string, ...ill: string[]): Script =>
      (call) =>
        ill.includes(call.target.agent ?? '') ? { fail: code } : { output: call.target as Json };
    const inTurn =
      (told: Json[]): Script =>
      (_, input) => {
        told.push(input);
        const { candidates } = input as { candidates: { agentId: string }[] };
        return { output: candidates[0]!.agentId };
      };
    const runWith = async (work: Script, told: Json[] = [], given: object = params) => {
      agents = new ScriptedAgents(
        (call, input, asked) => (call.kind === 'decide' ? inTurn(told) : work)(call, input, asked),
        ['a', 'b', 'c'],
      );
      await (await startRun(worker, 'agent', given as Json, 'Disk full')).result();
      return agents.end!;
    };

    it('is made again among the others, whoever chooses being told of what failed, until one agent is left', async () => {
      const told: Json[] = [];
      const end = await runWith(failing('agent.transient', 'a', 'b'), told);
      expect(end.json).toMatchObject({ agent: 'c' });
      expect(agents.keys).toEqual(['coordinator', 'call', 'choices/2/coordinator', 'choices/2', 'choices/3']);
      expect(told[0]).not.toHaveProperty('failed');
      expect(told[1]).toMatchObject({
        candidates: [{ agentId: 'b' }, { agentId: 'c' }],
        failed: [{ agentId: 'a', reason: expect.any(String) }],
      });
      expect(decisions().map(({ chosen }) => chosen)).toEqual(['a', 'b']);
    });

    it('fails the call when all have failed, or as often as it may be tried', async () => {
      expect(await runWith(failing('agent.transient', 'a', 'b', 'c'))).toMatchObject({ status: 'failed' });
      expect(agents.keys).toHaveLength(5);
      const twice = { ...params, retry: { maxAttempts: 2 } };
      expect(await runWith(failing('agent.transient', 'a', 'b', 'c'), [], twice)).toMatchObject({ status: 'failed' });
      expect(agents.keys).toHaveLength(4);
    });

    it('stands where no other agent could help', async () => {
      expect(await runWith(failing('agent.budget', 'a'))).not.toMatchObject({ status: 'completed' });
      expect(agents.keys).toEqual(['coordinator', 'call']);
    });
  });

  it('chooses for each step and each branch', async () => {
    const steps = ['one', 'two'].map((name) => ({ name, capability: 'triage' }));
    const { capability: _, ...choosing } = params;
    const boss: Script = () => ({ output: 'c' });
    await run(boss, { ...choosing, steps }, 'sequential');
    expect(agents.keys).toEqual(['steps/one/coordinator', 'steps/one', 'steps/two/coordinator', 'steps/two']);
    await run(boss, { ...choosing, items: [1, 2], branch: { capability: 'triage' } }, 'concurrent');
    expect(agents.made.filter(({ target }) => target.agent === 'c')).toHaveLength(2);
  });
});
