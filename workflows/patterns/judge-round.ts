import type { ConsensusParams } from '../../contracts/consensus.js';
import type { Json } from '../../contracts/json.js';
import { canonical } from './canonical.js';
import { type BallotCount, changedVoters, countBallots, isWinner, vetoers } from './count-ballots.js';
import { valuesOf } from './read-ballot.js';
import type { VoteRound } from './vote-round.js';

/** A round with its count, and why nobody won it when nobody did. */
export interface JudgedRound extends VoteRound {
  count: BallotCount;
  verdict: 'agreed' | 'no_consensus' | 'no_quorum' | 'vetoed';
  /** Voters whose vote is another one than in the round before; empty in the first. */
  changed: string[];
  vetoedBy: string[];
}

/** Whether the round decides: enough votes, a winner by the method, and no veto against it. */
export function judgeRound(params: ConsensusParams, votes: VoteRound, before: VoteRound | undefined): JudgedRound {
  const { method, veto = [] } = params;
  const { ballots } = votes;
  const count = countBallots(method, ballots);
  const [leader] = count.leaders;
  const wins = leader !== undefined && isWinner(method, ballots, count, leader, false);
  const vetoedBy = wins ? vetoers(ballots, veto, leader) : [];
  const decided = vetoedBy.length > 0 ? 'vetoed' : wins ? 'agreed' : 'no_consensus';
  return {
    ...votes,
    count,
    changed: before ? changedVoters(before.ballots, ballots) : [],
    vetoedBy,
    verdict: ballots.length < quorumOf(params) ? 'no_quorum' : decided,
  };
}

/** Votes that must be cast; more than half of the voters unless said. */
export function quorumOf({ voters, quorum }: ConsensusParams): number {
  const wanted = 'agents' in voters ? voters.agents.length : voters.count;
  return quorum ?? Math.floor(wanted / 2) + 1;
}

/** The choice as somebody voted for it. */
export function valueOf({ method }: ConsensusParams, { ballots }: VoteRound, choice: string): Json {
  const named = ballots.flatMap(({ vote }) => valuesOf(method, vote));
  return named.find((value) => canonical(value) === choice) ?? null;
}
