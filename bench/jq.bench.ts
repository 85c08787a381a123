import { compile, run } from '../workflows/language/jq/index.js';
import type { BenchOptions, BenchResult } from './harness/report.js';
import { median, medianOfRows, quantile } from './harness/statistics.js';

const PROGRAM = '.a.b | map(select(.x > 3)) | length';
const INPUT = { a: { b: Array.from({ length: 20 }, (_, x) => ({ x })) } };
const EXPECTED = 16;
const BATCH = 500;
const TARGET_US = 20;

/** A compiled expression over twenty items, as workflows evaluate it, beside the same in plain JavaScript. */
export function jq({ quick, rounds }: BenchOptions): BenchResult {
  const batches = quick ? 40 : 200;
  const compiled = compile(PROGRAM);
  const subjects = {
    brikk: () => run(compiled, INPUT, {})[0],
    plain: () => INPUT.a.b.filter(({ x }) => x > 3).length,
    compile: () => (compile(PROGRAM) ? EXPECTED : undefined),
  };
  const rowsOf = { brikk: [] as Row[], plain: [] as Row[], compile: [] as Row[] };
  for (let round = 0; round < rounds; round += 1)
    for (const name of ['brikk', 'plain', 'compile'] as const) rowsOf[name].push(measure(subjects[name], batches));
  const [brikk, plain, compiling] = [rowsOf.brikk, rowsOf.plain, rowsOf.compile].map(medianOfRows) as [Row, Row, Row];
  return {
    figures: [
      {
        what: 'jq over 20 items, compiled',
        unit: 'µs',
        brikk: brikk.p50,
        reference: { name: 'plain JavaScript', value: plain.p50 },
        ratio: median(rowsOf.brikk.map(({ p50 }, round) => p50 / (rowsOf.plain[round] as Row).p50)),
        target: { text: `≤ ${TARGET_US} µs`, met: brikk.p50 <= TARGET_US },
      },
    ],
    tables: { [`${PROGRAM}, microseconds an evaluation`]: { brikk, plain, 'to compile it': compiling } },
    details: { program: PROGRAM, items: INPUT.a.b.length, batch: BATCH, batches, rounds: rowsOf },
  };
}

type Row = Record<'p50' | 'p99', number>;

/** Microseconds of one evaluation, as means of batches: a clock is too coarse for one. Half of them warm it up. */
function measure(work: () => unknown, batches: number): Row {
  const took: number[] = [];
  for (let batch = 0; batch < batches * 1.5; batch += 1) {
    const begin = performance.now();
    for (let evaluation = 0; evaluation < BATCH; evaluation += 1)
      if (work() !== EXPECTED) throw new Error(`${PROGRAM} gave something else than ${EXPECTED}`);
    if (batch >= batches / 2) took.push(((performance.now() - begin) * 1_000) / BATCH);
  }
  return { p50: quantile(took, 0.5), p99: quantile(took, 0.99) };
}
