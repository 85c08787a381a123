import { afterAll, beforeAll, describe, expect, it, jest } from '@jest/globals';
import type { Json } from '../../contracts/json.js';
import type { AgentCall } from '../../contracts/run-workflow.js';
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

const VOTERS = { agents: ['ann', 'bob', 'cat'] };
type Votes = Record<string, Json[]>;
/** Each voter's answer by round; the last one stands. */
const say =
  (votes: Votes): Script =>
  ({ target, round = 1 }) => {
    const own = votes[target.agent ?? ''] ?? [];
    return { output: own[Math.min(round, own.length) - 1] ?? null };
  };
const calls = () => agents.batches.flatMap((batch) => batch.calls as unknown as AgentCall[]);
const rounds = () =>
  agents.events.flatMap(({ type, data }) =>
    type === 'decision' && data.what === 'consensus round'
      ? [data as { scores: Record<string, Json>; chosen: Json }]
      : [],
  );

async function vote(
  script: Script,
  params: object = {},
  input: Json = 'ship it?',
  candidates: string[] = [],
  options: RunOptions = {},
  reputations: Record<string, number> = {},
) {
  agents = new ScriptedAgents(script, candidates, reputations);
  const handle = await startRun(worker, 'consensus', { voters: VOTERS, ...params } as Json, input, options);
  const status = await handle.result();
  return { status, output: agents.end?.json, reason: agents.end?.terminationReason, end: agents.end };
}

describe('consensus', () => {
  it('ends with the first round that agrees, and says who voted for what', async () => {
    const end = await vote(say({ ann: ['yes'], bob: ['no'], cat: ['yes'] }));
    expect(end).toMatchObject({ status: 'completed', output: 'yes', reason: 'rule_met', end: { rounds: 1 } });
    expect(rounds()).toMatchObject([
      { scores: { votes: { ann: '"yes"', bob: '"no"', cat: '"yes"' }, verdict: 'agreed', quorum: 2 }, chosen: '"yes"' },
    ]);
    expect(calls().map(({ role, round }) => [role, round])).toEqual(VOTERS.agents.map(() => ['voter', 1]));
  });

  it('lets voters hear votes and reasons of the others and change their minds', async () => {
    const first = (vote: string) => ({ vote, reason: `${vote} is best` });
    const end = await vote(say({ ann: [first('a')], bob: [first('b'), 'a'], cat: [first('c')] }), { rounds: 3 });
    expect(end).toMatchObject({ status: 'completed', output: 'a', end: { rounds: 2 } });
    expect(rounds().map(({ scores }) => scores.changed)).toEqual([[], ['bob']]);
    const heard = calls().find(({ key }) => key === 'rounds/2/voters/1');
    expect(agents.json(heard!.input)).toEqual({
      input: 'ship it?',
      round: 2,
      own: 'b',
      votes: [
        { voter: 'ann', vote: 'a', reason: 'a is best' },
        { voter: 'cat', vote: 'c', reason: 'c is best' },
      ],
    });
  });

  it('shares votes without reasons, or nothing', async () => {
    const script = say({ ann: [{ vote: 'a', reason: 'secret' }, 'x'], bob: ['b', 'y'], cat: ['c', 'x'] });
    await vote(script, { share: 'votes' });
    expect(JSON.stringify(calls().slice(3))).toContain('"ann"');
    expect(JSON.stringify(calls())).not.toContain('secret');
    await vote(script, { share: 'none' });
    expect(calls().map(({ input }) => agents.json(input))).toEqual(Array.from({ length: 6 }, () => 'ship it?'));
  });

  it('asks in the words of its own template', async () => {
    const input = '${ {question: ., round: $round, said: ($votes | map(.vote))} }';
    await vote(say({ ann: ['a', 'b'], bob: ['b'], cat: ['c'] }), { input });
    expect(agents.json(calls()[3]!.input)).toEqual({ question: 'ship it?', round: 2, said: ['b', 'c'] });
  });

  it('stops when nobody changes the vote, with the leader and partial', async () => {
    const end = await vote(say({ ann: ['a'], bob: ['b'], cat: ['c'] }), { rounds: 5 });
    expect(end).toMatchObject({ status: 'partial', output: 'a', reason: 'no_consensus', end: { rounds: 2 } });
  });

  it('stops when the rounds are over', async () => {
    const restless = say({ ann: ['a', 'b', 'c'], bob: ['b', 'c', 'a'], cat: ['c', 'a', 'b'] });
    expect(await vote(restless, { rounds: 3 })).toMatchObject({ reason: 'no_consensus', end: { rounds: 3 } });
  });

  it('counts without an agent that fails, and warns', async () => {
    const end = await vote((call, input, asked) =>
      call.target.agent === 'bob' ? { fail: 'agent.permanent' } : say({ ann: ['a'], cat: ['a'] })(call, input, asked),
    );
    expect(end).toMatchObject({ status: 'completed', output: 'a' });
    expect(end.end?.warnings).toEqual([expect.stringMatching(/^bob failed in round 1: /)]);
  });

  it('fails with the reason when every agent fails, and asks nobody again', async () => {
    const end = await vote(() => ({ fail: 'agent.permanent' }));
    expect(end).toMatchObject({ status: 'failed', reason: 'agent_failed', output: null });
    expect(agents.keys).toHaveLength(3);
  });

  it('fails without a quorum; abstentions and votes that cannot be counted are no votes', async () => {
    const end = await vote(say({ ann: [['a', 'b']], bob: [{ vote: null }], cat: ['not a list'] }), { method: 'borda' });
    expect(end).toMatchObject({ status: 'failed', reason: 'no_quorum', output: 'a' });
    expect(rounds()[0]).toMatchObject({ scores: { abstained: ['bob'], invalid: ['cat'] } });
  });

  it('is rejected by a veto that stands', async () => {
    const end = await vote(say({ ann: ['yes'], bob: ['yes'], cat: ['no'] }), { veto: ['cat'] });
    expect(end).toMatchObject({ status: 'rejected', reason: 'vetoed', output: 'yes' });
    expect(rounds().at(-1)).toMatchObject({ scores: { vetoedBy: ['cat'], verdict: 'vetoed' } });
  });

  it('takes a veto that is given up', async () => {
    const end = await vote(say({ ann: ['yes'], bob: ['yes'], cat: ['no', 'yes'] }), { veto: ['cat'] });
    expect(end).toMatchObject({ status: 'completed', output: 'yes', end: { rounds: 2 } });
  });

  it('weighs votes by what is declared', async () => {
    const params = { method: 'weighted', weights: { cat: 5 } };
    expect(await vote(say({ ann: ['a'], bob: ['a'], cat: ['b'] }), params)).toMatchObject({
      output: 'b',
      reason: 'rule_met',
    });
  });

  it('breaks a tie by an agent that decides between the leaders', async () => {
    const tied = say({ ann: ['a'], bob: ['b'] });
    const script: Script = (call, input, asked) =>
      call.kind === 'decide' ? { output: (input as { candidates: Json[] }).candidates[1]! } : tied(call, input, asked);
    const voters = { agents: ['ann', 'bob'] };
    const end = await vote(script, { voters, tieBreak: { agent: 'chair' } });
    expect(end).toMatchObject({ status: 'completed', output: 'b', reason: 'rule_met' });
    expect(agents.keys.at(-1)).toBe('tie');

    const astray: Script = (call, input, asked) =>
      call.kind === 'decide' ? { output: 'something else' } : tied(call, input, asked);
    expect(await vote(astray, { voters, tieBreak: { agent: 'chair' } })).toMatchObject({
      status: 'partial',
      output: 'a',
    });
    expect(await vote(tied, { voters, tieBreak: 'first' })).toMatchObject({ status: 'completed', output: 'a' });
  });

  it('asks different agents of a capability, the same in every round', async () => {
    const votes = say({ one: ['x', 'y'], two: ['y'], three: ['z'] });
    const end = await vote(votes, { voters: { capability: 'judge', count: 3 } }, null, ['one', 'two', 'three', 'four']);
    expect(end).toMatchObject({ status: 'completed', output: 'y', end: { rounds: 2, warnings: [] } });
    expect(agents.keys).toHaveLength(6);
  });

  it('has too few voters, or none at all', async () => {
    const voters = { capability: 'judge', count: 5 };
    const few = await vote(say({ one: ['x'], two: ['x'] }), { voters }, null, ['one', 'two']);
    expect(few).toMatchObject({ status: 'failed', reason: 'no_quorum', output: 'x' });
    expect(few.end?.warnings).toEqual(['only 2 of 5 voters were there']);
    expect(await vote(say({}), { voters })).toMatchObject({ status: 'failed', reason: 'no_candidate' });
  });

  it('keeps the leader of the last full round when the deadline passes or it is canceled', async () => {
    const hanging: Script = (call, input, asked) =>
      call.round === 2
        ? { output: 'a', afterMs: 20_000 }
        : say({ ann: ['a'], bob: ['b'], cat: ['c'] })(call, input, asked);
    const late = await vote(hanging, {}, null, [], { deadlineMs: 2_500 });
    expect(late).toMatchObject({ status: 'timed_out', reason: 'deadline', output: 'a', end: { rounds: 1 } });

    agents = new ScriptedAgents(hanging);
    const handle = await startRun(worker, 'consensus', { voters: VOTERS });
    await until(() => agents.keys.length === 6);
    await handle.cancel();
    expect(await handle.result()).toBe('canceled');
    expect(agents.end).toMatchObject({ json: 'a', rounds: 1 });
  });

  it('weighs votes by the feedback on the work of the voters, half without any, and says so', async () => {
    const reputations = { ann: 0.9, bob: 0.3 };
    const script = say({ ann: ['yes'], bob: ['no'], cat: ['no'] });
    const measured = { method: 'weighted', weights: 'measured', rounds: 1 };
    const end = await vote(script, measured, null, ['ann', 'bob', 'cat'], {}, reputations);
    expect(end).toMatchObject({ status: 'completed', output: 'yes' });
    const told = agents.events.find(({ type, data }) => type === 'decision' && data.what === 'weights');
    expect(told?.data).toMatchObject({ candidates: ['ann', 'bob', 'cat'], scores: [0.9, 0.3, 0.5] });
    const found = { ...measured, voters: { capability: 'vote', count: 3 } };
    expect(await vote(script, found, null, ['ann', 'bob', 'cat'], {}, reputations)).toMatchObject({ output: 'yes' });
    expect(await vote(script, measured)).toMatchObject({ output: 'no' });
  });
});
