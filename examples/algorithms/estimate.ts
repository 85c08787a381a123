/** What a worker's work costs and how fast it is. */
export interface Rates {
  baseUsd: number;
  usdPerThousandCharacters: number;
  charactersPerSecond: number;
}

/** What an auction tells its bidders: docs/patterns/market.md. */
export interface CallForBids {
  mechanism?: string;
  reserve?: number;
  /** Of a Dutch auction: the price now. */
  price?: number;
  best?: { price: number };
  minImprovement?: number;
  /** Of an exchange. */
  tasks?: TaskForSale[];
}

export interface Estimate {
  costUsd: number;
  etaMs: number;
}

const OPENING_MARGIN = 1.5;
const LEAST_STEP_USD = 0.01;
/** A request and its answer take time, too. */
const REQUEST_MS = 250;

/** The work's cost and duration by the size of the text; cents and whole milliseconds. */
export function estimate(text: string, { baseUsd, usdPerThousandCharacters, charactersPerSecond }: Rates): Estimate {
  return {
    costUsd: cents(baseUsd + (usdPerThousandCharacters * text.length) / 1_000),
    etaMs: REQUEST_MS + Math.ceil((text.length / charactersPerSecond) * 1_000),
  };
}

/**
 * The price of an honest bidder: its cost where one round decides, the clock's price once it covers the cost (Dutch),
 * and where offers are improved on, a margin that shrinks with the best offer. Undefined when nothing at or above the
 * cost could win.
 */
export function priceToOffer(costUsd: number, { mechanism, price, best, minImprovement = 0, reserve }: CallForBids) {
  const isOpen = mechanism === 'english' || mechanism === 'iterated';
  const asked = isOpen && best ? best.price * (1 - minImprovement) - LEAST_STEP_USD : costUsd * OPENING_MARGIN;
  const limit = price ?? reserve ?? Number.POSITIVE_INFINITY;
  const offered = isOpen ? Math.max(costUsd, Math.min(asked, limit)) : costUsd;
  const cannotWin = offered > limit || (isOpen && best !== undefined && offered > asked);
  return cannotWin ? undefined : cents(offered);
}

/** What an exchange tells of one of its tasks: docs/patterns/market.md. */
export interface TaskForSale {
  quantity: number;
  task: unknown;
}

/**
 * What an honest bidder offers in an exchange: its costs for all the tasks, by the unit, for as many units as it can do.
 * Tenths of a cent; the time is that of the longest task.
 */
export function offerByTheUnit(lots: readonly { quantity: number; text: string }[], rates: Rates, capacity: number) {
  const estimates = lots.map(({ text }) => estimate(text, rates));
  const units = lots.reduce((sum, { quantity }) => sum + quantity, 0);
  const costUsd = estimates.reduce((sum, one) => sum + one.costUsd, 0);
  const etaMs = Math.max(...estimates.map((one) => one.etaMs));
  return { price: Math.ceil((costUsd / units) * 1_000) / 1_000, etaMs, quantity: capacity };
}

const cents = (usd: number): number => Math.round(usd * 100) / 100;
