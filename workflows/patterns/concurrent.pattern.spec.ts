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

async function runConcurrent(script: Script, params: Json, input: Json = null, options: RunOptions = {}) {
  agents = new ScriptedAgents(script);
  const handle = await startRun(worker, 'concurrent', params, input, options);
  const status = await handle.result();
  return { status, end: agents.end, asked: agents };
}

const branch = { capability: 'echo' };
const indexOf = (key: string) => Number(key.split('/').at(-1));
const byIndex =
  (...answers: Awaited<ReturnType<Script>>[]): Script =>
  (call) =>
    answers[indexOf(call.key)] ?? { output: call.key };
const decision = (asked: ScriptedAgents, what: string) =>
  asked.events.flatMap(({ type, data }) => (type === 'decision' && data.what === what ? data : []))[0];
const branches = (count: number) => Array.from({ length: count }, () => branch);
const SLOW = { output: 'slow', afterMs: 20_000 };
const FAIL = { fail: 'agent.permanent' };

describe('concurrent', () => {
  it('collects 1,000 items exactly and in order, in one activity', async () => {
    const items = Array.from({ length: 1_000 }, (_, index) => index);
    const { status, end, asked } = await runConcurrent(
      (_, input) => ({ output: Number(input) * 2 }),
      {
        items: '${ . }',
        branch,
      },
      items,
    );
    expect(status).toBe('completed');
    expect(end?.json).toEqual(items.map((item) => item * 2));
    expect(asked.batches.map(({ calls }) => calls.length)).toEqual([1_000]);
  });

  it('sends more than may be in flight part by part, so that what is done makes room', async () => {
    const many = Array.from({ length: 1_100 }, (_, index) => index);
    const { end, asked } = await runConcurrent((_, input) => ({ output: input }), { items: '${ . }', branch }, many);
    expect(end?.json).toEqual(many);
    expect(asked.batches.map(({ calls }) => calls.length)).toEqual([250, 250, 250, 250, 100]);
  });

  it('gives branches $item, $index and $input', async () => {
    const params = { items: '.list', branch: { ...branch, input: '${ [$index, $item, $input.x] }' } };
    const { end } = await runConcurrent((_, input) => ({ output: input }), params, { list: ['a', 'b'], x: 7 });
    expect(end?.json).toEqual([
      [0, 'a', 7],
      [1, 'b', 7],
    ]);
  });

  it('ends partial with named gaps when a branch fails under all', async () => {
    const answers = byIndex({ output: 1 }, FAIL, { output: 3, afterMs: 30 });
    const { status, end, asked } = await runConcurrent(answers, { branches: branches(3) });
    expect([status, end?.json]).toEqual(['partial', [1, null, 3]]);
    expect(end?.warnings).toEqual(['branches/1 failed: branches/1 failed']);
    expect(decision(asked, 'completion')?.scores).toEqual({
      total: 3,
      needed: 3,
      completed: 2,
      missing: ['branches/1'],
      missingCount: 1,
      cancelled: [],
      cancelledCount: 0,
      slowest: { name: 'branches/2', ms: 30 },
    });
  });

  it('fails when every branch fails', async () => {
    const { status, end } = await runConcurrent(() => FAIL, { branches: branches(2) });
    expect([status, end?.terminationReason]).toEqual(['failed', 'agent_failed']);
  });

  it('gives the others up at the first failure under cancel', async () => {
    const params = { branches: branches(2), onBranchFailure: 'cancel' };
    const { status, end, asked } = await runConcurrent(byIndex(SLOW, FAIL), params);
    expect([status, end?.terminationReason]).toEqual(['failed', 'agent_failed']);
    await until(() => asked.canceled.length === 1);
  });

  it.each([
    ['any', { completion: 'any' }, ['fast']],
    ['quorum', { completion: { quorum: 2 } }, ['fast', 'fast']],
    ['bestOf', { completion: { bestOf: 2 }, aggregate: { best: 'length' } }, 'fast'],
    ['atLeast', { completion: { atLeast: 1, within: 'PT20S' } }, ['fast']],
  ])('ends %s as soon as the rule is met and cancels the losers', async (_, rule, output) => {
    const fast = { output: 'fast' };
    const { status, end, asked } = await runConcurrent(byIndex(SLOW, fast, fast), {
      branches: branches(3),
      ...rule,
    } as Json);
    expect([status, end?.terminationReason]).toEqual(['completed', 'rule_met']);
    expect(end?.json).toEqual(output);
    await until(() => asked.canceled.includes('branches/0'));
  });

  it('ends early when the rule can no longer be met', async () => {
    const { status, end, asked } = await runConcurrent(byIndex(SLOW, FAIL, FAIL), {
      branches: branches(3),
      completion: { quorum: 2 },
    });
    expect([status, end?.terminationReason]).toEqual(['failed', 'rule_unreachable']);
    expect(decision(asked, 'completion')).toMatchObject({ rule: 'quorum 2 of 3', chosen: 'unreachable' });
  });

  it('keeps what it has when too few answer within the time', async () => {
    const completion = { atLeast: 2, within: 'PT0.3S' };
    const { status, end } = await runConcurrent(byIndex(SLOW, { output: 1 }), { branches: branches(2), completion });
    expect([status, end?.terminationReason, end?.json]).toEqual(['failed', 'rule_unreachable', [1]]);
  });

  it('lets losers finish with cancelLosers: false', async () => {
    const { status, asked } = await runConcurrent(byIndex({ output: 1, afterMs: 100 }, { output: 2 }), {
      branches: branches(2),
      completion: 'any',
      cancelLosers: false,
    });
    expect([status, asked.canceled]).toEqual(['completed', []]);
  });

  it('keeps at most maxInFlight calls under way', async () => {
    let now = 0;
    let most = 0;
    const script: Script = async (call) => {
      most = Math.max(most, (now += 1));
      await new Promise((resolve) => setTimeout(resolve, 20));
      now -= 1;
      return { output: call.key };
    };
    const { status } = await runConcurrent(script, { branches: branches(9), maxInFlight: 3 });
    expect([status, most]).toEqual(['completed', 3]);
  });

  it.each([
    ['concat', 'concat', ['a', 'b'], 'ab'],
    ['numeric', { numeric: 'median' }, [1, 9], 5],
    ['expr', { expr: 'add' }, [1, 2], 3],
    ['best', { best: '.' }, [1, 2], 2],
    ['merge', { merge: { onConflict: 'last' } }, [{ a: 1 }, { a: 2, b: 3 }], { a: 2, b: 3 }],
    [
      'borda',
      { vote: 'borda' },
      [
        ['x', 'y'],
        ['x', 'z'],
      ],
      'x',
    ],
  ])('aggregates by %s', async (_, aggregate, outputs, expected) => {
    const { end } = await runConcurrent(byIndex(...outputs.map((output) => ({ output: output as Json }))), {
      branches: branches(2),
      aggregate,
    } as Json);
    expect(end?.json).toEqual(expected);
  });

  it('votes, with agreement and dissenters as a decision', async () => {
    const { end, asked } = await runConcurrent(byIndex({ output: 'yes' }, { output: 'no' }, { output: 'yes' }), {
      branches: branches(3),
      aggregate: { vote: 'majority' },
    });
    expect(end?.json).toBe('yes');
    expect(decision(asked, 'vote')?.scores).toMatchObject({ agreement: 2 / 3, dissenters: ['branches/1'] });
  });

  const large = (fields: Record<string, Json>): Json => ({ ...fields, ballast: 'x'.repeat(40_000) });
  const stored: [string, Json, Json][] = [
    ['first', { a: 1, b: 2, c: 3 }, 'completed'],
    ['last', { a: 9, b: 2, c: 3 }, 'completed'],
    ['error', null, 'failed'],
  ];
  it.each(stored)('merges outputs that are stored, with onConflict %s', async (onConflict, merged, wanted) => {
    const outputs = [large({ a: 1, b: 2 }), large({ a: 9, c: 3 })];
    const { status, end } = await runConcurrent((call) => ({ output: outputs[indexOf(call.key)] as Json }), {
      branches: branches(2),
      aggregate: { merge: { onConflict } },
    });
    expect(status).toBe(wanted);
    if (status === 'completed') expect(end?.json).toEqual(large(merged as Record<string, Json>));
    else expect(end?.error).toMatchObject({ code: 'agent.invalid_output', message: 'the outputs differ in a' });
  });

  it('votes over outputs that are stored, and gives the one that most branches gave', async () => {
    const outputs = [large({ vote: 'no' }), large({ vote: 'yes' }), large({ vote: 'yes' })];
    const { status, end, asked } = await runConcurrent((call) => ({ output: outputs[indexOf(call.key)] as Json }), {
      branches: branches(3),
      aggregate: { vote: 'majority' },
    });
    expect([status, end?.json]).toEqual(['completed', large({ vote: 'yes' })]);
    expect(decision(asked, 'vote')).toMatchObject({ chosen: 'output 2' });
  });

  it('reduces by an agent', async () => {
    const { end, asked } = await runConcurrent(
      (call, input) => ({ output: call.key === 'reduce' ? input : call.key }),
      {
        branches: branches(2),
        aggregate: { reduce: { capability: 'summary' } },
      },
    );
    expect(end?.json).toEqual(['branches/0', 'branches/1']);
    expect(asked.keys.at(-1)).toBe('reduce');
  });

  it('runs a sequence for each item', async () => {
    const steps = [
      { name: 'a', capability: 'x' },
      { name: 'b', capability: 'y', input: '${ [., $index] }' },
    ];
    const { end, asked } = await runConcurrent((_, input) => ({ output: input }), {
      items: ['p', 'q'],
      branch: { pattern: 'sequential', with: { steps } },
    } as Json);
    expect(end?.json).toEqual([
      ['p', 0],
      ['q', 1],
    ]);
    expect(asked.keys).toContain('items/1/steps/b');
  });

  it.each([
    ['alone', { maxInFlight: 3 }],
    ['together', {}],
  ])('keeps what is done when it is canceled, with branches that travel %s', async (_, more) => {
    agents = new ScriptedAgents(byIndex({ output: 'a' }, SLOW, { output: 'c' }));
    const handle = await startRun(worker, 'concurrent', { branches: branches(3), ...more });
    await until(() => agents.done.length === 2);
    await handle.cancel();
    expect(await handle.result()).toBe('canceled');
    expect(agents.end?.json).toEqual(['a', null, 'c']);
    expect(decision(agents, 'completion')?.scores).toMatchObject({
      completed: 2,
      cancelled: ['branches/1'],
      cancelledCount: 1,
    });
  });
});
