import type { ConsensusParams } from '../../contracts/consensus.js';
import type { Json } from '../../contracts/json.js';
import type { CallResult } from '../../contracts/run-workflow.js';
import type { Value } from '../../contracts/values.js';
import type { CallTask } from '../lib/call-shape.js';
import type { CallSpec, PatternContext } from '../lib/pattern-context.js';
import { inline, plain } from '../lib/values.js';
import { type Ballot, readAnswer } from './read-ballot.js';

/** One place among the voters, the same agent in every round. */
export interface Voter {
  name: string;
  task: CallTask;
  /** What its vote counts where votes are weighed. */
  weight: number;
  /** Known of voters that were found by their capability; null without feedback. */
  reputation?: number | null;
}

/** What came of asking every voter once. */
export interface VoteRound {
  round: number;
  /** In the order of the voters. */
  ballots: Ballot[];
  abstained: string[];
  failed: { voter: string; call: CallResult }[];
  /** Answers that the method cannot count. */
  invalid: string[];
}

/** The voters that the parameters stand for: of a capability the first so many agents by name. */
export async function votersOf(ctx: PatternContext, { voters, outputSchema }: ConsensusParams): Promise<Voter[]> {
  if ('agents' in voters)
    return voters.agents.map((agent) => ({ name: agent, task: { agent, outputSchema }, weight: 1 }));
  const { capability, count } = voters;
  const found = await ctx.candidates({ capability }, count);
  const isUnique = (name: string) => found.filter(({ agent }) => agent === name).length === 1;
  return found.map(({ agent, agentId, reputation }) => ({
    name: isUnique(agent) ? agent : agentId,
    task: { capability, agent: agentId, outputSchema },
    weight: 1,
    reputation,
  }));
}

/** Asks every voter, with what the round before it may hear of the others. */
export async function voteRound(
  ctx: PatternContext,
  params: ConsensusParams,
  voters: Voter[],
  given: Value,
  round: number,
  before: VoteRound | undefined,
): Promise<VoteRound> {
  const specs = await Promise.all(
    voters.map(async ({ name, task }, place): Promise<CallSpec> => ({
      key: `rounds/${round}/voters/${place}`,
      task,
      input: await inputOf(ctx, params, given, round, name, before),
      role: 'voter',
      round,
    })),
  );
  const calls = await ctx.callAgents(specs);
  const ended: VoteRound = { round, ballots: [], abstained: [], failed: [], invalid: [] };
  for (const [place, call] of calls.entries()) take(ended, params, voters[place] as Voter, call);
  return ended;
}

function take(ended: VoteRound, { method }: ConsensusParams, { name, weight }: Voter, call: CallResult): void {
  if (call.status !== 'completed') return void ended.failed.push({ voter: name, call });
  const answer = plain(call.output ?? inline(null));
  // An answer that is only a reference is too large to be told to every other voter.
  const read = answer === undefined ? 'invalid' : readAnswer(method, answer);
  if (read === 'abstained') return void ended.abstained.push(name);
  if (read === 'invalid') return void ended.invalid.push(name);
  const sureness = call.confidence === undefined ? {} : { confidence: call.confidence };
  ended.ballots.push({ voter: name, weight, ...read, ...sureness });
}

/** The question; from the second round on with what the voter said and, if shared, what the others said. */
function inputOf(
  ctx: PatternContext,
  { input: template, share }: ConsensusParams,
  given: Value,
  round: number,
  voter: string,
  before: VoteRound | undefined,
): Value | Promise<Value> {
  const ballots = before?.ballots ?? [];
  const own = inline(ballots.find((ballot) => ballot.voter === voter)?.vote ?? null);
  const others = share === 'none' ? [] : ballots.filter((ballot) => ballot.voter !== voter);
  const votes = inline(others.map((ballot) => told(ballot, share === 'reasons')));
  if (template !== undefined) return ctx.input(template, given, { input: given, round: inline(round), own, votes });
  return round === 1 || share === 'none' ? given : { object: { input: given, round: inline(round), own, votes } };
}

function told({ voter, vote, reason }: Ballot, withReason: boolean): Json {
  return { voter, vote, ...(withReason && reason !== undefined ? { reason } : {}) };
}
