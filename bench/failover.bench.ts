import { setTimeout as delay } from 'node:timers/promises';
import { FAULTS, type Fault, type Trial } from './failover/faults.js';
import { type AgentCallSeen, callsByRun } from './harness/agent-server.client.js';
import { nowMs, until } from './harness/clock.js';
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
  const [runs, steps] = quick ? [10, 15] : [20, 30];
  const seen = new Map<string, TrialResult[]>();
  for (let round = 0; round < rounds; round += 1) {
    for (const fault of FAULTS) {
      for (const subject of rotated(fault.subjects, round)) {
        const name = `${fault.name}: ${subject}`;
        await stage.agents.reset(AGENT_DELAY_MS);
        const trial = await fault.prepare(stage, subject, steps, trialName(fault, round));
        const result = await strike(stage, trial, runs, round);
        await trial.restore();
        seen.set(name, [...(seen.get(name) ?? []), result]);
      }
    }
  }
  const rows: Rows = {};
  for (const [name, results] of seen) rows[name] = summary(results);
  return {
    tables: { [`${runs} chains of ${steps} × ${AGENT_DELAY_MS} ms under way; milliseconds from the kill`]: rows },
    details: { runs, steps, delayMs: AGENT_DELAY_MS, trials: Object.fromEntries(seen) },
  };
}

interface TrialResult {
  /** Runs whose call was cut off by the kill: until the agent sees their next one. */
  interruptedMs: number[];
  /** The same for every run under way. */
  allMs: number[];
  repeated: number;
  /** Repeated although their answer had been sent. */
  repeatedAnswered: number;
  lost: number;
}

async function strike({ agents }: Stage, trial: Trial, runs: number, round: number): Promise<TrialResult> {
  const { chains } = trial;
  const inputs = Array.from({ length: runs }, (_, run) => ({ run }));
  const runIds = await Promise.all(inputs.map((input) => chains.start(input)));
  await until('every run has made calls', UNDER_WAY_DEADLINE_MS, async () => {
    const byRun = callsByRun(await agents.calls());
    return runIds.every((id) => (byRun.get(id)?.length ?? 0) >= 3);
  });
  await delay(round * MOMENT_MS);
  const beforeKill = nowMs();
  const ofVictim = await trial.kill();
  const completed = await Promise.race([
    Promise.all(runIds.map((id, index) => chains.completed(id, inputs[index]).catch(() => false))),
    delay(COMPLETION_DEADLINE_MS, [] as boolean[], { ref: false }),
  ]);
  const calls = [...ofVictim, ...(await agents.calls())].sort((a, b) => a.receivedAt - b.receivedAt);
  return { ...gaps(calls, beforeKill), ...repeats(calls), lost: runs - completed.filter(Boolean).length };
}

function gaps(calls: AgentCallSeen[], killedAt: number): Pick<TrialResult, 'interruptedMs' | 'allMs'> {
  const interruptedMs: number[] = [];
  const allMs: number[] = [];
  for (const ofRun of callsByRun(calls).values()) {
    const next = ofRun.find(({ receivedAt }) => receivedAt > killedAt);
    if (!next) continue;
    allMs.push(next.receivedAt - killedAt);
    const cutOff = ofRun.some(({ receivedAt, cutOffAt }) => receivedAt <= killedAt && (cutOffAt ?? 0) >= killedAt);
    if (cutOff) interruptedMs.push(next.receivedAt - killedAt);
  }
  return { interruptedMs, allMs };
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

function summary(results: TrialResult[]): Record<string, number> {
  const interrupted = results.flatMap(({ interruptedMs }) => interruptedMs);
  const all = results.flatMap(({ allMs }) => allMs);
  const total = (part: (result: TrialResult) => number) => results.reduce((sum, result) => sum + part(result), 0);
  return {
    interrupted: interrupted.length,
    'next call p50': rounded(quantile(interrupted, 0.5)),
    'next call p95': rounded(quantile(interrupted, 0.95)),
    'any run p95': rounded(quantile(all, 0.95)),
    'any run max': rounded(quantile(all, 1)),
    repeated: total(({ repeated }) => repeated),
    'repeated though answered': total(({ repeatedAnswered }) => repeatedAnswered),
    lost: total(({ lost }) => lost),
  };
}

const trialName = (fault: Fault, round: number): string => `${fault.name.replaceAll(/[^a-z]+/gi, '-')}-${round}`;
