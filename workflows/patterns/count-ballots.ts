import type { ConsensusMethod } from '../../contracts/consensus.js';
import { canonical } from './canonical.js';
import type { Ballot } from './read-ballot.js';

/** Sums of weights are not exact; a difference below this share is none. */
const EPSILON = 1e-9;

export interface BallotCount {
  /** By choice, in the order they were named first. */
  scores: Map<string, number>;
  /** The choices with the highest score; empty without votes. */
  leaders: string[];
}

/**
 * Votes, weight, points (J.-C. de Borda, 1781: one for each choice ranked below, unranked ones none), approvals, or the
 * mean of what the voters gave, where a choice that a voter leaves out has 0 from it.
 */
export function countBallots(method: ConsensusMethod, ballots: readonly Ballot[]): BallotCount {
  const named = ballots.flatMap(({ choices, scores }) => (scores ? [...scores.keys()] : choices));
  const scores = new Map([...new Set(named)].map((name) => [name, 0]));
  for (const ballot of ballots) {
    for (const [choice, points] of pointsOf(method, ballot, scores.size, ballots.length))
      scores.set(choice, (scores.get(choice) ?? 0) + points);
  }
  const best = Math.max(...scores.values());
  return { scores, leaders: [...scores.keys()].filter((name) => !isMore(best, scores.get(name) ?? 0)) };
}

/** Share of the votes, 0 to 1, that want the choice: by weight where votes are weighed. */
export function support(method: ConsensusMethod, ballots: readonly Ballot[], choice: string): number {
  const weightOf = ({ weight }: Ballot) => (method === 'weighted' ? weight : 1);
  const total = ballots.reduce((sum, ballot) => sum + weightOf(ballot), 0);
  const backers = ballots.filter(({ choices }) =>
    method === 'borda' ? choices[0] === choice : choices.includes(choice),
  );
  return total === 0 ? 0 : backers.reduce((sum, ballot) => sum + weightOf(ballot), 0) / total;
}

/** Whether this leader wins. A broken tie makes exactly half enough where otherwise more than half is asked for. */
export function isWinner(
  method: ConsensusMethod,
  ballots: readonly Ballot[],
  { scores, leaders }: BallotCount,
  leader: string,
  tieBroken: boolean,
): boolean {
  const share = support(method, ballots, leader);
  if (method === 'unanimous') return leaders.length === 1 && share === 1;
  if (method === 'majority' || method === 'weighted') return isMore(share, 0.5) || (tieBroken && !isMore(0.5, share));
  if (!tieBroken && leaders.length > 1) return false;
  const score = scores.get(leader) ?? 0;
  if (typeof method !== 'string') return !isMore(method.score, score);
  return method !== 'approval' || score > 0;
}

/** Whether a voter with veto right voted, and not for this choice (borda: left it out of its ranking). */
export function vetoers(ballots: readonly Ballot[], holders: readonly string[], choice: string): string[] {
  return ballots.flatMap(({ voter, choices }) => (holders.includes(voter) && !choices.includes(choice) ? voter : []));
}

/** The leader whose surest backer is surest, then the one named first. */
export function surest(ballots: readonly Ballot[], leaders: readonly string[]): string | undefined {
  const sureness = (name: string) =>
    Math.max(0, ...ballots.flatMap(({ choices, confidence }) => (choices.includes(name) ? (confidence ?? 0) : [])));
  return leaders.toSorted((one, other) => sureness(other) - sureness(one))[0];
}

/** The voters whose vote is not what it was in the round before; also those who had none then or have none now. */
export function changedVoters(before: readonly Ballot[], now: readonly Ballot[]): string[] {
  const names = [...new Set([...before, ...now].map(({ voter }) => voter))];
  return names.filter((name) => said(before, name) !== said(now, name));
}

function pointsOf(method: ConsensusMethod, ballot: Ballot, choices: number, ballots: number): [string, number][] {
  if (ballot.scores) return [...ballot.scores].map(([name, score]) => [name, score / ballots]);
  if (method === 'borda') return ballot.choices.map((name, place) => [name, choices - 1 - place]);
  return ballot.choices.map((name) => [name, method === 'weighted' ? ballot.weight : 1]);
}

function said(ballots: readonly Ballot[], name: string): string | undefined {
  const ballot = ballots.find(({ voter }) => voter === name);
  return ballot && canonical([ballot.choices, Object.fromEntries(ballot.scores ?? [])]);
}

const isMore = (one: number, other: number) => one - other > EPSILON * Math.max(Math.abs(one), Math.abs(other));
