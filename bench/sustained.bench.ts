import { checkNoRepeats } from './harness/chain.js';
import { drive } from './harness/drive.js';
import { checkFan, fanByProduct, fanEndpoints, registerFan } from './harness/fan.js';
import type { Figure } from './harness/figures.js';
import type { BenchOptions, BenchResult, Rows } from './harness/report.js';
import type { Stage } from './harness/stage.js';
import { median, medianOfRows, rotated, rounded } from './harness/statistics.js';

const CLIENTS = 4;
const SIZES = [100, 1_000];
const TARGET = 0.9;

/** Clients with one fan-out after the other: journaled agent calls per second, beside a bare workflow that journals its own. */
export async function sustained(stage: Stage, { quick, rounds }: BenchOptions): Promise<BenchResult> {
  const [warmUpMs, measuredMs] = quick ? [2_000, 5_000] : [3_000, 15_000];
  const [figures, rates, cpuRows]: [Figure[], Rows, Rows] = [[], {}, {}];
  const details: Record<string, unknown> = { clients: CLIENTS, warmUpMs, measuredMs };

  for (const size of SIZES) {
    await registerFan(stage, size);
    const subjects = subjectsOf(stage, size);
    const perSecond = { brikk: [] as number[], bare: [] as number[] };
    const cpuOf = { brikk: [] as Record<string, number>[], bare: [] as Record<string, number>[] };
    for (let round = 0; round < rounds; round += 1)
      for (const { name, run } of rotated(subjects, round)) {
        await drive(run, { clients: CLIENTS, forMs: warmUpMs });
        await stage.agents.reset(0);
        const { result, cpu } = await stage.withCpu(() => drive(run, { clients: CLIENTS, forMs: measuredMs }));
        await checkNoRepeats(stage.agents);
        perSecond[name].push((result.tookMs.length * size) / result.seconds);
        cpuOf[name].push(cpu);
      }
    const [brikk, bare] = [rounded(median(perSecond.brikk)), rounded(median(perSecond.bare))];
    const ratio = median(perSecond.brikk.map((rate, round) => rate / (perSecond.bare[round] as number)));
    const title = `${CLIENTS} × ${size.toLocaleString('en-US')}`;
    rates[title] = { brikk, bare, ratio: rounded(ratio) };
    for (const [name, rows] of Object.entries(cpuOf)) cpuRows[`${title}, ${name}`] = medianOfRows(rows);
    details[title] = { perSecond, cpu: cpuOf };
    figures.push({
      what: `journaled calls, ${CLIENTS} clients with fan-outs to ${size.toLocaleString('en-US')} agents`,
      unit: 'calls/s',
      brikk,
      reference: { name: 'bare Temporal with a journal', value: bare },
      ratio,
      target: { text: `≥ ${TARGET} ×`, met: ratio >= TARGET },
    });
  }
  const tables = { 'agent calls per second, each journaled': rates, 'CPU milliseconds per agent call': cpuRows };
  return { figures, tables, details };
}

function subjectsOf(stage: Stage, size: number): { name: 'brikk' | 'bare'; run: () => Promise<void> }[] {
  return [
    { name: 'brikk', run: () => fanByProduct(stage, size) },
    { name: 'bare', run: async () => checkFan(await stage.bare.fan(fanEndpoints(stage.agents, size)), size) },
  ];
}
