import { Argument, Command } from 'commander';
import { closedLoop } from './closed-loop.bench.js';
import { failover } from './failover.bench.js';
import { fanOut } from './fan-out.bench.js';
import { type BenchOptions, type BenchResult, report } from './harness/report.js';
import { Stage } from './harness/stage.js';
import { loadAverage, surroundings } from './harness/surroundings.js';
import { latency } from './latency.bench.js';

const BENCHES: Record<
  string,
  { run: (stage: Stage, options: BenchOptions) => Promise<BenchResult>; workers?: number }
> = {
  latency: { run: latency },
  'closed-loop': { run: closedLoop },
  'fan-out': { run: fanOut },
  failover: { run: failover, workers: 2 },
};

await new Command('npm run bench --')
  .description('Measures the product beside a reference on this machine and writes bench/results/<name>-<time>.json.')
  .addArgument(new Argument('<name>', 'what to measure').choices([...Object.keys(BENCHES), 'all']))
  .option('--quick', 'the order of magnitude in about a minute', false)
  .option('--rounds <n>', 'rounds of each, medians are taken over them', (text) => Number.parseInt(text, 10), 3)
  .addHelpText(
    'after',
    `
  latency      3 agent calls one after the other, one client: p50, p99, beside a bare Temporal workflow
  closed-loop  the same work, 50 clients: runs per second, beside a bare Temporal workflow
  fan-out      one run over 10, 100 and 1,000 agents: makespan, beside plain HTTP
  failover     agent, worker and Temporal killed with kill -9: time to the next call, repeats, losses

Each starts a stack of its own on free ports and a temporary data folder. Nothing else should run beside it.`,
  )
  .action(async (name: string, options: BenchOptions) => {
    for (const chosen of name === 'all' ? Object.keys(BENCHES) : [name]) await measure(chosen, options);
  })
  .parseAsync();
process.exit(0);

async function measure(name: string, options: BenchOptions): Promise<void> {
  const bench = BENCHES[name];
  if (!bench) return;
  const loadBefore = loadAverage();
  const stage = await Stage.set({ workers: bench.workers });
  try {
    const around = await surroundings(stage, loadBefore);
    await report(name, options, around, await bench.run(stage, options));
  } finally {
    await stage.strike();
  }
}
