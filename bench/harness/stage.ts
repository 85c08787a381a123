import { AgentServer } from './agent-server.client.js';
import { Bare } from './bare.js';
import { cpuMsOf, cpuMsPerCall } from './cpu.js';
import { emptyDatabase } from './postgres.js';
import { Product } from './product.js';

export interface StageOptions {
  workers?: number;
  /** As many as the product has, unless said. */
  bareWorkers?: number;
  /** Whether the bare workflow has a database to journal its fan-outs in. */
  bareJournal?: boolean;
  /** Settings of the product. */
  env?: Record<string, string>;
}

/** Sets a stage for the work, and strikes it after. */
export type OnStage = <T>(options: StageOptions, work: (stage: Stage) => Promise<T>) => Promise<T>;

/** Everything that a benchmark needs, started for it alone. */
export class Stage {
  /** Processes beside it whose time counts, too, by name. */
  readonly guests: Record<string, number[]> = {};

  private constructor(
    readonly product: Product,
    readonly bare: Bare,
    readonly agents: AgentServer,
  ) {}

  static async set({ workers = 1, bareWorkers = workers, bareJournal, env }: StageOptions = {}): Promise<Stage> {
    const product = await Product.start({ workers, env });
    const agents = await AgentServer.start();
    const database = bareJournal ? await emptyDatabase(product.status, 'bench_bare') : undefined;
    const bare = await Bare.open(product.status.temporal.address, 'brikk', bareWorkers, database);
    return new Stage(product, bare, agents);
  }

  /** CPU milliseconds of each process while `work` runs, per agent call or what else `count` finds in its answer. */
  async withCpu<T>(
    work: () => Promise<T>,
    count?: (result: T) => number,
  ): Promise<{ result: T; cpu: Record<string, number> }> {
    const callsBefore = (await this.agents.stats()).calls;
    const before = cpuMsOf(this.processes());
    const result = await work();
    const after = cpuMsOf(this.processes());
    const calls = count ? count(result) : (await this.agents.stats()).calls - callsBefore;
    return { result, cpu: cpuMsPerCall(before, after, calls) };
  }

  async strike(): Promise<void> {
    await this.bare.stop();
    await this.agents.stop();
    await this.product.stop();
  }

  /** The first process of each part, by name. */
  processes(): Record<string, number[]> {
    const { api, workers, temporal, postgres } = this.product.status;
    return {
      api: [api.pid],
      worker: workers.map(({ pid }) => pid),
      temporal: [temporal.pid],
      postgres: [postgres.pid],
      bareWorker: this.bare.workers.map(({ pid }) => pid),
      agents: [this.agents.pid],
      ...this.guests,
    };
  }
}
