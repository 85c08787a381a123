import type { ConsensusParams } from '../../contracts/consensus.js';
import type { Value } from '../../contracts/values.js';
import type { PatternContext } from '../lib/pattern-context.js';
import { canceled, completed, failed, fromCall, type PatternResult, result } from '../lib/pattern-result.js';
import { inline, NULL } from '../lib/values.js';
import { breakTie } from './break-tie.js';
import { isWinner, vetoers } from './count-ballots.js';
import { type JudgedRound, judgeRound, quorumOf, valueOf } from './judge-round.js';
import { lostVotes, reportRound, ruleName } from './report-round.js';
import { type Voter, voteRound, votersOf } from './vote-round.js';
import { weighVoters } from './voter-weights.js';

/**
 * Voters answer, hear the others and answer again, until they agree, nobody changes the vote, or the rounds are over.
 * Without agreement the result is `partial` with the leading choice; too few votes fail, and a veto rejects.
 */
export async function consensus(outer: PatternContext, params: ConsensusParams, given: Value): Promise<PatternResult> {
  const ctx = outer.withOptions(params);
  const voters = await weighVoters(ctx, params, await votersOf(ctx, params));
  if (voters.length === 0) return nobody(ctx, params);
  ctx.describe(`${voters.length} voters, ${ruleName(params)}`);
  const warnings = absentVoters(params, voters);
  let last: JudgedRound | undefined;
  for (let round = 1; round <= params.rounds; round += 1) {
    const votes = await voteRound(ctx, params, voters, given, round, last);
    if (ctx.stopped !== undefined)
      return { ...canceled(last ? leading(params, last) : NULL), rounds: round - 1, warnings };
    last = judgeRound(params, votes, last);
    reportRound(ctx, params, last);
    const settled = last.verdict === 'agreed' || last.ballots.length === 0;
    if (settled || (round > 1 && last.changed.length === 0)) break;
  }
  if (!last) throw new Error('there is at least one round');
  const end = await conclude(ctx, params, last, given);
  return { ...end, rounds: last.round, warnings: [...warnings, ...lostVotes(last)] };
}

async function conclude(
  ctx: PatternContext,
  params: ConsensusParams,
  last: JudgedRound,
  input: Value,
): Promise<PatternResult> {
  const best = leading(params, last);
  switch (last.verdict) {
    case 'agreed':
      return agreed(best);
    case 'no_quorum':
      return tooFew(ctx, params, last, best);
    case 'vetoed':
      return vetoed(ctx, last.vetoedBy, best);
    case 'no_consensus': {
      const leader = await breakTie(ctx, params, last, input, (choice) => valueOf(params, last, choice));
      if (leader === undefined || !isWinner(params.method, last.ballots, last.count, leader, true))
        return result('partial', 'no_consensus', best);
      const chosen = inline(valueOf(params, last, leader));
      const vetoedBy = vetoers(last.ballots, params.veto ?? [], leader);
      return vetoedBy.length === 0 ? agreed(chosen) : vetoed(ctx, vetoedBy, chosen);
    }
  }
}

const agreed = (choice: Value): PatternResult => ({ ...completed(choice), terminationReason: 'rule_met' });

function vetoed({ where: path }: PatternContext, by: string[], choice: Value): PatternResult {
  const error = { code: 'agent.permanent', message: `vetoed by ${by.join(', ')}`, path };
  return { ...result('rejected', 'vetoed', choice), error };
}

/** When nobody voted because agents failed, their failure is the reason. */
function tooFew(ctx: PatternContext, params: ConsensusParams, { ballots, failed: lost }: JudgedRound, best: Value) {
  const [first] = lost;
  if (first && ballots.length === 0) return { ...fromCall(first.call, ctx.where), output: best };
  const message = `${ballots.length} votes were cast, ${quorumOf(params)} are the quorum`;
  return failed('no_quorum', best, { code: 'agent.permanent', message, path: ctx.where });
}

function nobody(ctx: PatternContext, { voters }: ConsensusParams): PatternResult {
  const whom = 'capability' in voters ? ` for the capability ${voters.capability}` : '';
  const message = `there is no agent to vote${whom}`;
  return failed('no_candidate', NULL, { code: 'agent.unavailable', message, path: ctx.where });
}

function absentVoters({ voters, veto = [], weights = {} }: ConsensusParams, found: Voter[]): string[] {
  const names = new Set(found.map(({ name }) => name));
  const absent = [...new Set([...veto, ...(weights === 'measured' ? [] : Object.keys(weights))])].filter(
    (name) => !names.has(name),
  );
  const isShort = 'count' in voters && found.length < voters.count;
  return [
    ...(isShort ? [`only ${found.length} of ${voters.count} voters were there`] : []),
    ...absent.map((name) => `${name} has a veto or a weight and is not among the voters`),
  ];
}

function leading(params: ConsensusParams, last: JudgedRound): Value {
  const [leader] = last.count.leaders;
  return leader === undefined ? NULL : inline(valueOf(params, last, leader));
}
