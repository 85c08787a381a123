import { fileURLToPath } from 'node:url';
import type { Agent } from '../contracts/agents.js';
import type { Page } from '../contracts/lists.js';
import type { Pool } from '../contracts/pools.js';
import { nowMs, until } from './harness/clock.js';
import type { BenchOptions, BenchResult } from './harness/report.js';
import type { Stage } from './harness/stage.js';
import { medianOfRows, quantile, rounded } from './harness/statistics.js';
import type { Born } from './pool-agent.js';

const AGENT = 'pool-agent';
const POOL = '/v1/pools/pool-start';
const TARGET_MS = 500;
const PATIENCE_MS = 60_000;

/** What one start took, from the beginning of its process. */
interface Start extends Record<string, number> {
  /** Its modules are loaded. */
  loaded: number;
  /** The registry knows it and answers so. */
  registered: number;
  /** Its handler has the first call. */
  firstCall: number;
}

/** A pool of one process that is ended and begun anew: how soon after its beginning the process has its first call. */
export async function poolStart(stage: Stage, { quick, rounds }: BenchOptions): Promise<BenchResult> {
  const { product } = stage;
  const module = fileURLToPath(new URL(`./${AGENT}.js`, import.meta.url));
  await product.ask('PUT', '/v1/agent-templates/pool-start', { agent: AGENT, module });
  await product.ask('PUT', POOL, { template: 'pool-start', min: 0, max: 1, size: 0 });
  const starts: Start[] = [];
  const trials = (quick ? 5 : 20) * rounds;
  // The first has the files of the SDK read from the disk, as the first after a restart of the machine.
  for (let trial = 0; trial <= trials; trial += 1) starts.push(await begun(stage));
  await product.ask('DELETE', POOL);
  const [first, ...rest] = starts as [Start, ...Start[]];
  const p50 = medianOfRows(rest);
  const firstCalls = rest.map(({ firstCall }) => firstCall);
  const p95 = rounded(quantile(firstCalls, 0.95));
  return {
    figures: [
      {
        what: 'process of a pool, from its beginning to its first call, p50',
        unit: 'ms',
        brikk: p50.firstCall,
        target: { text: `< ${TARGET_MS} ms`, met: p50.firstCall < TARGET_MS },
      },
      { what: 'process of a pool, from its beginning to its first call, p95', unit: 'ms', brikk: p95 },
    ],
    tables: { 'milliseconds from the beginning of the process': { first, p50 } },
    details: { starts },
  };
}

async function begun({ product }: Stage): Promise<Start> {
  await product.ask('POST', `${POOL}/scale`, { size: 1 });
  let registeredAt = NaN;
  await until('the process is registered', PATIENCE_MS, async () => {
    registeredAt = nowMs();
    return (await live(product)) > 0;
  });
  const { output } = await product.run({ pattern: 'agent', with: { capability: AGENT }, input: null });
  const { processAt, loadedAt, calledAt, calls } = output as unknown as Born;
  if (calls !== 1) throw new Error('the call went to a process that had calls before');
  await product.ask('POST', `${POOL}/scale`, { size: 0 });
  await until('the process has ended', PATIENCE_MS, async () => {
    const { members } = await product.ask<Pool>('GET', POOL);
    return members.length === 0 && (await live(product)) === 0;
  });
  return {
    loaded: rounded(loadedAt - processAt),
    registered: rounded(registeredAt - processAt),
    firstCall: rounded(calledAt - processAt),
  };
}

/** Instances that may have calls. */
async function live(product: Stage['product']): Promise<number> {
  const { items } = await product.ask<Page<{ id: string }>>('GET', `/v1/agents?capability=${AGENT}`);
  const [agent] = items;
  if (!agent) return 0;
  const { instances } = await product.ask<Agent>('GET', `/v1/agents/${agent.id}`);
  return instances.filter(({ state, draining }) => state !== 'shutdown' && !draining).length;
}
