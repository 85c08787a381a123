import { type AgentCallSeen, callsByRun } from './harness/agent-server.client.js';
import { chainSubjects, checkNoRepeats, type ChainSubject, type ClockedRun } from './harness/chain.js';
import type { BenchOptions, BenchResult } from './harness/report.js';
import type { Stage } from './harness/stage.js';
import { median, medianOfRows, quantile, rotated } from './harness/statistics.js';

/** One client, runs of three agent calls one after the other: what a single run takes. */
export async function latency(stage: Stage, { quick, rounds }: BenchOptions): Promise<BenchResult> {
  const [warmUps, runs] = quick ? [30, 60] : [50, 300];
  const subjects = await chainSubjects(stage);
  const rowsOf = { brikk: [] as Row[], bare: [] as Row[] };
  const cpuOf = { brikk: [] as Record<string, number>[], bare: [] as Record<string, number>[] };
  const stages: Record<string, number>[] = [];

  for (let round = 0; round < rounds; round += 1) {
    for (const subject of rotated(subjects, round)) {
      await repeat(subject, warmUps);
      await stage.agents.reset(0);
      const { result: clocked, cpu } = await stage.withCpu(() => repeat(subject, runs));
      await checkNoRepeats(stage.agents);
      const seen = callsByRun(await stage.agents.calls());
      rowsOf[subject.name].push(rowOf(clocked, seen));
      cpuOf[subject.name].push(cpu);
      if (subject.name === 'brikk') stages.push(stagesOf(clocked, seen));
    }
  }
  const brikk = medianOfRows(rowsOf.brikk);
  const bare = medianOfRows(rowsOf.bare);
  const ratio = medianOfRows(rowsOf.brikk.map((row, round) => ratioOf(row, rowsOf.bare[round] as Row)));
  return {
    figures: [
      {
        what: '3 calls one after the other, one client, p50',
        unit: 'ms',
        brikk: brikk.p50,
        reference: { name: 'bare Temporal', value: bare.p50 },
        ratio: ratio.p50,
        target: { text: '≤ 1.25 ×, < 500 ms', met: ratio.p50 <= 1.25 && brikk.p50 < 500 },
      },
      {
        what: '3 calls one after the other, one client, p99',
        unit: 'ms',
        brikk: brikk.p99,
        reference: { name: 'bare Temporal', value: bare.p99 },
        ratio: ratio.p99,
      },
    ],
    tables: {
      [`3 sequential agent calls, one client, ${runs} runs a round, milliseconds`]: { brikk, bare, ratio },
      'where the milliseconds of a run go (medians)': { brikk: medianOfRows(stages) },
      'CPU milliseconds per agent call': { brikk: medianOfRows(cpuOf.brikk), bare: medianOfRows(cpuOf.bare) },
    },
    details: { warmUps, runs, rounds: rowsOf, stages, cpu: cpuOf },
  };
}

type Row = Record<'p50' | 'p99' | 'beforeFirstCall' | 'betweenCalls' | 'afterLastCall', number>;
type Seen = Map<string, AgentCallSeen[]>;

async function repeat(subject: ChainSubject, times: number): Promise<ClockedRun[]> {
  const clocked: ClockedRun[] = [];
  for (let run = 0; run < times; run += 1) clocked.push(await subject.run({ run }));
  return clocked;
}

/** The agent server's clock divides a run into what comes before, between and after its calls. */
function rowOf(clocked: ClockedRun[], seen: Seen): Row {
  const took = clocked.map(({ startedAt, endedAt }) => endedAt - startedAt);
  const parts = clocked.map(({ startedAt, endedAt, runId }) => {
    const calls = seen.get(runId) ?? [];
    const gaps = calls.slice(1).map((call, index) => call.receivedAt - (calls[index]?.answeredAt ?? NaN));
    return {
      before: (calls[0]?.receivedAt ?? NaN) - startedAt,
      between: gaps.reduce((sum, gap) => sum + gap, 0) / gaps.length,
      after: endedAt - (calls.at(-1)?.answeredAt ?? NaN),
    };
  });
  return {
    p50: quantile(took, 0.5),
    p99: quantile(took, 0.99),
    beforeFirstCall: median(parts.map(({ before }) => before)),
    betweenCalls: median(parts.map(({ between }) => between)),
    afterLastCall: median(parts.map(({ after }) => after)),
  };
}

/** The product's own stamps, in milliseconds of resolution, against the client's clock. */
function stagesOf(clocked: ClockedRun[], seen: Seen): Record<string, number> {
  const of = (part: (run: Required<ClockedRun>, calls: AgentCallSeen[]) => number) =>
    median(clocked.map((run) => part(run as Required<ClockedRun>, seen.get(run.runId) ?? [])));
  return {
    requestToAccepted: of(({ startedAt, stamps }) => stamps.accepted - startedAt),
    acceptedToFirstCall: of(({ stamps }, calls) => (calls[0]?.receivedAt ?? NaN) - stamps.accepted),
    lastCallToFinished: of(({ stamps }, calls) => stamps.finished - (calls.at(-1)?.answeredAt ?? NaN)),
    finishedToAnswer: of(({ endedAt, stamps }) => endedAt - stamps.finished),
  };
}

function ratioOf(row: Row, against: Row): Row {
  return Object.fromEntries(
    Object.entries(row).map(([name, value]) => [name, value / against[name as keyof Row]]),
  ) as Row;
}
