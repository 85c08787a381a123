import { setTimeout as delay } from 'node:timers/promises';
import { chainSubjects } from './harness/chain.js';
import { drive } from './harness/drive.js';
import { residentMbOf } from './harness/memory.js';
import type { BenchOptions, BenchResult } from './harness/report.js';
import type { Stage } from './harness/stage.js';
import { medianOfRows, rounded } from './harness/statistics.js';

const WAITING_RUNS = 1_000;
const STARTS_AT_ONCE = 20;
const CLIENTS = 10;
/** Until what a start or a load has left is collected. */
const SETTLE_MS = 10_000;
const TARGET_IDLE_MB = 1_200;
const PARTS = ['api', 'worker', 'temporal', 'postgres'];

type Row = Record<string, number>;

/** What the product's processes hold: after their start, with a thousand runs that wait, and how it grows under load. */
export async function memory(stage: Stage, { quick }: BenchOptions): Promise<BenchResult> {
  const loadedMs = quick ? 60_000 : 600_000;
  await delay(SETTLE_MS);
  const idle = await settled(stage);
  await letWait(stage);
  await delay(SETTLE_MS);
  const waiting = await settled(stage);
  const { readings, runs } = await underLoad(stage, loadedMs);
  const growth = slopesOf(readings);
  const grown = `MB a minute, ${CLIENTS} clients for ${loadedMs / 60_000} min`;
  return {
    figures: [
      {
        what: 'memory of the whole stack, idle',
        unit: 'MB',
        brikk: idle.all ?? NaN,
        target: { text: `≤ ${TARGET_IDLE_MB} MB`, met: (idle.all ?? NaN) <= TARGET_IDLE_MB },
      },
      { what: `the same with ${WAITING_RUNS} runs that wait`, unit: 'MB', brikk: waiting.all ?? NaN },
    ],
    tables: {
      'megabytes, pages that processes share counted once': {
        idle,
        [`${WAITING_RUNS} runs wait`]: waiting,
        [grown]: growth,
      },
    },
    details: { waitingRuns: WAITING_RUNS, clients: CLIENTS, loadedMs, runs, readings },
  };
}

/** The median of a few readings: what is collected and made anew moves each of them. */
async function settled(stage: Stage): Promise<Row> {
  const readings: Row[] = [];
  for (let reading = 0; reading < 5; reading += 1) {
    readings.push(read(stage));
    await delay(1_000);
  }
  return medianOfRows(readings);
}

function read(stage: Stage): Row {
  const all = residentMbOf(stage.processes());
  const parts = PARTS.map((name): [string, number] => [name, all[name] ?? NaN]);
  return { ...Object.fromEntries(parts), all: parts.reduce((sum, [, mb]) => sum + mb, 0) };
}

async function letWait({ product }: Stage): Promise<void> {
  const document = { dsl: '1.0.3', namespace: 'bench', name: 'waiting', version: '1.0.0' } as const;
  await product.publishWorkflow({ document, do: [{ rest: { wait: 'P1D' } }] });
  const start = async () => {
    const { id } = await product.accept({ workflow: 'bench/waiting' });
    await product.untilWaiting(id);
  };
  await drive(start, { clients: STARTS_AT_ONCE, runs: WAITING_RUNS / STARTS_AT_ONCE });
}

/** Chains of three calls by a few clients, while the waiting runs go on waiting. */
async function underLoad(
  stage: Stage,
  forMs: number,
): Promise<{ readings: (Row & { minute: number })[]; runs: number }> {
  const [brikk] = await chainSubjects(stage);
  const readings: (Row & { minute: number })[] = [];
  const begin = performance.now();
  const reading = setInterval(
    () => readings.push({ ...read(stage), minute: (performance.now() - begin) / 60_000 }),
    forMs / 60,
  );
  const { tookMs } = await drive(async (input) => brikk?.run(input), { clients: CLIENTS, forMs });
  clearInterval(reading);
  return { readings, runs: tookMs.length };
}

/** Least squares over the second half: the first is the warm-up of heaps and caches. */
function slopesOf(readings: readonly (Row & { minute: number })[]): Row {
  const late = readings.slice(Math.floor(readings.length / 2));
  const mean = (of: (row: Row & { minute: number }) => number) =>
    late.reduce((sum, row) => sum + of(row), 0) / late.length;
  const middle = mean(({ minute }) => minute);
  const spread = mean(({ minute }) => (minute - middle) ** 2);
  const slope = (name: string) => {
    const level = mean((row) => row[name] ?? NaN);
    return mean((row) => ((row[name] ?? NaN) - level) * (row.minute - middle)) / spread;
  };
  return Object.fromEntries([...PARTS, 'all'].map((name) => [name, rounded(slope(name))]));
}
