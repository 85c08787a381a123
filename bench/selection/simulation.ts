import type { Select } from '../../contracts/calls.js';
import { Ejections } from '../../selection/ejections.js';
import { FailureWindow } from '../../selection/failure-window.js';
import type { CandidateLoad } from '../../selection/scorer.js';
import { Shortlist } from '../../selection/shortlist.js';
import { TrackRecord } from '../../selection/track-record.js';
import { quantile } from '../harness/statistics.js';
import { EventQueue } from './event-queue.js';

const AGENTS = 20;
const SLOTS = 4;
/** Mean service times are spread evenly. */
const [FASTEST_MS, SLOWEST_MS] = [30, 120];
/** Of what all slots do at the mean service time: 640 calls a second. */
const UTILISATION = 0.6;
const RATE_PER_MS = (UTILISATION * AGENTS * SLOTS) / ((FASTEST_MS + SLOWEST_MS) / 2);
/** In the middle third two of them are slower; in the last third one fails half of its calls, fast. */
const SLOW: ReadonlySet<number> = new Set([6, 14]);
const SLOWER = 10;
const FAILING = 10;
const FAILS_WITHIN_MS = 2;
/** As the directory of candidates does. */
const REFRESH_MS = 250;
const BREAKER_OPEN_MS = 1_000;

/**
 * `brikk`: calls wait here for slots, and who fails is passed over. `plain`: calls are given at once to the chosen agent,
 * which queues them, whatever comes of them, as balancers do that know neither slots nor health.
 */
export type Balancer = 'brikk' | 'plain';

export interface Simulated {
  calls: number;
  meanMs: number;
  p99Ms: number;
  errorShare: number;
}

interface Agent extends CandidateLoad {
  record: TrackRecord;
  place: number;
  meanMs: number;
  window: FailureWindow;
  /** When its breaker lets calls through again. */
  openUntil: number;
  opened: number;
  /** Calls that it was given beyond its slots. */
  given: Call[];
}

interface Call {
  arrivedAt: number;
  /** Instances that it waits for; undefined: any. */
  wanted?: ReadonlySet<Agent>;
  isOver?: boolean;
}

type Event =
  | { kind: 'arrival' }
  | { kind: 'end'; call: Call; agent: Agent; failed: boolean; latencyMs: number }
  | { kind: 'impatient'; call: Call };

/**
 * Twenty agents of unequal speed under Poisson arrivals, in simulated time, with the selection that workers use: order
 * and waiting of the shortlist, track records, ejections, breakers. A failed call is not repeated.
 */
export function simulate(
  select: Select,
  seed: number,
  { durationMs, balancer = 'brikk' }: { durationMs: number; balancer?: Balancer },
): Simulated {
  const random = seeded(seed);
  const exponential = (meanMs: number) => -meanMs * Math.log(1 - random());
  let now = 0;
  const events = new EventQueue<Event>();
  const ejections = new Ejections(() => now);
  const agents = Array.from({ length: AGENTS }, (_, place) => newAgent(place));
  const waiting: Call[] = [];
  const latencies: number[] = [];
  let [errors, counter, shortlist, readAt] = [0, 0, new Shortlist<Agent>([], select, random), -REFRESH_MS];

  const refresh = () => {
    if (now - readAt < REFRESH_MS) return;
    readAt = now;
    for (const agent of agents) agent.unheardMs = agent.inFlight > 0 ? 0 : now - agent.record.at;
    ejections.compare(agents);
    shortlist = new Shortlist(agents, select, random);
  };
  const begin = (call: Call, agent: Agent) => {
    call.isOver = true;
    const third = Math.floor((now / durationMs) * 3);
    const failed = third >= 2 && agent.place === FAILING && random() < 0.5;
    const slower = third === 1 && SLOW.has(agent.place) ? SLOWER : 1;
    const latencyMs = failed ? FAILS_WITHIN_MS * random() : exponential(agent.meanMs * slower);
    events.add(now + latencyMs, { kind: 'end', call, agent, failed, latencyMs });
  };
  const place = (call: Call, isImpatient: boolean) => {
    refresh();
    const ejected = ejections.among(agents);
    const willing = (agent: Agent) => agent.openUntil <= now && !ejected?.has(agent.instanceId);
    if (balancer === 'plain') {
      const agent = shortlist.choose(counter++, () => true) as Agent;
      agent.inFlight += 1;
      return agent.inFlight <= SLOTS ? begin(call, agent) : void agent.given.push(call);
    }
    const free = (agent: Agent) => agent.inFlight < SLOTS && willing(agent);
    const best = shortlist.choose(counter++, free);
    const wait = best && !isImpatient ? shortlist.worthWaiting(best, waiting.length + 1, { free, willing }) : undefined;
    if (best && !wait) {
      best.inFlight += 1;
      return begin(call, best);
    }
    call.wanted = wait && new Set(wait.wanted);
    waiting.push(call);
    if (wait) events.add(now + wait.waitMs, { kind: 'impatient', call });
  };
  const end = ({ call, agent, failed, latencyMs }: Extract<Event, { kind: 'end' }>) => {
    latencies.push(now - call.arrivedAt);
    if (failed) errors += 1;
    agent.record.learn(!failed, latencyMs, now);
    ejections.report(agent.instanceId, failed);
    if (agent.window.add(failed ? 'failed' : 'succeeded', now)) {
      agent.window = new FailureWindow();
      agent.opened += 1;
      agent.openUntil = now + BREAKER_OPEN_MS * agent.opened;
    }
    const given = agent.given.shift();
    if (given) {
      agent.inFlight -= 1;
      return begin(given, agent);
    }
    const next = waiting.findIndex(({ wanted }) => wanted?.has(agent) ?? agent.openUntil <= now);
    const [waiter] = next < 0 ? [] : waiting.splice(next, 1);
    if (waiter) begin(waiter, agent);
    else agent.inFlight -= 1;
  };

  events.add(exponential(1 / RATE_PER_MS), { kind: 'arrival' });
  for (let next = events.next(); next; next = events.next()) {
    now = next.at;
    const { event } = next;
    if (event.kind === 'end') end(event);
    else if (event.kind === 'arrival') {
      if (now < durationMs) events.add(now + exponential(1 / RATE_PER_MS), event);
      place({ arrivedAt: now }, false);
    } else if (!event.call.isOver) {
      waiting.splice(waiting.indexOf(event.call), 1);
      place(event.call, true);
    }
  }
  const meanMs = latencies.reduce((sum, latency) => sum + latency, 0) / latencies.length;
  return { calls: latencies.length, meanMs, p99Ms: quantile(latencies, 0.99), errorShare: errors / latencies.length };
}

export const newAgent = (place: number): Agent => ({
  instanceId: String(place).padStart(2, '0'),
  maxConcurrency: SLOTS,
  inFlight: 0,
  queued: 0,
  load: null,
  latencyMs: null,
  successRate: null,
  record: new TrackRecord(),
  place,
  meanMs: FASTEST_MS + ((SLOWEST_MS - FASTEST_MS) * place) / (AGENTS - 1),
  window: new FailureWindow(),
  openUntil: 0,
  opened: 0,
  given: [],
});

/** Mulberry32: the same numbers for the same seed on every machine. */
function seeded(seed: number): () => number {
  let state = seed;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4_294_967_296;
  };
}
