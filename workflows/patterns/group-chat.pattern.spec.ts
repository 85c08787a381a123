import { afterAll, beforeAll, describe, expect, it, jest } from '@jest/globals';
import type { Json } from '../../contracts/json.js';
import { unpackCalls } from '../../activities/unpack-calls.js';
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

const members = (...names: string[]) => names.map((capability) => ({ capability }));
const chatOf = (maxRounds: number, more: object = {}) => ({ participants: members('a', 'b', 'c'), maxRounds, ...more });

async function run(script: Script, params: object, options: RunOptions = {}) {
  agents = new ScriptedAgents(script);
  const handle = await startRun(worker, 'groupChat', params as Json, 'topic', options);
  const status = await handle.result();
  const calls = agents.batches.flatMap((batch) => unpackCalls(batch));
  const decisions = agents.events.flatMap(({ type, data }) => (type === 'decision' ? [data] : []));
  return { status, end: agents.end, calls, decisions, roles: calls.map(({ role }) => role) };
}

const speak: Script = ({ role, round }) => ({ output: `${role} says ${round}` });
const fails =
  (...roles: string[]): Script =>
  (call, input, asked) =>
    roles.includes(call.role ?? '') ? { fail: 'agent.permanent' } : speak(call, input, asked);

describe('a group chat', () => {
  it('gives the word to everyone in declared order, each with all that was said', async () => {
    const inputs: Json[] = [];
    const script: Script = (call, input, asked) => {
      inputs.push(input);
      return speak(call, input, asked);
    };
    const { status, end, calls } = await run(script, chatOf(4));
    expect([status, end?.terminationReason, end?.rounds, end?.json]).toEqual(['completed', 'done', 4, 'a says 4']);
    expect(calls.map(({ key, role, round }) => [key, role, round])).toEqual([
      ['rounds/0/turn', 'a', 1],
      ['rounds/1/turn', 'b', 2],
      ['rounds/2/turn', 'c', 3],
      ['rounds/3/turn', 'a', 4],
    ]);
    expect(inputs[2]).toEqual({
      input: 'topic',
      participants: ['a', 'b', 'c'],
      messages: [
        { round: 1, from: 'a', content: 'a says 1' },
        { round: 2, from: 'b', content: 'b says 2' },
      ],
      round: 3,
      you: 'c',
    });
  });

  it('ends as soon as terminateWhen holds, with all messages when they are asked for', async () => {
    const params = chatOf(9, { terminateWhen: '.last == "b says 2" and $input == "topic"', output: 'messages' });
    const { status, end } = await run(speak, params);
    expect([status, end?.terminationReason, end?.rounds]).toEqual(['completed', 'rule_met', 2]);
    expect(end?.json).toEqual([
      { round: 1, from: 'a', content: 'a says 1' },
      { round: 2, from: 'b', content: 'b says 2' },
    ]);
  });

  it('ends partial with max_rounds when terminateWhen never held', async () => {
    const { status, end } = await run(speak, chatOf(2, { terminateWhen: '{} | .agreed' }));
    expect([status, end?.terminationReason, end?.json]).toEqual(['partial', 'max_rounds', 'b says 2']);
  });

  it('is led by jq', async () => {
    const expr = 'if .round > 3 then null elif .round == 1 then "c" else .messages[-1].from end';
    const { status, end, roles, decisions } = await run(speak, chatOf(9, { manager: { expr } }));
    expect([status, end?.terminationReason, roles]).toEqual(['completed', 'done', ['c', 'c', 'c']]);
    expect(decisions[0]).toMatchObject({ what: 'speaker', rule: 'expr', candidates: ['a', 'b', 'c'], chosen: 'c' });
    expect(decisions.at(-1)).toMatchObject({ chosen: null });
  });

  it('is led by an agent that decides who speaks and when it is over', async () => {
    const script: Script = (call, input, asked) => {
      if (call.role !== 'manager') return speak(call, input, asked);
      const next: Json = { next: call.round === 1 ? 'c' : 'b', reason: 'knows it' };
      return { output: call.round === 3 ? { end: true, reason: 'agreed' } : next };
    };
    const { status, end, calls, decisions } = await run(script, chatOf(9, { manager: { capability: 'chair' } }));
    expect([status, end?.terminationReason, end?.rounds, end?.json]).toEqual(['completed', 'done', 2, 'b says 2']);
    expect(calls.map(({ key, kind }) => [key, kind])).toEqual([
      ['rounds/0/manager', 'decide'],
      ['rounds/0/turn', undefined],
      ['rounds/1/manager', 'decide'],
      ['rounds/1/turn', undefined],
      ['rounds/2/manager', 'decide'],
    ]);
    expect(decisions.map(({ chosen, scores }) => [chosen, scores])).toEqual([
      ['c', { reason: 'knows it' }],
      ['b', { reason: 'knows it' }],
      [null, { reason: 'agreed' }],
    ]);
  });

  it('goes on in declared order when its manager fails or names nobody who takes part', async () => {
    const script: Script = (call, input, asked) => {
      if (call.role !== 'manager') return speak(call, input, asked);
      return call.round === 1 ? { fail: 'agent.permanent' } : { output: 'nobody' };
    };
    const { status, end, roles, decisions } = await run(script, chatOf(2, { manager: { agent: 'chair' } }));
    expect([status, end?.terminationReason]).toEqual(['partial', 'max_rounds']);
    expect(roles).toEqual(['manager', 'a', 'manager', 'b']);
    expect(end?.warnings).toEqual([
      'round 1: the manager failed: rounds/0/manager failed; declared order holds',
      'round 2: the manager "nobody" takes no part; declared order holds',
    ]);
    expect(decisions.map(({ rule }) => rule)).toEqual(['round-robin', 'round-robin']);
  });

  it('goes on without a turn that failed, and names the gap', async () => {
    const { status, end } = await run(fails('b'), chatOf(3));
    expect([status, end?.terminationReason, end?.json]).toEqual(['partial', 'agent_failed', 'c says 3']);
    expect(end?.warnings).toEqual(['round 2: b failed: rounds/1/turn failed']);
  });

  it('fails with what was said when nobody can speak any more', async () => {
    const script: Script = (call, input, asked) =>
      call.round === 1 ? speak(call, input, asked) : { fail: 'agent.permanent' };
    const { status, end, roles } = await run(script, chatOf(9));
    expect([status, end?.terminationReason, end?.json]).toEqual(['failed', 'agent_failed', 'a says 1']);
    expect(end?.error).toMatchObject({ code: 'agent.permanent', path: '/rounds/3/turn' });
    expect(roles).toHaveLength(4);
  });

  it('fails when everyone fails from the first turn on', async () => {
    const { status, end, roles } = await run(fails('a', 'b', 'c'), chatOf(9));
    expect([status, end?.json, roles]).toEqual(['failed', null, ['a', 'b', 'c']]);
  });

  const slowB: Script = (call, input, asked) =>
    call.role === 'b' ? { output: 'late', afterMs: 20_000 } : speak(call, input, asked);

  it('ends canceled with what was said', async () => {
    agents = new ScriptedAgents(slowB);
    const handle = await startRun(worker, 'groupChat', chatOf(9), 'topic');
    await until(() => agents.keys.includes('rounds/1/turn'));
    await handle.cancel();
    expect(await handle.result()).toBe('canceled');
    expect(agents.end).toMatchObject({ terminationReason: 'canceled', json: 'a says 1' });
  });

  it('ends timed_out with what was said when the deadline passes', async () => {
    const { status, end } = await run(slowB, chatOf(9), { deadlineMs: 800 });
    expect([status, end?.terminationReason, end?.json]).toEqual(['timed_out', 'deadline', 'a says 1']);
  });

  it('gives a participant the input it asks for, and names the place of an expression that fails', async () => {
    const participants = [{ name: 'x', capability: 'echo', input: '${ .you } on ${ $input }' }];
    const echo: Script = (_, input) => ({ output: input });
    expect((await run(echo, { participants, maxRounds: 1 })).end?.json).toBe('x on topic');
    const { status, end } = await run(echo, { participants, maxRounds: 1, manager: { expr: '.round.x' } });
    expect([status, end?.terminationReason, end?.error?.path]).toEqual(['failed', 'invalid_expression', '/rounds/0']);
  });

  it('carries messages that are large', async () => {
    const script: Script = ({ role }, input) =>
      role === 'a'
        ? { output: 'x'.repeat(40_000) }
        : { output: (input as { messages: { content: string }[] }).messages.map(({ content }) => content.length) };
    const { end } = await run(script, chatOf(2, { terminateWhen: '.last | type == "array"' }));
    expect([end?.terminationReason, end?.json]).toEqual(['rule_met', [40_000]]);
  });
});

describe('maker and checkers', () => {
  const params = (more: object = {}) => ({
    makerChecker: { maker: { capability: 'write' }, checkers: members('x', 'y'), ...more },
  });
  const isBy = (name: string, key: string) => key.endsWith(`/${name}`);
  const make: Script = ({ round }) => ({ output: `draft ${round}` });
  const pickyY =
    (until_: number): Script =>
    (call, input, asked) => {
      if (call.role === 'maker') return make(call, input, asked);
      const approve = isBy('x', call.key) || (call.round ?? 0) >= until_;
      return { output: { approve, reasons: approve ? [] : [`too long ${call.round}`] } };
    };

  it('make it anew with the reasons until all approve', async () => {
    const inputs: Json[] = [];
    const script: Script = (call, input, asked) => {
      inputs.push(input);
      return pickyY(2)(call, input, asked);
    };
    const { status, end, calls, decisions } = await run(script, params());
    expect([status, end?.terminationReason, end?.json, end?.rounds]).toEqual(['completed', 'rule_met', 'draft 2', 2]);
    expect(calls.slice(0, 3).map(({ key, role, round, kind }) => [key, role, round, kind])).toEqual([
      ['revisions/0/maker', 'maker', 1, undefined],
      ['revisions/0/checkers/x', 'checker', 1, 'decide'],
      ['revisions/0/checkers/y', 'checker', 1, 'decide'],
    ]);
    expect(inputs[0]).toEqual({ input: 'topic', revision: 0, draft: null, reviews: [] });
    expect(inputs[1]).toEqual({ input: 'topic', revision: 0, draft: 'draft 1' });
    expect(inputs[3]).toEqual({
      input: 'topic',
      revision: 1,
      draft: 'draft 1',
      reviews: [
        { by: 'x', approve: true, reasons: [] },
        { by: 'y', approve: false, reasons: ['too long 1'] },
      ],
    });
    expect(decisions.map(({ what, rule, chosen }) => [what, rule, chosen])).toEqual([
      ['review', 'all', 'rejected'],
      ['review', 'all', 'approved'],
    ]);
    expect(decisions[0]?.scores).toEqual({
      needed: 2,
      reviews: [
        { by: 'x', approve: true, reason: null },
        { by: 'y', approve: false, reason: 'too long 1' },
      ],
    });
  });

  it('pass with a quorum', async () => {
    const { end, decisions } = await run(pickyY(9), params({ pass: { quorum: 1 } }));
    expect([end?.terminationReason, end?.json, decisions[0]?.rule]).toEqual(['rule_met', 'draft 1', 'quorum of 1']);
  });

  it('end partial with the last draft and the open objections after maxRevisions', async () => {
    const { status, end } = await run(pickyY(9), params({ maxRevisions: 1 }));
    expect([status, end?.terminationReason, end?.json, end?.rounds]).toEqual(['partial', 'max_rounds', 'draft 2', 2]);
    expect(end?.warnings).toEqual(['y does not approve: too long 2']);
  });

  it('never take a checker that failed for an approval', async () => {
    const script: Script = (call, input, asked) =>
      isBy('y', call.key) ? { fail: 'agent.permanent' } : pickyY(0)(call, input, asked);
    const { status, end } = await run(script, params({ maxRevisions: 0 }));
    expect([status, end?.terminationReason]).toEqual(['partial', 'max_rounds']);
    expect(end?.warnings[0]).toContain('y does not approve: gave no verdict');
  });

  it('fail with the draft when no checker gives a verdict', async () => {
    const script: Script = (call, input, asked) =>
      call.role === 'checker' ? { output: 'fine' } : make(call, input, asked);
    const { status, end } = await run(script, params());
    expect([status, end?.terminationReason, end?.json]).toEqual(['failed', 'agent_failed', 'draft 1']);
    expect(end?.error).toMatchObject({ message: 'no checker gave a verdict', path: '/revisions/0' });
  });

  it('fail with the last draft when the maker fails', async () => {
    const script: Script = (call, input, asked) =>
      call.key === 'revisions/1/maker' ? { fail: 'agent.permanent' } : pickyY(9)(call, input, asked);
    const { status, end } = await run(script, params());
    expect([status, end?.json, end?.error?.path]).toEqual(['failed', 'draft 1', '/revisions/1/maker']);
  });

  it('end timed_out with the draft when a checker is too slow', async () => {
    const script: Script = (call, input, asked) =>
      isBy('y', call.key) ? { output: true, afterMs: 20_000 } : pickyY(0)(call, input, asked);
    const { status, end } = await run(script, params(), { deadlineMs: 800 });
    expect([status, end?.terminationReason, end?.json]).toEqual(['timed_out', 'deadline', 'draft 1']);
  });

  it('check the output against outputSchema', async () => {
    const { status, end } = await run(pickyY(0), { ...params(), outputSchema: { type: 'number' } });
    expect([status, end?.terminationReason]).toEqual(['failed', 'invalid_output']);
  });
});
