import { setTimeout as delay } from 'node:timers/promises';
import type { BenchOptions, BenchResult } from './harness/report.js';
import type { Stage } from './harness/stage.js';
import { medianOfRows, rounded } from './harness/statistics.js';

const AGENTS = 1_000;
const EVERY_MS = 10_000;
/** Registrations at once. */
const AT_ONCE = 20;
const TARGET_PERCENT = 10;

/** A thousand agents that each say every 10 s that they are there: what that costs beyond what the product needs idle. */
export async function heartbeats(stage: Stage, { quick, rounds }: BenchOptions): Promise<BenchResult> {
  const turns = quick ? 2 : 6;
  const beats = turns * AGENTS;
  const agents = await registered(stage);
  const rows: Record<string, number>[] = [];
  for (let round = 0; round < rounds; round += 1) {
    const idle = await stage.withCpu(
      () => delay(turns * EVERY_MS),
      () => beats,
    );
    const busy = await stage.withCpu(
      () => beat(stage, agents, turns),
      () => beats,
    );
    rows.push(percentOf(idle.cpu, busy.cpu));
  }
  const row = medianOfRows(rows);
  const percent = rounded(row.all ?? Number.NaN);
  return {
    figures: [
      {
        what: '1,000 agents that send a heartbeat every 10 s, of one core',
        unit: '%',
        brikk: percent,
        target: { text: `≤ ${TARGET_PERCENT} %`, met: percent <= TARGET_PERCENT },
      },
    ],
    tables: { 'percent of one core beyond idle, by process': { brikk: row } },
    details: { agents: AGENTS, everyMs: EVERY_MS, turns, rows },
  };
}

type Leased = Awaited<ReturnType<Stage['product']['registerLeased']>>;

async function registered({ product, agents }: Stage): Promise<Leased[]> {
  const made: Leased[] = [];
  for (let from = 0; from < AGENTS; from += AT_ONCE) {
    const names = Array.from({ length: AT_ONCE }, (_, at) => `beating-${from + at}`);
    made.push(
      ...(await Promise.all(
        names.map((name) => product.registerLeased({ name, capability: name, endpoint: `${agents.url}/${name}` })),
      )),
    );
  }
  return made;
}

/** Spread evenly over the ten seconds, as agents that were started by and by are. */
async function beat({ product }: Stage, agents: readonly Leased[], turns: number): Promise<void> {
  const from = performance.now();
  const sent: Promise<void>[] = [];
  for (let turn = 0; turn < turns; turn += 1) {
    for (const [place, agent] of agents.entries()) {
      const dueMs = from + (turn + place / AGENTS) * EVERY_MS - performance.now();
      if (dueMs > 1) await delay(dueMs);
      sent.push(product.heartbeat(agent));
    }
  }
  await Promise.all(sent);
}

/** From CPU milliseconds per heartbeat, idle and not, to the share of one core. */
function percentOf(idle: Record<string, number>, busy: Record<string, number>): Record<string, number> {
  const perSecond = (AGENTS * 1_000) / EVERY_MS;
  const shares = ['api', 'worker', 'temporal', 'postgres'].map((name): [string, number] => {
    const perBeatMs = (busy[name] ?? Number.NaN) - (idle[name] ?? Number.NaN);
    return [name, rounded((perBeatMs * perSecond) / 10)];
  });
  return { ...Object.fromEntries(shares), all: rounded(shares.reduce((sum, [, share]) => sum + share, 0)) };
}
