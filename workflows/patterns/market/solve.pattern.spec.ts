import { afterAll, beforeAll, describe, expect, it, jest } from '@jest/globals';
import type { Json } from '../../../contracts/json.js';
import { seenOf } from '../../../test/support/market-records.js';
import { scriptedActivities } from '../../../test/support/scripted-activities.js';
import { type Answer, ScriptedAgents } from '../../../test/support/scripted-agents.js';
import { type RunOptions, startRun } from '../../../test/support/start-run.js';
import { startWorker, type TemporalWorker } from '../../../test/support/temporal.js';
import { until } from '../../../test/support/until.js';

jest.setTimeout(60_000);

let worker: TemporalWorker;
let agents: ScriptedAgents;
beforeAll(async () => {
  worker = await startWorker({ activities: scriptedActivities(() => agents) });
});
afterAll(() => worker.stop());

/** What each solver answers in each round; the last one repeats. */
type Solvers = Record<string, (Json | Answer)[]>;
const isAnswer = (said: Json | Answer): said is Answer =>
  typeof said === 'object' && said !== null && ('output' in said || 'fail' in said);

function start(solvers: Solvers, params: object = {}, options: RunOptions = {}, boss?: Answer) {
  agents = new ScriptedAgents((call, input) => {
    if (call.role === 'aggregator') return boss ?? { output: { compiled: input } };
    const answers = solvers[call.target.agent ?? ''] ?? [];
    const said = answers[Math.min(call.round ?? 1, answers.length) - 1] ?? null;
    return isAnswer(said) ? said : { output: said };
  }, Object.keys(solvers));
  const parameters = {
    mechanism: 'solve',
    task: { capability: 'think' },
    aggregate: { capability: 'boss' },
    ...params,
  };
  return startRun(worker, 'market', parameters as Json, 'question', options);
}

async function solve(solvers: Solvers, params: object = {}, boss?: Answer) {
  const handle = await start(solvers, params, {}, boss);
  const status = await handle.result();
  const seen = seenOf(agents);
  const rounds = seen.decisions.filter(({ what }) => what === 'solve round');
  return { status, ...seen, rounds, verdicts: rounds.map(({ scores }) => (scores as { verdict: string }).verdict) };
}
const lost = { fail: 'agent.permanent' };

describe('solving together', () => {
  it('has each solver hear of the others by one call a round, while answers change, and one compile them', async () => {
    const { end, calls, rounds, verdicts, decisions } = await solve({ a: [1, 3], b: [2, 2, 4], c: [5] });
    expect([end?.status, end?.terminationReason, end?.rounds]).toEqual(['completed', 'done', 3]);
    const answer = (solver: string, round: number, said: number) => ({ solver, round, answer: said });
    const answers = [answer('a', 2, 3), answer('b', 3, 4), answer('c', 1, 5)];
    expect(end?.json).toEqual({ compiled: { input: 'question', answers } });
    const asked = calls.filter(({ role }) => role === 'solver');
    expect(asked).toHaveLength(9);
    const heard = asked.filter(({ target }) => target.agent === 'a').map(({ input }) => agents.json(input));
    expect(heard).toEqual([
      'question',
      { input: 'question', round: 2, own: 1, answers: [answer('b', 1, 2), answer('c', 1, 5)] },
      { input: 'question', round: 3, own: 3, answers: [answer('b', 1, 2), answer('c', 1, 5)] },
    ]);
    expect(rounds.map(({ scores }) => (scores as { changed: string[] }).changed)).toEqual([
      ['a', 'b', 'c'],
      ['a'],
      ['b'],
    ]);
    expect(verdicts).toEqual(['on', 'on', 'over']);
    expect(decisions.find(({ what }) => what === 'compile')?.candidates).toEqual([
      { solver: 'a', round: 2 },
      { solver: 'b', round: 3 },
      { solver: 'c', round: 1 },
    ]);
  });

  it('stops as soon as a round changes nothing', async () => {
    const { end, verdicts } = await solve(
      {
        a: [
          { x: 1, y: 2 },
          { y: 2, x: 1 },
        ],
        b: [1],
      },
      { maxRounds: 50 },
    );
    expect([end?.rounds, verdicts]).toEqual([2, ['on', 'unchanged']]);
  });

  it('stops when the best score gets better by too little, and keeps an answer that a later one does not better', async () => {
    const solvers = { a: [100, 60, 90], b: [80, 70, 59.9] };
    const params = { score: '.answer', minImprovement: 0.1, maxRounds: 9, aggregate: { capability: 'boss' } };
    const { end, verdicts, rounds } = await solve(solvers, params);
    expect([end?.rounds, verdicts]).toEqual([3, ['on', 'on', 'no improvement']]);
    expect(rounds.map(({ chosen }) => chosen)).toEqual(['b', 'a', 'b']);
    expect(end?.json).toMatchObject({
      compiled: {
        answers: [
          { solver: 'a', round: 2, answer: 60, score: 60 },
          { solver: 'b', round: 3, answer: 59.9, score: 59.9 },
        ],
      },
    });
  });

  it('lets templates say what solvers and the aggregator are told', async () => {
    const task = { capability: 'think', input: { q: '${ . }', n: '${ $round }', others: '${ [$answers[].answer] }' } };
    const aggregate = { agent: 'boss', input: '${ [.answers[].answer] | add }' };
    const { end, calls } = await solve({ a: [1], b: [2] }, { task, aggregate });
    expect(end?.json).toEqual({ compiled: 3 });
    const heard = calls.filter(({ target, role }) => role === 'solver' && target.agent === 'a');
    expect(heard.map(({ input }) => agents.json(input))).toEqual([
      { q: 'question', n: 1, others: [] },
      { q: 'question', n: 2, others: [2] },
    ]);
  });

  it('goes on without a solver that fails, and by what it said before it failed', async () => {
    const { end, rounds } = await solve({ a: [1, lost], b: [lost, 2], c: [lost] });
    expect(end?.status).toBe('completed');
    expect(end?.json).toMatchObject({
      compiled: {
        answers: [
          { solver: 'a', round: 1 },
          { solver: 'b', round: 2 },
        ],
      },
    });
    expect(rounds[0]?.scores).toMatchObject({
      answered: 1,
      answers: [{ round: 1 }, { failed: expect.any(String) }, {}],
    });
    expect(end?.warnings).toEqual([expect.stringMatching(/^a failed/), expect.stringMatching(/^c failed/)]);
  });

  it.each<[string, Solvers, object, string, RegExp]>([
    ['everyone fails', { a: [lost], b: [lost] }, {}, 'agent_failed', /rounds\/1\/a failed/],
    ['too few answer', { a: [1], b: [lost] }, { minBids: 2 }, 'no_bids', /1 of 2 solvers answered; 2 needed/],
    ['there is nobody', {}, { bidDeadline: 'PT0.1S' }, 'no_candidate', /nobody/],
    ['nobody is eligible', { a: [1] }, { eligible: 'false' }, 'no_candidate', /nobody/],
  ])('fails with its reason when %s', async (_, solvers, params, reason, message) => {
    const { status, end } = await solve(solvers, params);
    expect([status, end?.terminationReason]).toEqual(['failed', reason]);
    expect(end?.error?.message).toMatch(message);
  });

  it('leaves the answers as they are when the aggregator fails', async () => {
    const { status, end } = await solve({ a: [1], b: [2] }, {}, lost);
    expect([status, end?.terminationReason]).toEqual(['failed', 'agent_failed']);
    expect(end?.json).toMatchObject([
      { solver: 'a', answer: 1 },
      { solver: 'b', answer: 2 },
    ]);
  });

  it('keeps the answers it has when it is canceled in the middle', async () => {
    const handle = await start({ a: [1, { output: 2, afterMs: 20_000 }], b: [3] });
    await until(() => agents.keys.includes('rounds/2/a'));
    await handle.cancel();
    expect(await handle.result()).toBe('canceled');
    expect(agents.end?.json).toMatchObject([
      { solver: 'a', answer: 1 },
      { solver: 'b', answer: 3 },
    ]);
  });

  it('ends timed_out with the answers it has when the deadline passes', async () => {
    const handle = await start({ a: [1, { output: 2, afterMs: 60_000 }] }, {}, { deadlineMs: 3_000 });
    expect(await handle.result()).toBe('timed_out');
    expect(agents.end?.json).toMatchObject([{ solver: 'a', answer: 1 }]);
  });
});
