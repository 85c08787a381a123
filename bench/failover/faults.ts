import { AgentServer, type AgentCallSeen } from '../harness/agent-server.client.js';
import { nowMs, until } from '../harness/clock.js';
import type { Stage } from '../harness/stage.js';
import { bareChains, productChains, type Chains } from './chains.js';

const RECOVERY_DEADLINE_MS = 60_000;

/** Something killed with kill -9 while chains are under way. */
export interface Fault {
  name: string;
  subjects: readonly Chains['name'][];
  /** Prepares one trial; `kill` strikes, `restore` makes the stage whole again for the next one. */
  prepare(stage: Stage, subject: Chains['name'], steps: number, trial: string): Promise<Trial>;
}

export interface Trial {
  chains: Chains;
  /** Gives the calls that only the victim saw. */
  kill(): Promise<AgentCallSeen[]>;
  restore(): Promise<void>;
}

export const FAULTS: readonly Fault[] = [
  { name: 'agent killed while serving', subjects: ['brikk'], prepare: killAgent },
  {
    name: 'worker killed, standby there',
    subjects: ['brikk', 'bare'],
    prepare: (...trial) => killWorkers(1, ...trial),
  },
  {
    name: 'all workers killed, restarted',
    subjects: ['brikk', 'bare'],
    prepare: (...trial) => killWorkers(2, ...trial),
  },
  { name: 'Temporal killed, restarted', subjects: ['brikk', 'bare'], prepare: killTemporal },
];

async function killAgent(stage: Stage, _: Chains['name'], steps: number, trial: string): Promise<Trial> {
  const chains = await chainsOf(stage, 'brikk', steps, trial);
  const victim = await AgentServer.start();
  await victim.reset((await stage.agents.stats()).delayMs);
  await stage.product.register({
    name: trial,
    endpoint: `${victim.url}/chain`,
    capability: trial,
    maxConcurrency: 1_000,
  });
  return {
    chains,
    async kill() {
      const seen = await victim.calls();
      await victim.stop('SIGKILL');
      const killedAt = nowMs();
      return seen.map((call) => (call.answeredAt ? call : { ...call, cutOffAt: killedAt }));
    },
    restore: () => Promise.resolve(),
  };
}

async function killWorkers(
  count: number,
  stage: Stage,
  subject: Chains['name'],
  steps: number,
  trial: string,
): Promise<Trial> {
  const { product, bare } = stage;
  const before = product.status.workers.map(({ pid }) => pid);
  const victims = before.slice(0, count);
  const killProduct = () => victims.forEach((pid) => process.kill(pid, 'SIGKILL'));
  const killBare = async () => {
    await bare.killWorkers(count);
    if (count === before.length) await bare.addWorker();
  };
  return {
    chains: await chainsOf(stage, subject, steps, trial),
    async kill() {
      if (subject === 'brikk') killProduct();
      else await killBare();
      return [];
    },
    async restore() {
      while (bare.workers.length < before.length) await bare.addWorker();
      await until('the launcher restarts its workers', RECOVERY_DEADLINE_MS, async () => {
        const { workers } = await product.refresh();
        return (
          workers.length === before.length && (subject === 'bare' || workers.every(({ pid }) => !victims.includes(pid)))
        );
      });
    },
  };
}

async function killTemporal(stage: Stage, subject: Chains['name'], steps: number, trial: string): Promise<Trial> {
  const { pid } = stage.product.status.temporal;
  return {
    chains: await chainsOf(stage, subject, steps, trial),
    kill() {
      process.kill(pid, 'SIGKILL');
      return Promise.resolve([]);
    },
    async restore() {
      await until('the launcher restarts Temporal', RECOVERY_DEADLINE_MS, async () => {
        return (await stage.product.refresh()).temporal.pid !== pid;
      });
    },
  };
}

async function chainsOf(stage: Stage, subject: Chains['name'], steps: number, trial: string): Promise<Chains> {
  if (subject === 'bare') return bareChains(stage, steps);
  const endpoint = `${stage.agents.url}/chain`;
  await stage.product.register({ name: trial, endpoint, capability: trial, maxConcurrency: 1_000 });
  return productChains(stage, trial, steps);
}
