import { randomUUID } from 'node:crypto';
import { setTimeout as delay } from 'node:timers/promises';
import { isTerminal } from '../contracts/runs.js';
import { askAgent } from './harness/ask-agent.js';
import { nowMs } from './harness/clock.js';
import { MixedAgents, type MixedPhase } from './harness/mixed-agents.client.js';
import type { BenchOptions, BenchResult, Rows } from './harness/report.js';
import type { Stage } from './harness/stage.js';
import { median, quantile, rotated, rounded } from './harness/statistics.js';

const PHASES: MixedPhase[] = ['even', 'slow', 'failing'];
const PHASE_MS = { quick: 25_000, full: 60_000 };
const CAPABILITY = 'mixed';
/** 111 calls a second: 60 % of what the agents can do (4 slots ÷ mean service time, over all of them). */
const RATE_PER_S = 111;
/** Calls come in runs of so much time's. */
const EVERY_MS = 500;
const DRAIN_MS = 120_000;
const LOOK_MS = 1_000;
const TARGET = 10;

interface Measured {
  calls: number;
  meanMs: number;
  p99Ms: number;
  /** Calls that nobody has answered. */
  unanswered: number;
}

/** Starts a batch of items. */
type Send = (items: { n: number }[]) => Promise<unknown>;

/** Twenty agents of unequal speed, two of which turn slow and one of which fails, beside round-robin over plain HTTP. */
export async function liveSelection(stage: Stage, { quick, rounds }: BenchOptions): Promise<BenchResult> {
  const agents = await MixedAgents.start();
  try {
    for (const endpoint of agents.endpoints)
      await stage.product.register({ name: CAPABILITY, endpoint, capability: CAPABILITY, maxConcurrency: 4 });
    const phaseMs = quick ? PHASE_MS.quick : PHASE_MS.full;
    const senders = { brikk: byProduct(stage), roundRobin: byTurns(agents) };
    const measured: Record<keyof typeof senders, Measured[]> = { brikk: [], roundRobin: [] };
    for (let round = 0; round < rounds; round += 1)
      for (const subject of rotated(['brikk', 'roundRobin'] as const, round))
        measured[subject].push(await measure(agents, senders[subject], phaseMs));
    const ratio = median(measured.brikk.map(({ p99Ms }, at) => p99Ms / (measured.roundRobin[at] as Measured).p99Ms));
    const p99 = (of: Measured[]) => rounded(median(of.map(({ p99Ms }) => p99Ms)));
    return {
      figures: [
        {
          what: '20 agents of unequal speed, two turn slow, one fails: p99 of a call',
          unit: 'ms',
          brikk: p99(measured.brikk),
          reference: { name: 'round-robin, given at once', value: p99(measured.roundRobin) },
          ratio,
          target: { text: `≤ 1/${TARGET}`, met: ratio <= 1 / TARGET },
        },
      ],
      tables: { [`20 agents, ${RATE_PER_S} calls a second, ${(3 * phaseMs) / 1_000} s`]: rowsOf(measured) },
      details: { phaseMs, measured },
    };
  } finally {
    await agents.stop();
  }
}

const rowsOf = (measured: Record<string, Measured[]>): Rows =>
  Object.fromEntries(
    Object.entries(measured).map(([subject, runs]) => [
      subject,
      {
        'mean ms': rounded(median(runs.map(({ meanMs }) => meanMs))),
        'p99 ms': rounded(median(runs.map(({ p99Ms }) => p99Ms))),
        'not done': median(runs.map(({ unanswered }) => unanswered)),
        calls: median(runs.map(({ calls }) => calls)),
      },
    ]),
  );

/** From the moment at which a call is wanted to its answer; retries, queues and the way through the product included. */
async function measure(agents: MixedAgents, send: Send, phaseMs: number): Promise<Measured> {
  await agents.reset();
  const wantedAt: number[] = [];
  const sent: Promise<unknown>[] = [];
  for (const phase of PHASES) {
    await agents.enter(phase);
    const from = performance.now();
    for (let batch = 0; batch * EVERY_MS < phaseMs; batch += 1) {
      const items = Array.from({ length: arrivals() }, (_, at) => ({ n: wantedAt.length + at }));
      wantedAt.push(...items.map(() => nowMs()));
      if (items.length > 0) sent.push(send(items));
      await delay(Math.max(0, from + (batch + 1) * EVERY_MS - performance.now()));
    }
  }
  await agents.enter('even');
  await Promise.race([Promise.allSettled(sent), delay(DRAIN_MS, undefined, { ref: false })]);
  const answeredAt = new Map((await agents.answered()).map(({ n, at }) => [n, at]));
  const times = wantedAt.flatMap((at, n) => (answeredAt.has(n) ? [(answeredAt.get(n) as number) - at] : []));
  return {
    calls: wantedAt.length,
    meanMs: times.reduce((sum, ms) => sum + ms, 0) / times.length,
    p99Ms: quantile(times, 0.99),
    unanswered: wantedAt.length - times.length,
  };
}

/** Of a Poisson process, in the time of one batch (Knuth). */
function arrivals(): number {
  const limit = Math.exp((-RATE_PER_S * EVERY_MS) / 1_000);
  let count = -1;
  for (let left = 1; left > limit; left *= Math.random()) count += 1;
  return count;
}

/** Until the run has ended. */
const byProduct =
  ({ product }: Stage): Send =>
  async (items) => {
    const { id } = await product.accept({ pattern: 'concurrent', with: { items, branch: { capability: CAPABILITY } } });
    while (!isTerminal((await product.find(id)).status)) await delay(LOOK_MS);
  };

/** Each agent in its turn, at once, whatever it has to do: it queues what is beyond its slots. */
function byTurns({ endpoints }: MixedAgents): Send {
  let turn = 0;
  const runId = randomUUID();
  return (items) =>
    Promise.allSettled(
      items.map((input) => {
        const endpoint = endpoints[turn++ % endpoints.length] as string;
        return askAgent({ endpoint, runId, step: `/${input.n}`, input });
      }),
    );
}
