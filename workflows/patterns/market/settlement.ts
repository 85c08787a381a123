import type { EventData } from '../../../contracts/events.js';
import type { CallResult } from '../../../contracts/run-workflow.js';
import type { Offer } from './auction-rules.js';

export type Settlement = Omit<EventData['market.settled'], 'path'>;

/**
 * What a winner promised against what it did. `deviation` is real minus promised: cost over the price it is paid, time
 * over its estimate, confidence over the one it bid with; null where one of the two is not known.
 */
export function settle(offer: Offer, priceUsd: number, call: CallResult): Settlement {
  const { bidder, price, etaMs, confidence = null } = offer;
  const elapsedMs = call.queueMs + call.execMs;
  const real = { costUsd: call.costUsd ?? null, elapsedMs, confidence: call.confidence ?? null };
  // What a person or the budget refused is no fault of the winner.
  const isOff = call.status === 'canceled' || ['approval.rejected', 'agent.budget'].includes(call.error?.code ?? '');
  const outcome = call.status !== 'completed' ? 'defaulted' : elapsedMs > etaMs ? 'late' : 'kept';
  return {
    agent: bidder.agent,
    agentId: bidder.agentId,
    outcome: isOff ? 'canceled' : outcome,
    priceUsd,
    promised: { priceUsd: price, etaMs, confidence },
    real,
    deviation: {
      costUsd: minus(real.costUsd, priceUsd),
      timeMs: elapsedMs - etaMs,
      confidence: minus(real.confidence, confidence),
    },
    ...(call.error === undefined ? {} : { error: call.error }),
  };
}

const minus = (one: number | null, other: number | null): number | null =>
  one === null || other === null ? null : one - other;
