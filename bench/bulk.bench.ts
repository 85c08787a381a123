import { setTimeout as sleep } from 'node:timers/promises';
import { chainOf, chainSubjects, type ChainSubject, checkNoRepeats, STEPS } from './harness/chain.js';
import type { BenchOptions, BenchResult } from './harness/report.js';
import type { Stage } from './harness/stage.js';
import { medianOfRows, rotated } from './harness/statistics.js';

const CLIENTS = 50;
const POLL_MS = 200;

/** One bulk run of chains of three calls, beside a bare workflow for each chain that 50 clients start one by one. */
export async function bulk(stage: Stage, { quick, rounds }: BenchOptions): Promise<BenchResult> {
  const [items, bareRuns] = quick ? [2_000, 150] : [10_000, 500];
  const [, bare] = (await chainSubjects(stage)) as [ChainSubject, ChainSubject];
  const rowsOf = { brikk: [] as Row[], bare: [] as Row[] };
  const cpuOf = { brikk: [] as Record<string, number>[], bare: [] as Record<string, number>[] };
  const subjects = {
    brikk: () => bulkRun(stage, items),
    bare: () => oneByOne(bare, bareRuns),
  };
  await bulkRun(stage, 1_000);
  await oneByOne(bare, CLIENTS);

  for (let round = 0; round < rounds; round += 1) {
    for (const name of rotated(['brikk', 'bare'] as const, round)) {
      await stage.agents.reset(0);
      const { result: row, cpu } = await stage.withCpu(subjects[name]);
      await checkNoRepeats(stage.agents);
      rowsOf[name].push(row);
      cpuOf[name].push(cpu);
    }
  }
  const [brikk, reference] = [medianOfRows(rowsOf.brikk), medianOfRows(rowsOf.bare)];
  const ratio = medianOfRows(
    rowsOf.brikk.map((row, round) => ({ ratio: row.runsPerSecond / (rowsOf.bare[round] as Row).runsPerSecond })),
  );
  return {
    figures: [
      {
        what: `${items.toLocaleString('en-US')} items of ${STEPS} calls in one bulk run`,
        unit: 'runs/s',
        brikk: brikk.runsPerSecond,
        reference: { name: 'bare Temporal, one by one', value: reference.runsPerSecond },
        ratio: ratio.ratio,
        target: { text: '≥ 1,500 runs/s', met: brikk.runsPerSecond >= 1_500 },
      },
    ],
    tables: {
      [`items of ${STEPS} sequential agent calls; bare: ${CLIENTS} clients`]: { brikk, bare: reference },
      'CPU milliseconds per agent call': { brikk: medianOfRows(cpuOf.brikk), bare: medianOfRows(cpuOf.bare) },
    },
    details: { items, bareRuns, rounds: rowsOf, cpu: cpuOf },
  };
}

type Row = Record<'runsPerSecond' | 'seconds' | 'acceptMs', number>;

/** From the request to the end of the last item, which the record names. */
async function bulkRun({ product }: Stage, items: number): Promise<Row> {
  const { pattern, with: parameters } = chainOf(STEPS, null) as { pattern: string; with: object };
  const inputs = Array.from({ length: items }, (_, n) => ({ n }));
  const begin = Date.now();
  const { id } = await product.acceptBulk({ pattern, with: parameters, inputs });
  const acceptMs = Date.now() - begin;
  let run = await product.find(id);
  while (run.finishedAt === null) {
    await sleep(POLL_MS);
    run = await product.find(id);
  }
  if (run.status !== 'completed') throw new Error(`run ${id} is ${run.status}: ${run.warnings.join('; ')}`);
  const seconds = (Date.parse(run.finishedAt) - begin) / 1_000;
  await checkOutputs(product, id, inputs);
  return { runsPerSecond: items / seconds, seconds, acceptMs };
}

/** Fast and wrong is not fast. */
async function checkOutputs(product: Stage['product'], id: string, inputs: unknown[]): Promise<void> {
  const outputs = (await product.items(id)).map(({ output }) => output);
  if (JSON.stringify(outputs) !== JSON.stringify(inputs)) throw new Error('the bulk run gave wrong or missing outputs');
}

async function oneByOne(subject: ChainSubject, runs: number): Promise<Row> {
  const begin = performance.now();
  let next = 0;
  const client = async () => {
    while (next < runs) await subject.run({ n: next++ });
  };
  await Promise.all(Array.from({ length: CLIENTS }, client));
  const seconds = (performance.now() - begin) / 1_000;
  return { runsPerSecond: runs / seconds, seconds, acceptMs: 0 };
}
