import type { Select } from '../contracts/calls.js';
import type { Figure } from './harness/figures.js';
import type { BenchOptions, BenchResult } from './harness/report.js';
import { quantile, rounded } from './harness/statistics.js';
import { type Balancer, simulate, type Simulated } from './selection/simulation.js';
import { thousandCandidates } from './selection/thousand-candidates.js';

const SEEDS = [1, 2, 3];
/** On which nothing was tuned. */
const FURTHER_SEEDS = Array.from({ length: 20 }, (_, at) => 101 + at);
const MINUTES_MS = { quick: 60_000, full: 180_000 };
const TARGET = { p99Ms: 230, errorShare: 0.001, further: 1.15, choiceMs: 5 };

const SUBJECTS: [name: string, select: Select, balancer: Balancer][] = [
  ['expected-completion', 'expected-completion', 'brikk'],
  ['least-busy', 'least-busy', 'brikk'],
  ['round-robin', 'round-robin', 'brikk'],
  ['random', 'random', 'brikk'],
  ['least outstanding, given at once', 'least-busy', 'plain'],
  ['round-robin, given at once', 'round-robin', 'plain'],
  ['random, given at once', 'random', 'plain'],
];

/** Who gets the work, in simulated time, and what a choice among a thousand costs in real time. */
export function selection({ quick }: BenchOptions): BenchResult {
  const durationMs = quick ? MINUTES_MS.quick : MINUTES_MS.full;
  const over = (select: Select, seeds: readonly number[], balancer: Balancer) =>
    seeds.map((seed) => simulate(select, seed, { durationMs, balancer }));
  const results = SUBJECTS.map(([name, select, balancer]) => ({ name, runs: over(select, SEEDS, balancer) }));
  const own = over('expected-completion', SEEDS, 'brikk');
  const further = over('expected-completion', FURTHER_SEEDS, 'brikk');
  const plain = results.find(({ name }) => name.startsWith('round-robin, given'))?.runs ?? [];
  const choices = thousandCandidates();
  const p99 = meanOf(own, 'p99Ms');
  const furtherP99 = further.map(({ p99Ms }) => p99Ms);
  const errors = (runs: readonly Simulated[]) => meanOf(runs, 'errorShare');
  const figures: Figure[] = [
    {
      what: '20 agents of unequal speed, simulated, p99',
      unit: 'ms',
      brikk: rounded(p99),
      reference: { name: 'round-robin, given at once', value: rounded(meanOf(plain, 'p99Ms')) },
      ratio: p99 / meanOf(plain, 'p99Ms'),
      target: { text: `≤ ${TARGET.p99Ms} ms`, met: p99 <= TARGET.p99Ms },
    },
    {
      what: 'the same, errors',
      unit: '%',
      brikk: percent(errors(own)),
      reference: { name: 'round-robin, given at once', value: percent(errors(plain)) },
      target: { text: '≤ 0.1 %', met: errors(own) <= TARGET.errorShare },
    },
    {
      what: 'the same, worst p99 of 20 further seeds',
      unit: 'ms',
      brikk: rounded(Math.max(...furtherP99)),
      target: { text: 'within 15 %', met: Math.max(...furtherP99) <= TARGET.further * p99 },
    },
    {
      what: 'a choice among 1,000 candidates, p99',
      unit: 'ms',
      brikk: rounded(quantile(choices.all, 0.99)),
      target: { text: `< ${TARGET.choiceMs} ms`, met: quantile(choices.all, 0.99) < TARGET.choiceMs },
    },
  ];
  const tables = {
    [`20 agents, 640 calls a second, ${SEEDS.length} seeds of ${durationMs / 1_000} s`]: Object.fromEntries([
      ...results.map(({ name, runs }) => [name, rowOf(runs)]),
      ['expected-completion, 20 further seeds', rowOf(further)],
    ]),
    'a choice among 1,000 candidates, milliseconds': choices.rows,
  };
  return { figures, tables, details: { seeds: SEEDS, further, results } };
}

const rowOf = (runs: readonly Simulated[]) => ({
  'mean ms': rounded(meanOf(runs, 'meanMs')),
  'p99 ms': rounded(meanOf(runs, 'p99Ms')),
  'worst p99 ms': rounded(Math.max(...runs.map(({ p99Ms }) => p99Ms))),
  'errors %': percent(meanOf(runs, 'errorShare')),
});

const meanOf = (runs: readonly Simulated[], field: keyof Simulated): number =>
  runs.reduce((sum, run) => sum + run[field], 0) / runs.length;

const percent = (share: number): number => Number((share * 100).toFixed(3));
