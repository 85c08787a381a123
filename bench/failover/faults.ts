import { AgentServer, type AgentCallSeen } from '../harness/agent-server.client.js';
import { nowMs, until } from '../harness/clock.js';
import type { Stage } from '../harness/stage.js';
import { bareChains, productChains, type Chains } from './chains.js';

const RECOVERY_DEADLINE_MS = 60_000;
/** The launcher restarts what ran this long at once, and waits longer each time before what ends again and again. */
const STABLE_MS = 30_000;
/** Calls that an agent has in hand when it is killed, at least. */
const SERVING = 3;

/** Something killed with kill -9 while chains are under way. */
export interface Fault {
  name: string;
  subjects: readonly Chains['name'][];
  /** In each round; 1 unless said. */
  trials?: number;
  /** What of a trial is its figure; nothing is cut off when only the engine dies. */
  figure: { of: 'againMs' | 'allMs'; what: string };
  targetMs?: number;
  /** Prepares one trial; `kill` strikes, `restore` makes the stage whole again for the next one. */
  prepare(stage: Stage, subject: Chains['name'], plan: TrialPlan): Promise<Trial>;
}

export interface TrialPlan {
  name: string;
  steps: number;
  /** Waits until what is killed had run for a while: each trial is the first death of a healthy process. */
  patient: boolean;
}

export interface Trial {
  chains: Chains;
  /** Gives the moment before the signal was sent, milliseconds since the epoch. */
  kill(): Promise<number>;
  /** The calls that the victim, and nobody else, has seen. */
  seenByVictim(): AgentCallSeen[];
  restore(): Promise<void>;
}

export const FAULTS: readonly Fault[] = [
  {
    name: 'agent killed while serving',
    subjects: ['brikk'],
    figure: { of: 'againMs', what: 'the same call at the next candidate' },
    targetMs: 500,
    trials: 3,
    prepare: killAgent,
  },
  {
    name: 'all workers killed, restarted',
    subjects: ['brikk', 'bare'],
    figure: { of: 'againMs', what: 'the same call again' },
    prepare: (...trial) => killWorkers(2, ...trial),
  },
  {
    name: 'worker killed, standby there',
    subjects: ['brikk', 'bare'],
    figure: { of: 'againMs', what: 'the same call by the standby' },
    targetMs: 1_500,
    prepare: (...trial) => killWorkers(1, ...trial),
  },
  {
    name: 'Temporal killed, restarted',
    subjects: ['brikk', 'bare'],
    figure: { of: 'allMs', what: 'the next call of a run' },
    prepare: killTemporal,
  },
];

async function killAgent(stage: Stage, _: Chains['name'], plan: TrialPlan): Promise<Trial> {
  const chains = await chainsOf(stage, 'brikk', plan);
  const victim = await AgentServer.start({ tells: true });
  await victim.reset((await stage.agents.stats()).delayMs);
  await stage.product.register({
    name: plan.name,
    endpoint: `${victim.url}/chain`,
    capability: plan.name,
    maxConcurrency: 1_000,
  });
  return {
    chains,
    async kill() {
      await until('the victim serves calls', RECOVERY_DEADLINE_MS, () => victim.serving >= SERVING);
      const at = nowMs();
      await victim.kill();
      return at;
    },
    seenByVictim: () => victim.told,
    restore: () => Promise.resolve(),
  };
}

async function killWorkers(count: number, stage: Stage, subject: Chains['name'], plan: TrialPlan): Promise<Trial> {
  const { product, bare } = stage;
  const before = product.status.workers.map(({ pid }) => pid);
  const victims = before.slice(0, count);
  if (plan.patient && subject === 'brikk' && count === before.length) await areStable(stage, victims);
  const killProduct = () => victims.forEach((pid) => process.kill(pid, 'SIGKILL'));
  const killBare = async () => {
    await bare.killWorkers(count);
    if (count === before.length) await bare.addWorker();
  };
  return {
    chains: await chainsOf(stage, subject, plan),
    async kill() {
      const at = nowMs();
      if (subject === 'brikk') killProduct();
      else await killBare();
      return at;
    },
    seenByVictim: () => [],
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

async function killTemporal(stage: Stage, subject: Chains['name'], plan: TrialPlan): Promise<Trial> {
  const { pid } = stage.product.status.temporal;
  if (plan.patient) await areStable(stage, [pid]);
  return {
    chains: await chainsOf(stage, subject, plan),
    kill() {
      const at = nowMs();
      process.kill(pid, 'SIGKILL');
      return Promise.resolve(at);
    },
    seenByVictim: () => [],
    async restore() {
      await until('the launcher restarts Temporal', RECOVERY_DEADLINE_MS, async () => {
        return (await stage.product.refresh()).temporal.pid !== pid;
      });
    },
  };
}

function areStable({ product }: Stage, pids: number[]): Promise<void> {
  return until('restarted parts are stable', RECOVERY_DEADLINE_MS, () =>
    pids.every((pid) => product.ranMs(pid) >= STABLE_MS),
  );
}

async function chainsOf(stage: Stage, subject: Chains['name'], { name, steps }: TrialPlan): Promise<Chains> {
  if (subject === 'bare') return bareChains(stage, steps);
  const endpoint = `${stage.agents.url}/chain`;
  await stage.product.register({ name, endpoint, capability: name, maxConcurrency: 1_000 });
  return productChains(stage, name, steps);
}
