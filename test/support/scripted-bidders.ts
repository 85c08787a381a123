import type { Json } from '../../contracts/json.js';
import type { Answer, Script } from './scripted-agents.js';

export interface Bidder {
  /** What it offers in each round; null refuses. The last one repeats. */
  bids: (number | null)[];
  /** Takes a Dutch price from here on. */
  takesFrom?: number;
  bid?: Answer;
  work?: Answer;
  etaMs?: number;
}

/** What an agent answers to a call for proposals. */
export const offer = (price: number, etaMs = 100, more: object = {}): Json => ({ bid: { price, etaMs, ...more } });

/** Agents that bid by a list of prices, do the work, and take every answer. */
export function houseOf(bidders: Record<string, Bidder>): Script {
  return (call, input) => {
    const name = call.target.agent ?? '';
    const bidder = bidders[name];
    if (bidder === undefined) return { fail: 'agent.unavailable' };
    if (call.kind === 'decide') return { output: null };
    if (call.kind !== 'bid') return bidder.work ?? { output: `${name} did ${JSON.stringify(input)}` };
    if (bidder.bid) return bidder.bid;
    const { round, price: clock } = input as { round: number; price?: number };
    if (bidder.takesFrom !== undefined)
      return { output: clock! >= bidder.takesFrom ? offer(bidder.takesFrom) : { refuse: { reason: 'too low' } } };
    const price = bidder.bids[Math.min(round, bidder.bids.length) - 1]!;
    return { output: price === null ? { refuse: { reason: 'no' } } : offer(price, bidder.etaMs) };
  };
}
