import { atRate } from './harness/at-rate.js';
import { until } from './harness/clock.js';
import type { Figure } from './harness/figures.js';
import type { BenchOptions, BenchResult } from './harness/report.js';
import type { Stage } from './harness/stage.js';
import { medianOfRows, quantile, rotated } from './harness/statistics.js';

const PER_SECOND = 100;
/** Fewer than two cores can also perform: what accepting takes by itself. */
const GENTLE_PER_SECOND = 20;
const CAPABILITY = 'api-echo';
const TARGET_MS = 50;
const ENDED_DEADLINE_MS = 300_000;

type Row = Record<'p50' | 'p99' | 'max', number>;

/** Requests at a rate that waits for nobody: how soon the API accepts a run, and how soon it answers readers. */
export async function api(stage: Stage, { quick, rounds }: BenchOptions): Promise<BenchResult> {
  const [warmUpMs, measuredMs] = quick ? [1_000, 4_000] : [3_000, 15_000];
  const { product, agents } = stage;
  await product.register({
    name: CAPABILITY,
    endpoint: `${agents.url}/api`,
    capability: CAPABILITY,
    maxConcurrency: 100,
  });
  const { id } = await product.run(oneCall());
  const paths: Path[] = [
    { name: 'POST /v1/runs', perSecond: GENTLE_PER_SECOND, ask: () => accept(stage) },
    { name: 'POST /v1/runs', perSecond: PER_SECOND, ask: () => accept(stage), targetMs: TARGET_MS },
    { name: 'GET /v1/runs/{id}', perSecond: PER_SECOND, ask: () => product.find(id) },
    { name: 'GET /v1/runs/{id}/events', perSecond: PER_SECOND, ask: () => product.events(id) },
    { name: 'GET /v1/runs', perSecond: PER_SECOND, ask: () => product.ask('GET', '/v1/runs?limit=50') },
    { name: 'GET /v1/agents', perSecond: PER_SECOND, ask: () => product.ask('GET', '/v1/agents') },
  ];
  const rowsOf = new Map<Path, Row[]>(paths.map((path) => [path, []]));
  const cpuOf = new Map<Path, Record<string, number>[]>(paths.map((path) => [path, []]));
  for (let round = 0; round < rounds; round += 1)
    for (const path of rotated(paths, round)) {
      await requests(path, warmUpMs);
      await untilAllEnded(stage);
      const work = async () => {
        const row = await requests(path, measuredMs);
        await untilAllEnded(stage);
        return row;
      };
      const { result: row, cpu } = await stage.withCpu(work, () => (path.perSecond * measuredMs) / 1_000);
      rowsOf.get(path)?.push(row);
      cpuOf.get(path)?.push(cpu);
    }
  const rows = [...rowsOf].map(([path, all]) => ({ path, row: medianOfRows(all) }));
  return {
    figures: rows.map(({ path, row }) => figureOf(path, row)),
    tables: {
      'milliseconds from when a request was due to its answer': Object.fromEntries(
        rows.map(({ path, row }) => [titleOf(path), row]),
      ),
      'CPU milliseconds per request, with the run that it starts': Object.fromEntries(
        [...cpuOf].map(([path, all]) => [titleOf(path), medianOfRows(all)]),
      ),
    },
    details: { warmUpMs, measuredMs, rounds: [...rowsOf].map(([path, all]) => ({ path: titleOf(path), rows: all })) },
  };
}

interface Path {
  name: string;
  perSecond: number;
  ask: () => Promise<unknown>;
  /** What the p99 should be below. */
  targetMs?: number;
}

const titleOf = ({ name, perSecond }: Path): string => `${name}, ${perSecond} a second`;

function figureOf(path: Path, { p99 }: Row): Figure {
  const figure: Figure = { what: `${titleOf(path)}, p99`, unit: 'ms', brikk: p99 };
  const { targetMs } = path;
  return targetMs === undefined ? figure : { ...figure, target: { text: `< ${targetMs} ms`, met: p99 < targetMs } };
}

async function requests({ perSecond, ask }: Path, forMs: number): Promise<Row> {
  const took = await atRate(perSecond, forMs, async (_, dueAt) => {
    await ask();
    return performance.now() - dueAt;
  });
  return { p50: quantile(took, 0.5), p99: quantile(took, 0.99), max: quantile(took, 1) };
}

const oneCall = () => ({
  pattern: 'sequential',
  with: { steps: [{ name: 'echo', capability: CAPABILITY }] },
  input: 1,
});

const accepted = new Set<string>();

async function accept({ product }: Stage): Promise<void> {
  accepted.add((await product.accept(oneCall())).id);
}

/** What was accepted is worked off before the next path is asked. */
async function untilAllEnded({ product }: Stage): Promise<void> {
  for (const id of accepted) {
    await until(`run ${id} ends`, ENDED_DEADLINE_MS, async () => (await product.find(id)).finishedAt !== null);
    accepted.delete(id);
  }
}
