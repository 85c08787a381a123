import type { Bid } from '../../../contracts/agent-protocol.js';
import type { MarketParams, Mechanism } from '../../../contracts/market.js';
import type { CandidateAgent } from '../../../contracts/run-workflow.js';

/** A bid that counts. */
export interface Offer extends Bid {
  bidder: CandidateAgent;
  round: number;
  /** The lowest wins. */
  score: number;
  /** How long its agent took to answer. */
  answerMs: number;
  /** When it lapses; milliseconds since the epoch. */
  validUntil: number;
  /** A number of the run's own randomness, for `tieBreak: seeded`. */
  lot: number;
}

export type RankTerms = Pick<MarketParams, 'tieBreak'>;

/** Best first: the lowest score, then the tie break, then the agent's id, so that there is never a tie left. */
export function rankOffers(offers: Iterable<Offer>, { tieBreak }: RankTerms): Offer[] {
  const key = (offer: Offer): number => {
    if (tieBreak === 'earliest') return offer.answerMs;
    if (tieBreak === 'seeded') return offer.lot;
    const { reputation, successRate } = offer.bidder;
    return -(reputation ?? successRate ?? 0);
  };
  return [...offers].sort(
    (one, other) =>
      one.score - other.score || key(one) - key(other) || (one.bidder.agentId < other.bidder.agentId ? -1 : 1),
  );
}

/**
 * What an awarded offer is paid. Vickrey pays the best offer that was not awarded, the reserve when there is none
 * (its own price when there is no reserve either); every other mechanism pays what was offered.
 */
export function priceOf(
  mechanism: Mechanism,
  offer: Pick<Offer, 'price'>,
  runnerUp: Pick<Offer, 'price'> | undefined,
  reserve: number | undefined,
): number {
  return mechanism === 'vickrey' ? (runnerUp?.price ?? reserve ?? offer.price) : offer.price;
}

/** Whether the best score fell by more than nothing and at least this share of what it was. */
export function improves(before: number, now: number, minImprovement: number): boolean {
  return now < before && before - now >= Math.abs(before) * minImprovement;
}

/** The price of a step of the Dutch clock: it rises in equal steps and ends at the reserve. */
export const clockPrice = (step: number, steps: number, reserve: number): number =>
  step === steps ? reserve : (reserve * step) / steps;

/** Rounds of bidding that one auction may take. */
export function roundLimit({ mechanism, maxRounds }: Pick<MarketParams, 'mechanism' | 'maxRounds'>): number {
  return mechanism === 'iterated' || mechanism === 'english' || mechanism === 'dutch' ? maxRounds : 1;
}
