import { Client, Connection, WorkflowFailedError } from '@temporalio/client';
import { bundleWorkflowCode, DefaultLogger } from '@temporalio/worker';
import { randomUUID } from 'node:crypto';
import { writeFile } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';
import type { bareChain, bareFan } from '../bare-workflows.js';
import type { BareRun } from './bare-contract.js';
import { Child } from './child.js';

const QUEUE = 'bench-bare';
/** As the product sets it: the task in hand of a killed worker is given on after a second. */
const WORKFLOW_TASK_TIMEOUT = '1s';

/** The bare Temporal workflow: own workers on an own queue of the product's server. */
export class Bare {
  workers: Child<{ type: 'ready' }>[] = [];

  private constructor(
    private readonly env: NodeJS.ProcessEnv,
    private readonly connection: Connection,
    private readonly client: Client,
  ) {}

  static async open(address: string, namespace: string, workers = 1, databaseUrl = ''): Promise<Bare> {
    const env = {
      TEMPORAL_ADDRESS: address,
      TEMPORAL_NAMESPACE: namespace,
      BENCH_QUEUE: QUEUE,
      BENCH_BUNDLE: await bundle(),
      BENCH_DATABASE: databaseUrl,
    };
    const connection = await Connection.connect({ address, connectTimeout: '5s' });
    const bare = new Bare(env, connection, new Client({ connection, namespace }));
    for (let started = 0; started < workers; started += 1) await bare.addWorker();
    return bare;
  }

  async addWorker(): Promise<void> {
    this.workers.push(await Child.start('bare-worker', this.env));
  }

  /** kill -9 to the first `count` workers; they are forgotten. */
  async killWorkers(count: number): Promise<void> {
    const victims = this.workers.splice(0, count);
    await Promise.all(victims.map((worker) => worker.kill('SIGKILL')));
  }

  /** `execute()` to its result. */
  async run(endpoint: string, steps: number, input: unknown): Promise<{ runId: string; output: unknown }> {
    const runId = randomUUID();
    const output = await this.client.workflow.execute<typeof bareChain>('bareChain', {
      ...this.options(runId),
      args: [{ runId, endpoint, steps, input }],
    });
    return { runId, output };
  }

  /** One call to each endpoint, journaled in the database of this stage. */
  fan(endpoints: string[]): Promise<unknown[]> {
    const runId = randomUUID();
    return this.client.workflow.execute<typeof bareFan>('bareFan', {
      ...this.options(runId),
      args: [{ runId, endpoints }],
    });
  }

  async start(endpoint: string, steps: number, input: unknown): Promise<string> {
    const runId = randomUUID();
    const args: [BareRun] = [{ runId, endpoint, steps, input }];
    await this.client.workflow.start<typeof bareChain>('bareChain', { ...this.options(runId), args });
    return runId;
  }

  /** The result, waited for through outages of the server; fails when the workflow did. */
  async result(runId: string): Promise<unknown> {
    for (;;) {
      try {
        return await this.client.workflow.getHandle(workflowIdOf(runId)).result();
      } catch (error) {
        if (error instanceof WorkflowFailedError) throw error;
        await new Promise((resolve) => setTimeout(resolve, 100));
      }
    }
  }

  serverVersion(): Promise<string> {
    return this.connection.workflowService.getSystemInfo({}).then(({ serverVersion }) => serverVersion);
  }

  async stop(): Promise<void> {
    await this.connection.close();
    await Promise.all(this.workers.map((worker) => worker.kill('SIGTERM')));
  }

  private options(runId: string) {
    return { taskQueue: QUEUE, workflowId: workflowIdOf(runId), workflowTaskTimeout: WORKFLOW_TASK_TIMEOUT } as const;
  }
}

const workflowIdOf = (runId: string): string => `bench-${runId}`;

/** Bundled once, so that a worker started after a kill is as quick as the product's. */
async function bundle(): Promise<string> {
  const workflowsPath = fileURLToPath(new URL('../bare-workflows.js', import.meta.url));
  const { code } = await bundleWorkflowCode({ workflowsPath, logger: new DefaultLogger('ERROR') });
  const file = fileURLToPath(new URL('../bare-workflow-bundle.js', import.meta.url));
  await writeFile(file, code);
  return file;
}
