import { setTimeout as delay } from 'node:timers/promises';
import { fitScalability, type ScalabilityLaw, throughputOf } from './scale/scalability-law.js';
import { chainOf, checkNoRepeats } from './harness/chain.js';
import type { Figure } from './harness/figures.js';
import type { BenchOptions, BenchResult, Rows } from './harness/report.js';
import type { OnStage, Stage } from './harness/stage.js';
import { median, rotated, rounded } from './harness/statistics.js';
import { busyCores } from './harness/surroundings.js';

const AGENT_DELAY_MS = 200;
const SLOTS = 50;
/** Beyond the slots, so that none waits for a client. */
const CLIENTS = Math.round(SLOTS * 1.2);
/** One activity each, which makes its calls one after the other: a slot is an agent at work. */
const STEPS = 50;
const CAPABILITY = 'waiting';
/** With less idle time than this the cores are the limit, whoever uses them. */
const SATURATED = 0.95;
const LINEAR = 0.9;

/** How much more is done by more workers, and the law that it follows. */
export async function scale(onStage: OnStage, { quick, rounds }: BenchOptions): Promise<BenchResult> {
  const workers = quick ? [1, 2, 4] : [1, 2, 4, 8];
  const [warmUpMs, measuredMs] = quick ? [12_000, 5_000] : [20_000, 20_000];
  const seen: Measured[] = [];
  for (let round = 0; round < rounds; round += 1) {
    for (const n of rotated(workers, round)) {
      const wanted = { workers: n, bareWorkers: 0, env: { BRIKK_WORKER_SLOTS: String(SLOTS) } };
      seen.push(await onStage(wanted, (stage) => measure(stage, n, warmUpMs, measuredMs)));
    }
  }
  const law = fitScalability(seen);
  const rows = workers.map((n) => rowOf(n, seen, law));
  return {
    figures: [...rows.map((row) => figureOf(row, rows[0] as Row)), ...figuresOf(law)],
    tables: {
      [`${SLOTS} slots a worker, agents that wait ${AGENT_DELAY_MS} ms, ${measuredMs / 1_000} s a round`]:
        byWorkers(rows),
      'CPU milliseconds per agent call': Object.fromEntries(
        workers.map((n) => [`${n}`, seen.findLast((one) => one.n === n)?.cpu ?? {}]),
      ),
      'X(n) = λn / (1 + σ(n − 1) + κn(n − 1))': { fitted: shownLaw(law) },
    },
    details: { slots: SLOTS, clients: CLIENTS, steps: STEPS, warmUpMs, measuredMs, seen, law },
  };
}

interface Measured {
  n: number;
  perSecond: number;
  /** Of all cores, 0 to 1. */
  busy: number;
  cpu: Record<string, number>;
}

async function measure(stage: Stage, n: number, warmUpMs: number, measuredMs: number): Promise<Measured> {
  const { product, agents } = stage;
  await product.register({
    name: CAPABILITY,
    endpoint: `${agents.url}/wait`,
    capability: CAPABILITY,
    maxConcurrency: 1_000,
  });
  await agents.reset(AGENT_DELAY_MS);
  const end = performance.now() + warmUpMs + measuredMs;
  const clients = Promise.all(Array.from({ length: n * CLIENTS }, (_, client) => drive(stage, client, end)));
  // Whoever fails is heard of at once, not when the time is up.
  await Promise.race([clients, delay(warmUpMs)]);
  const [before, from, busyOf] = [await agents.stats(), performance.now(), busyCores()];
  const { cpu } = await stage.withCpu(() => Promise.race([clients, delay(measuredMs)]));
  const [after, ms, busy] = [await agents.stats(), performance.now() - from, busyOf()];
  await clients;
  await checkNoRepeats(agents);
  return { n, perSecond: ((after.calls - before.calls) * 1_000) / ms, busy, cpu };
}

/** One chain after the other; the first ones are of different lengths, so that they do not all end at once. */
async function drive({ product }: Stage, client: number, end: number): Promise<void> {
  for (let steps = (client % STEPS) + 1; performance.now() < end; steps = STEPS)
    await product.runToEnd(chainOf(steps, { client }, CAPABILITY));
}

interface Row {
  n: number;
  perSecond: number;
  /** Against as many times what one worker did. */
  share: number;
  busy: number;
  foretold: number;
}

function rowOf(n: number, seen: readonly Measured[], law: ScalabilityLaw): Row {
  const of = (workers: number) => seen.filter((one) => one.n === workers).map(({ perSecond }) => perSecond);
  return {
    n,
    perSecond: median(of(n)),
    share: median(of(n)) / (n * median(of(1))),
    busy: median(seen.filter((one) => one.n === n).map(({ busy }) => busy)),
    foretold: throughputOf(law, n),
  };
}

function figureOf({ n, perSecond, share, busy }: Row, one: Row): Figure {
  const isJudged = n > 1 && busy < SATURATED;
  return {
    what: `${SLOTS} slots a worker, agents of ${AGENT_DELAY_MS} ms, ${n} ${n === 1 ? 'worker' : 'workers'} (cores busy ${percent(busy)})`,
    unit: 'calls/s',
    brikk: rounded(perSecond),
    ...(n > 1 && { reference: { name: `${n} × one`, value: rounded(n * one.perSecond) }, ratio: share }),
    ...(isJudged && { target: { text: `≥ ${LINEAR} ×`, met: share >= LINEAR } }),
  };
}

const figuresOf = ({ sigma, kappa }: ScalabilityLaw): Figure[] => [
  { what: 'scalability law: contention σ', unit: '%', brikk: rounded(sigma * 100) },
  { what: 'scalability law: coherency κ', unit: '%', brikk: rounded(kappa * 100) },
];

const byWorkers = (rows: readonly Row[]): Rows =>
  Object.fromEntries(
    rows.map(({ n, perSecond, share, busy, foretold }) => [
      `${n}`,
      {
        'calls/s': rounded(perSecond),
        'of linear': rounded(share),
        'most that the slots allow': (n * SLOTS * 1_000) / AGENT_DELAY_MS,
        'cores busy': percent(busy),
        'by the law': rounded(foretold),
      },
    ]),
  );

const shownLaw = ({ lambda, sigma, kappa, best, rSquared }: ScalabilityLaw): Record<string, number | string> => ({
  'λ calls/s': rounded(lambda),
  σ: Number(sigma.toFixed(4)),
  κ: Number(kappa.toFixed(5)),
  'best number of workers': Number.isFinite(best) ? rounded(best) : 'none',
  'R²': Number(rSquared.toFixed(4)),
});

const percent = (share: number): string => `${Math.round(share * 100)} %`;
