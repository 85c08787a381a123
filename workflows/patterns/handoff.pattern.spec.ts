import { afterAll, beforeAll, describe, expect, it, jest } from '@jest/globals';
import type { Json } from '../../contracts/json.js';
import { scriptedActivities } from '../../test/support/scripted-activities.js';
import { ScriptedAgents, type Script } from '../../test/support/scripted-agents.js';
import { startRun, type RunOptions } from '../../test/support/start-run.js';
import { startWorker, type TemporalWorker } from '../../test/support/temporal.js';
import { until } from '../../test/support/until.js';

jest.setTimeout(60_000);

let worker: TemporalWorker;
let agents: ScriptedAgents;
beforeAll(async () => {
  worker = await startWorker({ activities: scriptedActivities(() => agents) });
});
afterAll(() => worker.stop());

const targets = ['desk', 'billing', 'refunds'].map((capability) => ({ capability }));
const to = (name: string, context: Json = null) => ({
  output: { handoff: { to: name, reason: `for ${name}`, context } },
});

async function runHandoff(script: Script, params: object = {}, options: RunOptions = {}) {
  agents = new ScriptedAgents(script);
  const handle = await startRun(worker, 'handoff', { targets, ...params }, 'charged twice', options);
  const status = await handle.result();
  const calls = agents.batches.flatMap((batch) => batch.calls);
  return { status, end: agents.end, roles: calls.map(({ role }) => role), calls };
}

/** Each holder hands over to the next of `names`, the last one answers. */
const along =
  (...names: string[]): Script =>
  ({ round = 0 }) => {
    const next = names[round - 1];
    return next === undefined ? { output: 'refunded' } : to(next, { step: round });
  };

describe('handoff', () => {
  it('goes from hand to hand until its holder answers, and every hand-over is a decision', async () => {
    const inputs: Json[] = [];
    const script: Script = (call, input, asked) => {
      inputs.push(input);
      return along('billing', 'refunds')(call, input, asked);
    };
    const { status, end, calls } = await runHandoff(script);
    expect(status).toBe('completed');
    expect(end).toMatchObject({ json: 'refunded', terminationReason: 'done', rounds: 3, warnings: [] });
    expect(calls.map(({ key, role, round }) => [key, role, round])).toEqual([
      ['turns/0', 'desk', 1],
      ['turns/1', 'billing', 2],
      ['turns/2', 'refunds', 3],
    ]);
    expect(inputs).toEqual([
      { input: 'charged twice', targets: ['billing', 'refunds'], received: null, refused: null },
      {
        input: 'charged twice',
        targets: ['desk', 'refunds'],
        received: { from: 'desk', reason: 'for billing', context: { step: 1 } },
        refused: null,
      },
      {
        input: 'charged twice',
        targets: ['desk', 'billing'],
        received: { from: 'billing', reason: 'for refunds', context: { step: 2 } },
        refused: null,
      },
    ]);
    const decisions = agents.events.filter(({ type }) => type === 'decision').map(({ data }) => data);
    expect(decisions[0]).toEqual({
      path: '/',
      what: 'handoff',
      rule: 'agent',
      candidates: ['billing', 'refunds'],
      scores: { from: 'desk', reason: 'for billing' },
      chosen: 'billing',
    });
    expect(decisions).toHaveLength(2);
  });

  it('starts with whom it is told to, and gives a holder the input it asks for', async () => {
    const named = [{ name: 'money', agent: 'billing-3', input: 'About: ${ .input }' }, ...targets];
    const { end, roles } = await runHandoff((_, input) => ({ output: input }), { start: 'money', targets: named });
    expect([end?.json, roles]).toEqual(['About: charged twice', ['money']]);
  });

  it('returns a hand-over to nobody that is allowed once, with the reason', async () => {
    const script: Script = ({ round }, input) => (round === 1 ? to('boss') : { output: input });
    const { status, end, roles } = await runHandoff(script);
    expect([status, roles]).toEqual(['completed', ['desk', 'desk']]);
    const refused = 'the hand-over is refused: "boss" is no target. Allowed: billing, refunds';
    expect(end?.json).toMatchObject({ refused });
    expect(end?.warnings).toEqual([`desk: ${refused}`]);
  });

  it('fails at the second hand-over to nobody, with the last context as the best so far', async () => {
    const { status, end } = await runHandoff(along('billing', 'boss', 'boss'));
    expect([status, end?.terminationReason, end?.json]).toEqual(['failed', 'invalid_output', { step: 1 }]);
    expect(end?.error).toMatchObject({ code: 'agent.invalid_output', path: '/turns/2' });
  });

  it('ends partial with ping_pong at the third A→B→A', async () => {
    const { status, end, roles } = await runHandoff(({ role, round = 0 }) =>
      to(role === 'desk' ? 'billing' : 'desk', round),
    );
    expect([status, end?.terminationReason, end?.json]).toEqual(['partial', 'ping_pong', 6]);
    expect(roles).toHaveLength(6);
  });

  it('ends partial with max_hops, with the last context', async () => {
    const { status, end, roles } = await runHandoff(along('billing', 'refunds', 'desk'), { maxHops: 2 });
    expect([status, end?.terminationReason, end?.json]).toEqual(['partial', 'max_hops', { step: 3 }]);
    expect(roles).toEqual(['desk', 'billing', 'refunds']);
  });

  it('ends failed when the holder fails, with what was handed to it', async () => {
    const { status, end } = await runHandoff((call, input, asked) =>
      call.role === 'billing' ? { fail: 'agent.permanent' } : along('billing')(call, input, asked),
    );
    expect([status, end?.terminationReason, end?.json]).toEqual(['failed', 'agent_failed', { step: 1 }]);
    expect(end?.error).toMatchObject({ code: 'agent.permanent', path: '/turns/1' });
  });

  it('ends failed when the first holder fails', async () => {
    const { status, end } = await runHandoff(() => ({ fail: 'agent.permanent' }));
    expect([status, end?.json]).toEqual(['failed', null]);
  });

  const slowAtBilling: Script = (call, input, asked) =>
    call.role === 'billing' ? { output: 'late', afterMs: 20_000 } : along('billing')(call, input, asked);

  it('ends canceled with the last context', async () => {
    agents = new ScriptedAgents(slowAtBilling);
    const handle = await startRun(worker, 'handoff', { targets });
    await until(() => agents.keys.includes('turns/1'));
    await handle.cancel();
    expect(await handle.result()).toBe('canceled');
    expect(agents.end).toMatchObject({ terminationReason: 'canceled', json: { step: 1 } });
  });

  it('ends timed_out with the last context when the deadline passes', async () => {
    const { status, end } = await runHandoff(slowAtBilling, {}, { deadlineMs: 800 });
    expect([status, end?.terminationReason, end?.json]).toEqual(['timed_out', 'deadline', { step: 1 }]);
  });

  it('carries a context that is large', async () => {
    const big = 'x'.repeat(40_000);
    const script: Script = ({ round }, input) => (round === 1 ? to('billing', big) : { output: input });
    const { end } = await runHandoff(script);
    expect(end?.json).toMatchObject({ received: { from: 'desk', reason: 'for billing', context: big } });
  });

  it('checks the output, not the hand-overs, against outputSchema', async () => {
    const params = { outputSchema: { type: 'number' } };
    const { status, end } = await runHandoff(along('billing'), params);
    expect([status, end?.terminationReason, end?.json]).toEqual(['failed', 'invalid_output', 'refunded']);
  });

  it('is a step like any other pattern', async () => {
    agents = new ScriptedAgents(along('billing'));
    const steps = [{ name: 'ask', pattern: 'handoff', with: { targets } }];
    const handle = await startRun(worker, 'sequential', { steps }, 'x');
    expect(await handle.result()).toBe('completed');
    expect(agents.keys).toEqual(['steps/ask/turns/0', 'steps/ask/turns/1']);
  });
});
