import { Argument, Command, InvalidArgumentError } from 'commander';
import { api } from './api.bench.js';
import { bulk } from './bulk.bench.js';
import { closedLoop } from './closed-loop.bench.js';
import { failover } from './failover.bench.js';
import { fanOut } from './fan-out.bench.js';
import { writeFigures } from './figures-table.js';
import type { Figure } from './harness/figures.js';
import { type BenchOptions, type BenchResult, printFigures, report } from './harness/report.js';
import { type OnStage, Stage, type StageOptions } from './harness/stage.js';
import { loadAverage, type Surroundings, surroundings } from './harness/surroundings.js';
import { heartbeats } from './heartbeats.bench.js';
import { writeHtml } from './html-report.js';
import { jq } from './jq.bench.js';
import { latency } from './latency.bench.js';
import { liveSelection } from './live-selection.bench.js';
import { memory } from './memory.bench.js';
import { peerNames, type PeerName } from './harness/peer-process.js';
import { peers } from './peers.bench.js';
import { poolStart } from './pool-start.bench.js';
import { queries } from './queries.bench.js';
import { scale } from './scale.bench.js';
import { selection } from './selection.bench.js';
import { signal } from './signal.bench.js';
import { sustained } from './sustained.bench.js';
import { webhooks } from './webhooks.bench.js';

type Bench =
  | { run: (stage: Stage, options: BenchOptions) => Promise<BenchResult>; stage?: StageOptions; onlyWhenAsked?: true }
  /** On stages of its own, one after the other. */
  | { series: (onStage: OnStage, options: BenchOptions) => Promise<BenchResult> }
  /** Without the product. */
  | { alone: (options: BenchOptions) => BenchResult };

const BENCHES: Record<string, Bench> = {
  latency: { run: latency },
  'closed-loop': { run: closedLoop },
  'fan-out': { run: fanOut },
  sustained: { run: sustained, stage: { bareJournal: true } },
  api: { run: api },
  signal: { run: signal },
  memory: { run: memory },
  queries: { run: queries },
  bulk: { run: bulk },
  failover: { run: failover, stage: { workers: 2 } },
  scale: { series: scale },
  'pool-start': { run: poolStart },
  webhooks: { run: webhooks },
  heartbeats: { run: heartbeats },
  'live-selection': { run: liveSelection },
  selection: { alone: selection },
  jq: { alone: jq },
  // It installs what it compares with.
  peers: { run: peers, onlyWhenAsked: true },
};

const NAMES = Object.keys(BENCHES);
const ALL = NAMES.filter((name) => !('onlyWhenAsked' in (BENCHES[name] as Bench)));
const ROUNDS = { quick: 1, full: 3 };

await new Command('npm run bench --')
  .description(
    'Measures the product beside a reference on this machine and writes bench/results/<name>-<time>.json and report.html.',
  )
  .addArgument(new Argument('<name>', 'what to measure').choices([...NAMES, 'all', 'report']))
  .option('--quick', 'the order of magnitude in about a minute', false)
  .option('--rounds <n>', 'rounds of each, medians are taken over them (default: 3, quick 1)', asRounds)
  .option('--peers <names>', `which peers, with commas between (default: ${peerNames().join(',')})`, asPeers)
  .addHelpText(
    'after',
    `
  latency      3 agent calls one after the other, one client: p50, p99, beside a bare Temporal workflow
  closed-loop  the same work, 50 clients: runs per second, beside a bare Temporal workflow
  fan-out      one run over 10, 100 and 1,000 agents: makespan, beside plain HTTP
  sustained    4 clients with fan-outs to 100 and to 1,000 agents: calls per second, beside a bare workflow that journals its calls
  api          100 requests a second to accept a run and to read: milliseconds to the answer
  signal       100 signals or events a second to 20 waiting runs: milliseconds to the call of an agent
  memory       megabytes of each process idle and with 1,000 runs that wait, and how they grow under load
  queries      a million runs and their events: p95 of every statement of lists, claims and sweeps, and what reads tables whole
  bulk         10,000 items of 3 agent calls in one bulk run: items per second, beside a bare workflow for each
  failover     agent, worker and Temporal killed with kill -9: time to the next call, repeats, losses
  scale        chains of agents that wait 200 ms, 50 slots a worker, 1, 2, 4 and 8 workers: calls per second, and the law they follow
  pool-start   a pool's process begun again and again: milliseconds to its first call
  webhooks     1,050 webhooks a second beside a dead and a hanging endpoint: p99; 30,000 with worker and API killed; answers to inbound ones
  heartbeats   1,000 agents that each send one every 10 s: what it costs of one core
  live-selection  20 agents of unequal speed, two turn slow, one fails: p99 beside round-robin
  selection    20 agents of unequal speed, simulated: mean, p99, errors of each policy
  jq           a compiled expression over 20 items: microseconds, beside plain JavaScript
  peers        the work of latency, closed-loop, fan-out and sustained on DBOS, LangGraph, BullMQ, Restate and Mastra, which it installs
  all          each of them but peers, and one table of their figures
  report       writes the newest full results into docs/performance.md

Each starts a stack of its own on free ports and a temporary data folder. Nothing else should run beside it.`,
  )
  .action(async (name: string, { quick, rounds, ...rest }: Partial<BenchOptions> & { quick: boolean }) => {
    if (name === 'report') return writeFigures(ALL);
    const options = { ...rest, quick, rounds: rounds ?? (quick ? ROUNDS.quick : ROUNDS.full) };
    const figures: Figure[] = [];
    for (const chosen of name === 'all' ? ALL : [name]) figures.push(...(await measure(chosen, options)));
    if (name === 'all') printFigures(figures);
    console.log(await writeHtml(NAMES));
  })
  .parseAsync()
  .catch((error: unknown) => {
    console.error(reasonOf(error));
    process.exit(1);
  });
process.exit(0);

function reasonOf(error: unknown): string {
  if (!(error instanceof Error)) return String(error);
  return error.cause === undefined ? error.message : `${error.message}: ${reasonOf(error.cause)}`;
}

async function measure(name: string, options: BenchOptions): Promise<Figure[]> {
  const bench = BENCHES[name];
  if (!bench) return [];
  const loadBefore = loadAverage();
  let around: Surroundings | undefined;
  const onStage: OnStage = async (wanted, work) => {
    const stage = await Stage.set(wanted);
    try {
      around ??= await surroundings(stage, loadBefore);
      return await work(stage);
    } finally {
      await stage.strike();
    }
  };
  const result = await resultOf(bench, onStage, options);
  await report(name, options, around ?? (await surroundings(undefined, loadBefore)), result);
  return result.figures;
}

function resultOf(bench: Bench, onStage: OnStage, options: BenchOptions): BenchResult | Promise<BenchResult> {
  if ('alone' in bench) return bench.alone(options);
  if ('series' in bench) return bench.series(onStage, options);
  return onStage(bench.stage ?? {}, (stage) => bench.run(stage, options));
}

function asRounds(text: string): number {
  const rounds = Number(text);
  if (Number.isInteger(rounds) && rounds > 0) return rounds;
  throw new InvalidArgumentError('must be a whole number from 1.');
}

function asPeers(text: string): PeerName[] {
  const wanted = text.split(',');
  const known = peerNames().filter((name) => wanted.includes(name));
  if (known.length === wanted.length) return known;
  throw new InvalidArgumentError(`must be some of ${peerNames().join(', ')}, with commas between.`);
}
