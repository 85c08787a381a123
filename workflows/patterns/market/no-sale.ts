import type { MarketParams } from '../../../contracts/market.js';
import type { PatternContext } from '../../lib/pattern-context.js';
import { failed, type PatternResult } from '../../lib/pattern-result.js';
import { NULL } from '../../lib/values.js';
import type { AuctionEnd } from './run-auction.js';

/** Why nothing is awarded: nobody was asked, or too few made an offer. */
export function noSale(
  { where: path }: PatternContext,
  { minBids, task }: MarketParams,
  asked: number,
  { offers, counts }: Pick<AuctionEnd, 'offers' | 'counts'>,
): PatternResult {
  if (asked === 0) {
    const message = `There is nobody to ask for a bid on ${task.capability}`;
    return failed('no_candidate', NULL, { code: 'agent.unavailable', message, path });
  }
  const others = Object.entries(counts).flatMap(([status, count]) =>
    status === 'offer' ? [] : `${count} ${status.replace('_', ' ')}`,
  );
  const rest = others.length === 0 ? '' : ` (${others.join(', ')})`;
  const message = `${offers.length} of ${asked} agents made an offer${rest}; ${minBids} needed`;
  return failed('no_bids', NULL, { code: 'agent.unavailable', message, path });
}
