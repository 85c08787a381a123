import { existsSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import {
  type ActivityInterceptorsFactory,
  NativeConnection,
  Worker,
  type WorkerDeploymentOptions,
  type WorkerOptions,
} from '@temporalio/worker';
import type { Logger } from 'pino';
import { CORE_QUEUE } from '../../contracts/run-workflow.js';
import type { WorkerSinks } from '../../contracts/worker-sinks.js';
import type { WorkerEnv } from './env.js';

/** The name of Brikk's workers among those of an engine. */
const DEPLOYMENT = 'brikk';

export interface HostOptions {
  env: WorkerEnv;
  agentActivities: object;
  runActivities: object;
  sinks: WorkerSinks;
  /** Sees every activity. */
  activityInterceptor: ActivityInterceptorsFactory;
  log: Logger;
  /** Called each time the workers take tasks, with their queues. */
  onRunning: (queues: string[]) => void;
}

const FIRST_RETRY_MS = 200;
const LONGEST_RETRY_MS = 5_000;
/** By itself the SDK would send a beat as late as 80 % of the time-out, and with it hear of a cancellation. */
const HEARTBEAT_EVERY = '400ms';
/** The first batches of a workflow task come back with the answer to it, without a dispatch: those of 1,000 calls are 10. */
const EAGER_ACTIVITIES = 20;

/**
 * The Temporal workers of this process. Lives until `stop`: while the engine is away it connects again and again, and a
 * worker that the engine's long absence has ended is made anew.
 */
export class WorkerHost {
  private readonly stopping = new AbortController();
  private workers: Worker[] = [];

  constructor(private readonly options: HostOptions) {}

  async run(): Promise<void> {
    const { log } = this.options;
    let retryMs = FIRST_RETRY_MS;
    while (!this.stopping.signal.aborted) {
      try {
        await this.runOnce(() => (retryMs = FIRST_RETRY_MS));
      } catch (error) {
        if (this.stopping.signal.aborted) break;
        log.warn({ reason: reasonOf(error), retryMs }, 'the engine is away: trying again');
        await delay(retryMs, this.stopping.signal);
        retryMs = Math.min(retryMs * 2, LONGEST_RETRY_MS);
      }
    }
  }

  /** Takes no new tasks; those in hand have their grace to end. */
  stop(): void {
    this.stopping.abort();
    this.shutDown();
  }

  private shutDown(): void {
    for (const worker of this.workers) if (worker.getState() === 'RUNNING') worker.shutdown();
  }

  private async runOnce(onConnected: () => void): Promise<void> {
    const connection = await NativeConnection.connect(this.options.env.temporal.connection);
    try {
      this.workers = await Promise.all(this.workerOptions(connection).map((options) => Worker.create(options)));
      onConnected();
      const running = this.workers.map((worker) => worker.run());
      // A worker that was made must run to be let go, and holds the process until then.
      if (this.stopping.signal.aborted) this.shutDown();
      else this.options.onRunning(this.workers.map(({ options }) => options.taskQueue));
      // When one worker fails the other must end, too: the connection under both is closed.
      await Promise.race(running).catch(() => undefined);
      this.shutDown();
      const ends = await Promise.allSettled(running);
      const failed = ends.find((end) => end.status === 'rejected');
      if (failed) throw failed.reason;
    } finally {
      this.workers = [];
      await connection.close().catch(() => undefined); // It is broken or no longer used either way.
    }
  }

  private workerOptions(connection: NativeConnection): WorkerOptions[] {
    const { env, agentActivities, runActivities, sinks, activityInterceptor } = this.options;
    const shared = {
      connection,
      namespace: env.temporal.namespace,
      shutdownGraceTime: env.shutdownGraceMs,
      maxConcurrentActivityTaskExecutions: env.slots,
      maxHeartbeatThrottleInterval: HEARTBEAT_EVERY,
      interceptors: { activity: [activityInterceptor] },
      ...(env.buildId !== undefined && { workerDeploymentOptions: pinnedTo(env.buildId) }),
    } satisfies Partial<WorkerOptions>;
    const core: WorkerOptions = {
      ...shared,
      taskQueue: CORE_QUEUE,
      ...workflowSource(),
      activities: { ...runActivities, ...agentActivities },
      sinks: {
        agents: {
          expect: { fn: (_, ...expected: Parameters<typeof sinks.agents.expect>) => sinks.agents.expect(...expected) },
        },
      },
      maxEagerActivityReservationsPerWorkflowTask: EAGER_ACTIVITIES,
      maxConcurrentWorkflowTaskExecutions: 100,
      maxCachedWorkflows: env.maxCachedWorkflows,
      reuseV8Context: true,
      stickyQueueScheduleToStartTimeout: '500ms',
    };
    if (env.agentQueue === undefined) return [core];
    return [core, { ...shared, taskQueue: env.agentQueue, activities: agentActivities }];
  }
}

/**
 * Temporal's worker versioning: a run ends on the release of workers that began it, however the code changes meanwhile.
 * Source: https://docs.temporal.io/production-deployment/worker-deployments/worker-versioning
 */
const pinnedTo = (buildId: string): WorkerDeploymentOptions => ({
  version: { deploymentName: DEPLOYMENT, buildId },
  useWorkerVersioning: true,
  defaultVersioningBehavior: 'PINNED',
});

/** The bundle that the build has made, else the folder of the workflows. */
function workflowSource(): Pick<WorkerOptions, 'workflowBundle' | 'workflowsPath'> {
  const codePath = fileURLToPath(new URL('../../workflow-bundle.js', import.meta.url));
  if (existsSync(codePath)) return { workflowBundle: { codePath } };
  return { workflowsPath: fileURLToPath(new URL('../../workflows', import.meta.url)) };
}

const reasonOf = (error: unknown) => (error instanceof Error ? error.message || error.name : String(error));

function delay(ms: number, signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    const timer = setTimeout(resolve, ms);
    signal.addEventListener('abort', () => (clearTimeout(timer), resolve()), { once: true });
  });
}
