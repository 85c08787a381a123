import type { Select } from '../../contracts/calls.js';
import { Shortlist } from '../../selection/shortlist.js';
import { TrackRecord } from '../../selection/track-record.js';
import { quantile, rounded } from '../harness/statistics.js';
import { newAgent } from './simulation.js';

const CANDIDATES = 1_000;
const CHOICES = 2_000;
const POLICIES: readonly Select[] = ['expected-completion', 'least-busy', 'round-robin', 'random'];

/** Wall-clock milliseconds of choices under which all slots fill; each 1,000th orders the candidates anew. */
export function thousandCandidates(): { all: number[]; rows: Record<string, Record<string, number>> } {
  const measured = POLICIES.map((select) => ({ select, tookMs: choose(select) }));
  const rows = measured.map(({ select, tookMs }) => [
    select,
    { p50: rounded(quantile(tookMs, 0.5)), p99: rounded(quantile(tookMs, 0.99)) },
  ]);
  return { all: measured.flatMap(({ tookMs }) => tookMs), rows: Object.fromEntries(rows) };
}

function choose(select: Select): number[] {
  const agents = Array.from({ length: CANDIDATES }, (_, place) => {
    const record = new TrackRecord();
    for (let call = 0; call < 10; call += 1) record.learn(true, 50 + (place % 40), call);
    return { ...newAgent(place), record };
  });
  const free = ({ inFlight, maxConcurrency }: (typeof agents)[number]) => inFlight < maxConcurrency;
  let shortlist = new Shortlist(agents, select, Math.random);
  return Array.from({ length: CHOICES }, (_, choice) => {
    const from = performance.now();
    if (choice % CANDIDATES === 0) shortlist = new Shortlist(agents, select, Math.random);
    const chosen = shortlist.choose(choice, free);
    if (chosen) {
      shortlist.worthWaiting(chosen, 1, { free, willing: () => true });
      chosen.inFlight += 1;
    }
    return performance.now() - from;
  });
}
