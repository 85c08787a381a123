export type VoteMethod = 'majority' | 'plurality' | 'weighted' | 'borda';
export type TieBreak = 'first' | 'highestConfidence';

export interface Ballot {
  /** What is voted for, best first: one choice, or a whole ranking for borda. */
  choices: string[];
  confidence?: number;
}

export interface VoteCount {
  /** Undefined when a majority is asked for and there is none. */
  winner: string | undefined;
  /** The choice with the highest score, tie broken. */
  leader: string;
  scores: Record<string, number>;
  /** Share of the ballots whose first choice is the leader. */
  agreement: number;
  /** Positions of the ballots whose first choice is another. */
  dissenters: number[];
  tied: boolean;
}

/**
 * Counts at least one ballot. `weighted` weighs a ballot by its confidence, 1 when it says none. `borda` (J.-C. de Borda,
 * 1781) gives a choice as many points as there are choices ranked below it, unranked ones none, over all choices named.
 */
export function countVotes(method: VoteMethod, ballots: readonly Ballot[], tieBreak: TieBreak): VoteCount {
  const names = [...new Set(ballots.flatMap(({ choices }) => choices))];
  const scores = new Map(names.map((name) => [name, 0]));
  for (const { choices, confidence } of ballots) {
    const ranked = method === 'borda' ? [...new Set(choices)] : choices.slice(0, 1);
    for (const [place, name] of ranked.entries()) {
      const points = method === 'borda' ? names.length - 1 - place : method === 'weighted' ? (confidence ?? 1) : 1;
      scores.set(name, (scores.get(name) ?? 0) + points);
    }
  }
  const best = Math.max(...scores.values());
  const tied = names.filter((name) => scores.get(name) === best);
  const leader = breakTie(tied, ballots, tieBreak);
  const backers = ballots.filter(({ choices }) => choices[0] === leader).length;
  return {
    leader,
    winner: method === 'majority' && backers * 2 <= ballots.length ? undefined : leader,
    scores: Object.fromEntries(scores),
    agreement: backers / ballots.length,
    dissenters: ballots.flatMap(({ choices }, position) => (choices[0] === leader ? [] : position)),
    tied: tied.length > 1,
  };
}

/** `first`: the choice named first; `highestConfidence`: the one whose surest backer is surest. */
function breakTie(tied: string[], ballots: readonly Ballot[], tieBreak: TieBreak): string {
  if (tieBreak === 'first') return tied[0] as string;
  const sureness = (name: string) =>
    Math.max(0, ...ballots.flatMap(({ choices, confidence }) => (choices[0] === name ? (confidence ?? 0) : [])));
  return tied.reduce((best, name) => (sureness(name) > sureness(best) ? name : best));
}
