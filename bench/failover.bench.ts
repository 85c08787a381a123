import { setTimeout as delay } from 'node:timers/promises';
import type { Chains } from './failover/chains.js';
import { FAULTS, type Fault, type Trial } from './failover/faults.js';
import { type AgentCallSeen, callsByRun } from './harness/agent-server.client.js';
import { until } from './harness/clock.js';
import type { Figure } from './harness/figures.js';
import type { BenchOptions, BenchResult, Rows } from './harness/report.js';
import type { Stage } from './harness/stage.js';
import { quantile, rotated, rounded } from './harness/statistics.js';

const AGENT_DELAY_MS = 100;
const UNDER_WAY_DEADLINE_MS = 30_000;
const COMPLETION_DEADLINE_MS = 120_000;
/** Odd against the steps' rhythm, so that trials hit different moments of a step. */
const MOMENT_MS = 37;

/** Chains under way, something killed with kill -9: who goes on when, what is repeated, what is lost. */
export async function failover(stage: Stage, { quick, rounds }: BenchOptions): Promise<BenchResult> {
  const [runs, steps] = quick ? [10, 12] : [20, 30];
  const seen = new Map<string, TrialResult[]>();
  for (let round = 0; round < rounds; round += 1) {
    for (const fault of FAULTS) {
      const subjects = rotated(fault.subjects, round);
      const turns = Array.from({ length: fault.trials ?? 1 }, () => subjects).flat();
      for (const [turn, subject] of turns.entries()) {
        const name = `${fault.name}: ${subject}`;
        await stage.agents.reset(AGENT_DELAY_MS);
        const trial = await fault.prepare(stage, subject, {
          name: trialName(fault, round, turn),
          steps,
          patient: !quick,
        });
        const result = await strike(stage, trial, runs, round + turn).catch((cause: unknown) => {
          throw new Error(`${name}, trial ${turn + 1} of round ${round + 1}`, { cause });
        });
        await trial.restore();
        seen.set(name, [...(seen.get(name) ?? []), result]);
      }
    }
  }
  const rows: Rows = {};
  for (const [name, results] of seen) rows[name] = summary(results);
  return {
    figures: figuresOf(seen),
    tables: { [`${runs} chains of ${steps} × ${AGENT_DELAY_MS} ms under way; milliseconds from the kill`]: rows },
    details: { runs, steps, delayMs: AGENT_DELAY_MS, trials: Object.fromEntries(seen) },
  };
}

interface TrialResult {
  /** Calls that the kill interrupted: until the same call reaches an agent again. */
  againMs: number[];
  /** Every run under way: until its next call. */
  allMs: number[];
  repeated: number;
  /** Repeated although their answer had been sent. */
  repeatedAnswered: number;
  /** Repeated although their result was in the journal; unknown where there is none. */
  repeatedJournaled: number | undefined;
  lost: number;
}

async function strike({ agents }: Stage, trial: Trial, runs: number, moment: number): Promise<TrialResult> {
  const { chains } = trial;
  const inputs = Array.from({ length: runs }, (_, run) => ({ run }));
  const runIds = await Promise.all(inputs.map((input) => chains.start(input)));
  await until('every run has made calls', UNDER_WAY_DEADLINE_MS, async () => {
    const byRun = callsByRun([...trial.seenByVictim(), ...(await agents.calls())]);
    return runIds.every((id) => (byRun.get(id)?.length ?? 0) >= 2);
  });
  await delay(moment * MOMENT_MS);
  const at = await trial.kill();
  const completed = await Promise.race([
    Promise.all(runIds.map((id, index) => chains.completed(id, inputs[index]).catch(() => false))),
    delay(COMPLETION_DEADLINE_MS, [] as boolean[], { ref: false }),
  ]);
  const calls = [...trial.seenByVictim(), ...(await agents.calls())].sort((a, b) => a.receivedAt - b.receivedAt);
  return {
    ...gaps(calls, at),
    ...repeats(calls),
    repeatedJournaled: await repeatsOfJournaled(chains, runIds, calls),
    lost: runs - completed.filter(Boolean).length,
  };
}

function gaps(calls: AgentCallSeen[], killedAt: number): Pick<TrialResult, 'againMs' | 'allMs'> {
  const againMs: number[] = [];
  const allMs: number[] = [];
  for (const ofRun of callsByRun(calls).values()) {
    const before = new Set(ofRun.flatMap(({ key, receivedAt }) => (receivedAt <= killedAt ? [key] : [])));
    const after = ofRun.filter(({ receivedAt }) => receivedAt > killedAt);
    const again = after.find(({ key }) => before.has(key));
    if (after[0]) allMs.push(after[0].receivedAt - killedAt);
    if (again) againMs.push(again.receivedAt - killedAt);
  }
  return { againMs, allMs };
}

function repeats(calls: AgentCallSeen[]): Pick<TrialResult, 'repeated' | 'repeatedAnswered'> {
  const answered = new Map<string, boolean>();
  let repeated = 0;
  let repeatedAnswered = 0;
  for (const { runId, key, answeredAt } of calls) {
    const id = `${runId} ${key}`;
    if (answered.has(id)) repeated += 1;
    if (answered.get(id)) repeatedAnswered += 1;
    answered.set(id, answered.get(id) === true || answeredAt !== undefined);
  }
  return { repeated, repeatedAnswered };
}

async function repeatsOfJournaled(chains: Chains, runIds: string[], calls: AgentCallSeen[]) {
  if (!chains.journaledAt) return undefined;
  const journals = await Promise.all(runIds.map(chains.journaledAt));
  const journaledAt = new Map(journals.flatMap((ofRun) => [...ofRun]));
  return calls.filter(({ key, receivedAt }) => receivedAt > (journaledAt.get(key) ?? Infinity)).length;
}

function summary(results: TrialResult[]): Record<string, number | string> {
  const again = results.flatMap(({ againMs }) => againMs);
  const all = results.flatMap(({ allMs }) => allMs);
  const total = (part: (result: TrialResult) => number) => results.reduce((sum, result) => sum + part(result), 0);
  const journaled = results.every(({ repeatedJournaled }) => repeatedJournaled !== undefined);
  return {
    'same call again p50': orNone(quantile(again, 0.5)),
    'same call again p95': orNone(quantile(again, 0.95)),
    'next call of any run p95': orNone(quantile(all, 0.95)),
    repeated: total(({ repeated }) => repeated),
    'repeated though answered': total(({ repeatedAnswered }) => repeatedAnswered),
    'repeated though journaled': journaled ? total(({ repeatedJournaled }) => repeatedJournaled ?? 0) : 'no journal',
    lost: total(({ lost }) => lost),
  };
}

function figuresOf(seen: Map<string, TrialResult[]>): Figure[] {
  const of = (fault: string, subject: string) => seen.get(`${fault}: ${subject}`) ?? [];
  const figures = FAULTS.map(({ name, figure, targetMs }): Figure => {
    const p95 = (results: TrialResult[]) =>
      rounded(
        quantile(
          results.flatMap((result) => result[figure.of]),
          0.95,
        ),
      );
    const brikk = p95(of(name, 'brikk'));
    const bare = p95(of(name, 'bare'));
    return {
      what: `${name}: ${figure.what}, p95`,
      unit: 'ms',
      brikk,
      ...(!Number.isNaN(bare) && { reference: { name: 'bare Temporal', value: bare } }),
      ...(targetMs !== undefined && { target: { text: `≤ ${targetMs} ms`, met: brikk <= targetMs } }),
    };
  });
  const ofBrikk = FAULTS.flatMap(({ name }) => of(name, 'brikk'));
  const lost = ofBrikk.reduce((sum, result) => sum + result.lost, 0);
  const repeated = ofBrikk.reduce((sum, { repeatedJournaled }) => sum + (repeatedJournaled ?? 0), 0);
  return [
    ...figures,
    { what: 'all faults: runs lost', unit: 'runs', brikk: lost, target: { text: '0', met: lost === 0 } },
    {
      what: 'all faults: journaled calls repeated',
      unit: 'calls',
      brikk: repeated,
      target: { text: '0', met: repeated === 0 },
    },
  ];
}

const orNone = (ms: number): number | string => (Number.isNaN(ms) ? 'none' : rounded(ms));
const trialName = (fault: Fault, round: number, turn: number): string =>
  `${fault.name.replaceAll(/[^a-z]+/gi, '-')}-${round}-${turn}`;
