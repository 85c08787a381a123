import { Client, Connection } from '@temporalio/client';
import { DefaultLogger, NativeConnection, Runtime, Worker } from '@temporalio/worker';
import { existsSync } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { findTemporal, startTemporal } from '../../apps/cli/up/temporal.js';
import type { AgentActivities, RunActivities } from '../../contracts/run-workflow.js';
import type { WorkerSinks } from '../../contracts/worker-sinks.js';

const NAMESPACE = 'brikk';
export const workflowsPath = fileURLToPath(new URL('../../workflows', import.meta.url));

export interface TemporalWorker {
  client: Client;
  taskQueue: string;
  /** Stops the worker and whatever was started for it. */
  stop(): Promise<void>;
}

/**
 * A worker on its own queue, with activities as plain objects of the contract's types. Uses the server and the bundle
 * of the jest run (BRIKK_TEST_TEMPORAL_ADDRESS, BRIKK_TEST_WORKFLOW_BUNDLE), or starts and bundles its own.
 */
export async function startWorker({
  activities,
  expect = () => undefined,
  workflows,
  debugMode = false,
}: {
  activities: AgentActivities & RunActivities;
  expect?: WorkerSinks['agents']['expect'];
  /** A file with other workflows than the product's. */
  workflows?: string;
  /** Workflows in the thread of the test, which may then measure what they hold. */
  debugMode?: boolean;
}): Promise<TemporalWorker> {
  installRuntime();
  const server = await useServer();
  const bundle = process.env.BRIKK_TEST_WORKFLOW_BUNDLE;
  const connection = await NativeConnection.connect({ address: server.address });
  const clientConnection = await Connection.connect({ address: server.address });
  const taskQueue = `test-${Math.random().toString(36).slice(2)}`;
  const worker = await Worker.create({
    connection,
    namespace: NAMESPACE,
    taskQueue,
    activities,
    sinks: { agents: { expect: { fn: (_, ...expected: Parameters<typeof expect>) => expect(...expected) } } },
    ...(bundle && existsSync(bundle) && workflows === undefined
      ? { workflowBundle: { codePath: bundle } }
      : { workflowsPath: workflows ?? workflowsPath }),
    shutdownGraceTime: '2s',
    debugMode,
    maxConcurrentActivityTaskExecutions: 200,
  });
  const running = worker.run();
  return {
    client: new Client({ connection: clientConnection, namespace: NAMESPACE }),
    taskQueue,
    stop: async () => {
      worker.shutdown();
      await running;
      await clientConnection.close();
      await connection.close();
      await server.stop();
    },
  };
}

/** Runs `work` with a worker that is gone afterwards. */
export async function withWorker<T>(
  options: Parameters<typeof startWorker>[0],
  work: (worker: TemporalWorker) => Promise<T>,
): Promise<T> {
  const worker = await startWorker(options);
  try {
    return await work(worker);
  } finally {
    await worker.stop();
  }
}

async function useServer(): Promise<{ address: string; stop(): Promise<void> }> {
  const shared = process.env.BRIKK_TEST_TEMPORAL_ADDRESS;
  if (shared) return { address: shared, stop: async () => undefined };
  const folder = await mkdtemp(path.join(tmpdir(), 'brikk-temporal-'));
  const { path: binary } = await findTemporal(() => undefined);
  const dbFile = path.join(folder, 'temporal.db');
  const server = await startTemporal({ binary, dbFile, headless: true, ephemeral: true });
  const stop = async () => {
    await server.stop();
    await rm(folder, { recursive: true, force: true });
  };
  return { address: server.address, stop };
}

/** Once a process: the suite's output stays readable, and jest's own signals end it. */
function installRuntime(): void {
  const known = Runtime as unknown as { _instance?: unknown };
  if (known._instance) return;
  Runtime.install({ logger: new DefaultLogger('ERROR'), shutdownSignals: [] });
}
