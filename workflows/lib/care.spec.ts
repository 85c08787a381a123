import { afterAll, beforeAll, describe, expect, it, jest } from '@jest/globals';
import fc from 'fast-check';
import type { Json } from '../../contracts/json.js';
import type { PatternName } from '../../contracts/patterns.js';
import { scriptedActivities } from '../../test/support/scripted-activities.js';
import { ScriptedAgents, type Script } from '../../test/support/scripted-agents.js';
import { startRun } from '../../test/support/start-run.js';
import { startWorker, type TemporalWorker } from '../../test/support/temporal.js';
import { readVerdict } from './pass-gates.js';

jest.setTimeout(60_000);

let worker: TemporalWorker;
let agents: ScriptedAgents;
beforeAll(async () => {
  worker = await startWorker({ activities: scriptedActivities(() => agents) });
});
afterAll(() => worker.stop());

async function run(pattern: PatternName, params: object, script: Script, input: Json = 'x') {
  agents = new ScriptedAgents(script);
  const handle = await startRun(worker, pattern, params as Json, input);
  const status = await handle.result();
  const { terminationReason, json, degraded, error } = agents.end!;
  return { status, terminationReason, json, degraded, error };
}
const decisions = (what: string) =>
  agents.events.flatMap((event) => (event.type === 'decision' && event.data.what === what ? event.data : []));
const contexts = () =>
  agents.batches.flatMap(({ calls }) => calls.map(({ context }) => context && agents.json(context)));
const down: Script = ({ target }, input) =>
  target.capability === 'main' ? { fail: 'agent.unavailable' } : { output: [target, input] as unknown as Json };

describe('a fallback', () => {
  it('does what failed after its retries, in order, and the result says that it is degraded', async () => {
    const fallback = [{ capability: 'main' }, { agent: 'spare' }, { value: 'never' }];
    const end = await run('agent', { capability: 'main', fallback }, down);
    expect(end).toMatchObject({ status: 'completed', degraded: true, json: [{ agent: 'spare' }, 'x'] });
    expect(agents.keys).toEqual(['call', 'fallback/0', 'fallback/1']);
    expect(decisions('fallback')).toMatchObject([
      { rule: 'the task failed: call failed', chosen: { capability: 'main' } },
      {
        rule: 'the task failed: fallback/0 failed',
        chosen: { agent: 'spare' },
        candidates: [{ capability: 'main' }, { agent: 'spare' }, 'value'],
      },
    ]);
  });

  it('may be a value, which costs no call', async () => {
    const end = await run('agent', { capability: 'main', fallback: [{ value: { severity: 'unknown' } }] }, down);
    expect(end).toMatchObject({ status: 'completed', degraded: true, json: { severity: 'unknown' } });
    expect(agents.keys).toEqual(['call']);
  });

  it('is not used by a task that succeeds, and its failure is the failure of the task', async () => {
    const good = await run('agent', { capability: 'other', fallback: [{ value: 1 }] }, down);
    expect(good).toMatchObject({ degraded: false, json: [{ capability: 'other' }, 'x'] });
    const bad = await run('agent', { capability: 'main', fallback: [{ capability: 'main' }] }, down);
    expect(bad).toMatchObject({ status: 'failed', error: { code: 'agent.unavailable', message: 'fallback/0 failed' } });
  });

  it('stands behind steps, branches and nested patterns alike', async () => {
    const nested = {
      pattern: 'sequential',
      with: { steps: [{ name: 'p', capability: 'main' }] },
      fallback: [{ value: 7 }],
    };
    const params = { branches: [nested, { capability: 'main', fallback: [{ value: 8 }] }, { capability: 'other' }] };
    const end = await run('concurrent', params, down);
    expect(end).toMatchObject({ status: 'completed', degraded: true, json: [7, 8, [{ capability: 'other' }, 'x']] });
  });
});

describe('a gate', () => {
  it('sends an output back with the reasons, and with what was made', async () => {
    const gates = [{ name: 'long', rule: '. > 2', message: 'make it more' }];
    const end = await run('agent', { capability: 'count', gates }, ({ key }) => ({
      output: key.split('/').length + (key === 'again/2' ? 1 : 0),
    }));
    expect(end).toMatchObject({ status: 'completed', json: 3, degraded: false });
    expect(agents.keys).toEqual(['call', 'again/1', 'again/2']);
    expect(contexts()).toEqual([
      undefined,
      { sentBack: { output: 1, reasons: ['make it more', 'the rule . > 2 does not hold'] } },
      { sentBack: { output: 2, reasons: ['make it more', 'the rule . > 2 does not hold'] } },
    ]);
    expect(decisions('gate')).toMatchObject([{ rule: 'long', chosen: 'retry' }, { chosen: 'retry' }]);
  });

  it('fails the task when it was sent back often enough, and a fallback then does it', async () => {
    const gates = [{ schema: { type: 'number' }, maxRetries: 1 }];
    const text: Script = () => ({ output: 'text' });
    const end = await run('agent', { capability: 'count', gates }, text);
    expect(end).toMatchObject({
      status: 'failed',
      terminationReason: 'invalid_output',
      error: { code: 'agent.invalid_output', message: 'gate 1: must be "number"' },
    });
    expect(agents.keys).toEqual(['call', 'again/1']);
    const saved = await run('agent', { capability: 'count', gates, fallback: [{ value: 0 }] }, text);
    expect(saved).toMatchObject({ status: 'completed', degraded: true, json: 0 });
  });

  it('raises at once where it says so', async () => {
    const gates = [{ rule: 'false', onFail: 'raise' }];
    const end = await run('agent', { capability: 'a', gates }, () => ({ output: 1 }));
    expect([end.status, agents.keys]).toEqual(['failed', ['call']]);
    expect(decisions('gate')).toMatchObject([{ rule: 'gate 1', chosen: 'raise' }]);
  });

  it('may be a judge, who is told input, output and criteria, and whose reasons go back', async () => {
    const gates = [{ judge: { capability: 'judge', threshold: 0.7, criteria: 'is it kind?' } }];
    const end = await run('agent', { capability: 'write', gates }, (call) => {
      if (call.kind !== 'decide') return { output: call.key };
      return { output: call.key === 'gates/0' ? { score: 0.2, reasons: ['too harsh'] } : 0.9 };
    });
    expect(end).toMatchObject({ status: 'completed', json: 'again/1' });
    expect(agents.keys).toEqual(['call', 'gates/0', 'again/1', 'gates/0/1']);
    expect(contexts()[2]).toEqual({
      sentBack: { output: 'call', reasons: ['the judge gave 0.2, below 0.7', 'too harsh'] },
    });
    const asked = agents.batches[1]?.calls[0];
    expect(agents.json(asked!.input)).toEqual({ input: 'x', output: 'call', criteria: 'is it kind?' });
    expect(asked?.role).toBe('judge');
  });

  it('does not have a task done again because nobody can judge it', async () => {
    const gates = [{ judge: { capability: 'judge', threshold: 0.7 } }];
    const end = await run('agent', { capability: 'write', gates }, ({ kind }) =>
      kind === 'decide' ? { fail: 'agent.unavailable' } : { output: 1 },
    );
    expect(end).toMatchObject({ status: 'failed', error: { message: 'gate 1: nobody judged it: gates/0 failed' } });
    expect(agents.keys).toEqual(['call', 'gates/0']);
  });

  it('stands before the output of a nested pattern, whose expressions may read the reasons', async () => {
    const write = { name: 'write', capability: 'write', input: '${ $reasons }' };
    const nested = { pattern: 'sequential', with: { steps: [write] }, gates: [{ rule: 'length > 0' }] };
    const end = await run('sequential', { steps: [{ name: 'draft', ...nested }] }, (_, input) => ({ output: input }));
    expect(end).toMatchObject({ status: 'completed', json: ['the rule length > 0 does not hold'] });
    expect(agents.keys).toEqual(['steps/draft/steps/write', 'steps/draft/again/1/steps/write']);
  });

  it('breaks a stretch of steps: what follows gets the output that passed', async () => {
    const first = { name: 'a', capability: 'a', gates: [{ rule: '. == "a2"' }] };
    const end = await run('sequential', { steps: [first, { name: 'b', capability: 'b' }] }, ({ key }, input) => ({
      output: key === 'steps/a' ? 'a1' : key.startsWith('steps/a/') ? 'a2' : `${input as string}!`,
    }));
    expect(end.json).toBe('a2!');
  });

  it('names an expression that fails', async () => {
    const end = await run('agent', { capability: 'a', gates: [{ rule: '.a.b' }] }, () => ({ output: 1 }));
    expect(end).toMatchObject({ status: 'failed', terminationReason: 'invalid_expression' });
  });
});

describe('a verdict', () => {
  it('is a number from 0 to 1, alone or with reasons, and nothing else', () => {
    expect(readVerdict({ inline: 0.5 })).toEqual({ score: 0.5, reasons: [] });
    expect(readVerdict({ inline: { score: 1, reasons: ['a', 2] } })).toEqual({ score: 1, reasons: ['a'] });
    expect(readVerdict({ inline: { score: 0, reasons: 'why' } })).toEqual({ score: 0, reasons: ['why'] });
    expect(readVerdict({ inline: { approve: false, reasons: ['no'] } })).toEqual({ score: 0, reasons: ['no'] });
    fc.assert(
      fc.property(fc.jsonValue(), (value) => {
        const verdict = readVerdict({ inline: value as Json });
        expect(verdict === undefined || (verdict.score >= 0 && verdict.score <= 1)).toBe(true);
      }),
    );
  });
});
