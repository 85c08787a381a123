import { chainSubjects, checkNoRepeats, type ChainSubject } from './harness/chain.js';
import { drive } from './harness/drive.js';
import type { BenchOptions, BenchResult } from './harness/report.js';
import type { Stage } from './harness/stage.js';
import { medianOfRows, quantile, rotated } from './harness/statistics.js';

const CLIENTS = 50;

/** Fifty clients, each starting its next run of three calls when the last one has ended: what the stack carries. */
export async function closedLoop(stage: Stage, { quick, rounds }: BenchOptions): Promise<BenchResult> {
  const [warmUpMs, measuredMs] = quick ? [1_500, 4_000] : [3_000, 15_000];
  const subjects = await chainSubjects(stage);
  const rowsOf = { brikk: [] as Row[], bare: [] as Row[] };
  const cpuOf = { brikk: [] as Record<string, number>[], bare: [] as Record<string, number>[] };

  for (let round = 0; round < rounds; round += 1) {
    for (const subject of rotated(subjects, round)) {
      await rowOf(subject, warmUpMs);
      await stage.agents.reset(0);
      const { result: row, cpu } = await stage.withCpu(() => rowOf(subject, measuredMs));
      await checkNoRepeats(stage.agents);
      rowsOf[subject.name].push(row);
      cpuOf[subject.name].push(cpu);
    }
  }
  const ratios = rowsOf.brikk.map((row, round) => ({
    runsPerSecond: row.runsPerSecond / (rowsOf.bare[round] as Row).runsPerSecond,
    p50: row.p50 / (rowsOf.bare[round] as Row).p50,
    p99: row.p99 / (rowsOf.bare[round] as Row).p99,
  }));
  const [brikk, bare, ratio] = [rowsOf.brikk, rowsOf.bare, ratios].map(medianOfRows) as [Row, Row, Row];
  return {
    figures: [
      {
        what: `3 calls one after the other, ${CLIENTS} clients`,
        unit: 'runs/s',
        brikk: brikk.runsPerSecond,
        reference: { name: 'bare Temporal', value: bare.runsPerSecond },
        ratio: ratio.runsPerSecond,
        target: { text: '≥ 0.85 ×', met: ratio.runsPerSecond >= 0.85 },
      },
    ],
    tables: {
      [`3 sequential agent calls, ${CLIENTS} clients, ${measuredMs / 1_000} s a round`]: {
        brikk,
        bare,
        ratio,
      },
      'CPU milliseconds per agent call': { brikk: medianOfRows(cpuOf.brikk), bare: medianOfRows(cpuOf.bare) },
    },
    details: { clients: CLIENTS, warmUpMs, measuredMs, rounds: rowsOf, cpu: cpuOf },
  };
}

type Row = Record<'runsPerSecond' | 'p50' | 'p99', number>;

async function rowOf(subject: ChainSubject, forMs: number): Promise<Row> {
  const { tookMs, seconds } = await drive((input) => subject.run(input), { clients: CLIENTS, forMs });
  return { runsPerSecond: tookMs.length / seconds, p50: quantile(tookMs, 0.5), p99: quantile(tookMs, 0.99) };
}
