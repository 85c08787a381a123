import { afterAll, beforeAll, describe, expect, it, jest } from '@jest/globals';
import { ApplicationFailure } from '@temporalio/common';
import type { Json } from '../../contracts/json.js';
import type { RunActivities } from '../../contracts/run-workflow.js';
import { scriptedActivities } from '../../test/support/scripted-activities.js';
import { ScriptedAgents, type Script } from '../../test/support/scripted-agents.js';
import { startRun } from '../../test/support/start-run.js';
import { startWorker, type TemporalWorker } from '../../test/support/temporal.js';
import { until } from '../../test/support/until.js';

jest.setTimeout(60_000);

let worker: TemporalWorker;
let agents: ScriptedAgents;
let validate: RunActivities['validate'];
beforeAll(async () => {
  worker = await startWorker({
    activities: { ...scriptedActivities(() => agents), validate: (request) => validate(request) },
  });
});
afterAll(() => worker.stop());

async function runAgent(script: Script, params: Json, input: Json = null) {
  agents = new ScriptedAgents(script);
  validate = (request) => agents.validate(request);
  const handle = await startRun(worker, 'agent', params, input);
  return { status: await handle.result(), end: agents.end, asked: agents };
}
const echo: Script = (_, input) => ({ output: input });
const FAIL: Script = () => ({ fail: 'agent.permanent' });

describe('agent', () => {
  it('makes one call, with the input that the template gives, and ends with its answer', async () => {
    const params = { capability: 'echo', input: { text: '${ .a }', twice: '${ $input.a + $input.a }' } };
    const { status, end, asked } = await runAgent(echo, params, { a: 'x' });
    expect([status, end?.terminationReason, end?.json]).toEqual(['completed', 'done', { text: 'x', twice: 'xx' }]);
    expect(asked.keys).toEqual(['call']);
    expect(asked.batches[0]?.terms).toEqual([expect.objectContaining({ target: { capability: 'echo' } })]);
  });

  it('fails with the code of the call', async () => {
    const { status, end } = await runAgent(FAIL, { capability: 'echo' });
    expect([status, end?.terminationReason, end?.error?.code]).toEqual(['failed', 'agent_failed', 'agent.permanent']);
  });

  it('ends partial with output null and the reason under continue', async () => {
    const { status, end } = await runAgent(FAIL, { capability: 'echo', onFailure: 'continue' });
    expect([status, end?.json, end?.warnings]).toEqual(['partial', null, ['the call failed: call failed']]);
  });

  it('ends timed_out when its agent is slower than the deadline, and canceled when nobody wants it any more', async () => {
    agents = new ScriptedAgents(() => ({ output: 1, afterMs: 20_000 }));
    const late = await startRun(worker, 'agent', { capability: 'echo' }, null, { deadlineMs: 800 });
    expect(await late.result()).toBe('timed_out');
    expect([agents.end?.terminationReason, agents.keys]).toEqual(['deadline', ['call']]);

    agents = new ScriptedAgents(() => ({ output: 1, afterMs: 20_000 }));
    const unwanted = await startRun(worker, 'agent', { capability: 'echo' });
    await until(() => agents.keys.length === 1);
    await unwanted.cancel();
    expect(await unwanted.result()).toBe('canceled');
  });

  it('names an expression that fails', async () => {
    const { status, end } = await runAgent(echo, { capability: 'echo', input: '${ .a.b }' }, { a: 1 });
    expect([status, end?.terminationReason, end?.error?.code]).toEqual([
      'failed',
      'invalid_expression',
      'expression.failed',
    ]);
  });
});

describe('an error that nobody planned', () => {
  it('ends the run failed with code internal instead of blocking it, and tells nothing of its message', async () => {
    agents = new ScriptedAgents(echo);
    validate = () => Promise.reject(ApplicationFailure.nonRetryable('secret detail', 'internal'));
    const params = { steps: [{ name: 'a', capability: 'echo' }], outputSchema: { type: 'string' } };
    const handle = await startRun(worker, 'sequential', params, 'x');
    expect(await handle.result()).toBe('failed');
    expect(agents.end).toMatchObject({
      status: 'failed',
      terminationReason: 'internal',
      error: { code: 'internal', message: 'an internal error ended the run' },
    });
    expect(agents.keys).toEqual(['steps/a']);
  });
});
