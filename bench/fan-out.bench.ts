import { randomUUID } from 'node:crypto';
import { askAgent } from './harness/ask-agent.js';
import { fanByProduct, fanEndpoints, registerFan } from './harness/fan.js';
import type { Figure } from './harness/figures.js';
import type { BenchOptions, BenchResult, Rows } from './harness/report.js';
import type { Stage } from './harness/stage.js';
import { median, medianOfRows, rotated, rounded } from './harness/statistics.js';

/** Until Node has compiled what a fan-out runs, on both sides; the very first run stands in a column of its own. */
const WARM_UPS = 20;

/** One run over many agents at once, every call journaled, beside the same calls as plain HTTP. */
export async function fanOut(stage: Stage, { quick, rounds }: BenchOptions): Promise<BenchResult> {
  const sizes = quick ? [100, 1_000] : [10, 100, 1_000];
  const delaysMs = quick ? [100] : [0, 100];
  const repeats = quick ? Math.max(3, rounds) : Math.max(5, rounds);
  const rows: Rows = {};
  const cpuRows: Rows = {};
  const details: Record<string, unknown> = {};
  const figures: Figure[] = [];

  for (const size of sizes) {
    await registerFan(stage, size);
    for (const delayMs of delaysMs) {
      const title = `${size} × ${delayMs} ms`;
      const { times, first, cpu, endpoints, repeated } = await compare(stage, size, delayMs, repeats);
      const brikk = rounded(median(times.brikk));
      const http = rounded(median(times.http));
      const ratio = median(times.brikk.map((ms, index) => ms / (times.http[index] as number)));
      rows[title] = {
        brikk,
        http,
        ratio: rounded(ratio),
        first: rounded(first),
        instancesUsed: endpoints,
        repeatedCalls: repeated,
      };
      cpuRows[title] = medianOfRows(cpu);
      details[title] = { times, first, cpu, repeated };
      const measuredByTarget = size === 1_000 && delayMs === 100;
      figures.push({
        what: `one run over ${size.toLocaleString('en-US')} agents of ${delayMs} ms, makespan`,
        unit: 'ms',
        brikk,
        reference: { name: 'plain HTTP', value: http },
        ratio,
        ...(measuredByTarget && { target: { text: '≤ 1.7 ×', met: ratio <= 1.7 } }),
      });
    }
  }
  return {
    figures,
    tables: { [`makespan, median of ${repeats}, milliseconds`]: rows, 'CPU milliseconds per agent call': cpuRows },
    details,
  };
}

interface Comparison {
  times: { brikk: number[]; http: number[] };
  /** The product's first run, before any warm-up. */
  first: number;
  cpu: Record<string, number>[];
  /** Instances that the product called in one run. */
  endpoints: number;
  /** Calls that went out twice without a fault, warm-up included; must be 0. */
  repeated: number;
}

async function compare(stage: Stage, size: number, delayMs: number, repeats: number): Promise<Comparison> {
  const comparison: Comparison = { times: { brikk: [], http: [] }, first: 0, cpu: [], endpoints: 0, repeated: 0 };
  for (let repeat = 0; repeat < repeats + WARM_UPS; repeat += 1) {
    for (const subject of rotated(['brikk', 'http'] as const, repeat)) {
      const work = subject === 'brikk' ? byProduct : byHttp;
      await stage.agents.reset(delayMs);
      const { result: ms, cpu } = await stage.withCpu(() => work(stage, size));
      const seen = await stage.agents.stats();
      comparison.repeated += seen.duplicates;
      if (subject === 'brikk' && repeat === 0) comparison.first = ms;
      if (repeat < WARM_UPS) continue;
      comparison.times[subject].push(ms);
      if (subject === 'http') continue;
      comparison.cpu.push(cpu);
      comparison.endpoints = seen.endpoints;
    }
  }
  return comparison;
}

async function byProduct(stage: Stage, size: number): Promise<number> {
  const begin = performance.now();
  await fanByProduct(stage, size);
  return performance.now() - begin;
}

async function byHttp({ agents }: Stage, size: number): Promise<number> {
  const runId = randomUUID();
  const begin = performance.now();
  const calls = fanEndpoints(agents, size).map((endpoint, index) =>
    askAgent({ endpoint, runId, step: `/items/${index}`, input: index }),
  );
  await Promise.all(calls);
  return performance.now() - begin;
}
