import type { Bid } from '../../../contracts/agent-protocol.js';
import type { Json } from '../../../contracts/json.js';

export type BidAnswer = { bid: Bid } | { refused: string } | { malformed: string };

/** What an agent's answer to a call for proposals says; what is neither an offer nor a refusal is malformed. */
export function readBid(output: Json | undefined): BidAnswer {
  if (output === undefined) return { malformed: 'the answer is too large for a bid' };
  if (!isObject(output)) return { malformed: 'the answer is no object' };
  if (isObject(output.refuse)) {
    const { reason } = output.refuse;
    return { refused: typeof reason === 'string' ? reason : 'no reason given' };
  }
  const { bid } = output;
  if (!isObject(bid)) return { malformed: 'the answer has neither bid nor refuse' };
  const { price, etaMs, confidence, conditions, quantity, validForMs } = bid;
  if (!isAmount(price)) return { malformed: 'bid.price is no amount' };
  if (!isAmount(etaMs)) return { malformed: 'bid.etaMs is no duration' };
  if (confidence !== undefined && !(isAmount(confidence) && confidence <= 1))
    return { malformed: 'bid.confidence is not between 0 and 1' };
  if (quantity !== undefined && !(isAmount(quantity) && quantity > 0))
    return { malformed: 'bid.quantity is no number of units' };
  if (validForMs !== undefined && !(isAmount(validForMs) && validForMs > 0))
    return { malformed: 'bid.validForMs is no duration' };
  return {
    bid: {
      price,
      etaMs,
      ...(confidence === undefined ? {} : { confidence }),
      ...(conditions === undefined ? {} : { conditions }),
      ...(quantity === undefined ? {} : { quantity }),
      ...(validForMs === undefined ? {} : { validForMs }),
    },
  };
}

const isObject = (value: Json | undefined): value is Record<string, Json> =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

const isAmount = (value: Json | undefined): value is number =>
  typeof value === 'number' && Number.isFinite(value) && value >= 0;
