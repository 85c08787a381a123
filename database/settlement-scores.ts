import type { EventData, NewRunEvent } from '../contracts/events.js';
import type { Database } from './database.js';
import { keepScores, lockRun } from './feedback.repository.js';

type Settled = EventData['market.settled'];

/**
 * The winners of a market are held to their bids: what each kept of it is a score of its reputation, as if the market had
 * given feedback on the award. A repeat changes nothing.
 */
export async function rateSettlements(
  database: Database,
  { orgId, runId, events }: { orgId: string; runId: string; events: readonly NewRunEvent[] },
): Promise<void> {
  const settled = events.filter((event) => event.type === 'market.settled');
  if (settled.length === 0) return;
  await database.inOrg(orgId, async (tx) => {
    const run = await lockRun(tx, runId);
    for (const { key, data } of settled) {
      const score = scoreOfSettlement(data);
      const scores = new Map(score === undefined ? [] : [[data.agentId, score]]);
      await keepScores(tx, { runId, callKey: key, actorId: 'market' }, run.with, scores);
    }
  });
}

/**
 * 1 for a promise that was kept, 0 for none of it; else promised over real, for price, time and confidence alike. Undefined
 * when nobody can say: the work was canceled.
 */
export function scoreOfSettlement({ outcome, priceUsd, promised, real }: Settled): number | undefined {
  if (outcome === 'canceled') return undefined;
  if (outcome === 'defaulted') return 0;
  const price = real.costUsd === null ? 1 : kept(priceUsd, real.costUsd);
  const time = kept(Math.max(1, promised.etaMs), real.elapsedMs);
  const isSure = promised.confidence !== null && real.confidence !== null;
  return price * time * (isSure ? kept(real.confidence ?? 0, promised.confidence ?? 0) : 1);
}

/** Share of `limit` in what it became; no more than all of it. */
const kept = (limit: number, real: number): number => (real <= limit ? 1 : limit / real);
