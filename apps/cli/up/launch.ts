import { existsSync, readdirSync } from 'node:fs';
import { basename, join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { TEMPORAL_SETTINGS } from '../../../connectors/lib/temporal-settings.js';
import { environment } from '../environment.js';
import { packageRoot } from '../package-root.js';
import { UserError } from '../user-error.js';
import { freePortFrom } from './free-port.js';
import { logFileOf } from './home.js';
import { keepAlive, type Kept, type Part, type Running } from './keep-alive.js';
import { startNodeChild, type NodeChild } from './node-child.js';
import { postgresPart, type Postgres } from './postgres-part.js';
import type { Progress } from './progress.js';
import type { Settings } from './settings.js';
import { emptyStatus, writeState, type Status } from './state-file.js';
import { takesOverRoles, updateTables } from './tables.js';
import { temporalPart, type Temporal } from './temporal-part.js';

/** Milliseconds after SIGTERM, so that all parts together are gone within ten seconds. */
const STOP_WAIT_MS = { agent: 800, api: 1_500, worker: 3_000 } as const;

export interface Launched {
  status: Status;
  /** Agents, api, workers, Temporal, Postgres: each stops before what it depends on. */
  stop(): Promise<void>;
}

/** Starts every part of the product and keeps it running. When a part cannot start, stops the others and fails. */
export async function launch(settings: Settings, progress: Progress): Promise<Launched> {
  const { home } = settings;
  const status = emptyStatus(home);
  const stages: Kept[][] = [];
  let ready = false;
  let stopping = false;
  const keep = async <R extends Running>(stage: Kept[], part: Part<R>) => {
    stage.push(await keepAlive(part, (line) => !stopping && progress.print(`  ${line}`)));
  };
  const save = () => !stopping && writeState(home, ready, status);
  const stop = async () => {
    stopping = true;
    for (const stage of stages.toReversed()) await Promise.allSettled(stage.map((kept) => kept.stop()));
  };

  try {
    const environment = await startServers(settings, progress, { status, stages, save, keep });
    await startProcesses(settings, environment, progress, { status, stages, save, keep });
    ready = true;
    save();
    return { status, stop };
  } catch (error) {
    await stop();
    throw error;
  }
}

interface House {
  status: Status;
  stages: Kept[][];
  save(): void;
  keep<R extends Running>(stage: Kept[], part: Part<R>): Promise<void>;
}

/** Postgres and Temporal beside each other, then the tables. Returns what every child needs to know of them. */
async function startServers(settings: Settings, progress: Progress, house: House): Promise<NodeJS.ProcessEnv> {
  const [postgresStage, temporalStage]: [Kept[], Kept[]] = [[], []];
  house.stages.push(postgresStage, temporalStage);
  const note = (line: string) => progress.print(`  ${line}`);
  let postgres: Postgres | undefined;
  let temporal: Temporal | undefined;

  const database = progress.step(
    'Postgres',
    () =>
      house.keep(
        postgresStage,
        postgresPart(settings, note, (running) => {
          postgres = running;
          house.status.postgres = { url: running.shownUrl, pid: running.pid };
          house.save();
        }),
      ),
    () => postgres?.detail ?? '',
  );
  const engine = progress.step(
    'Temporal',
    () =>
      house.keep(
        temporalStage,
        temporalPart(settings, note, (running) => {
          temporal = running;
          const { address, uiUrl = null, pid, source, version } = running;
          house.status.temporal = { address, uiUrl, pid, source, version };
          house.save();
        }),
      ),
    () => `${temporal?.address ?? ''} (server ${temporal?.version ?? ''}, from ${temporal?.source ?? ''})`,
  );
  const failed = (await Promise.allSettled([database, engine])).find((result) => result.status === 'rejected');
  if (failed) throw failed.reason;
  if (!postgres || !temporal) throw new Error('a server that started did not report itself');

  const ownerUrl = postgres.url;
  const prepared = await progress.step(
    'Tables',
    () => prepareDatabase(settings, ownerUrl, note),
    () => 'up to date',
  );
  house.status.devKey = prepared.key;
  return {
    DATABASE_APP_URL: prepared.appUrl,
    DATABASE_DISPATCH_URL: prepared.dispatchUrl,
    TEMPORAL_ADDRESS: temporal.address,
    TEMPORAL_NAMESPACE: temporal.namespace,
    BRIKK_API_KEY: prepared.key,
  };
}

async function prepareDatabase({ home, database }: Settings, ownerUrl: string, note: (line: string) => void) {
  const urls = { ...database, ownerUrl };
  if (database && (await takesOverRoles(urls, home)))
    note(
      'the database roles get new passwords; another Brikk on this server needs DATABASE_APP_URL and DATABASE_DISPATCH_URL',
    );
  const { appUrl, dispatchUrl } = await updateTables(urls, home);
  const { ensureDeveloperKey } = await import('../../../database/developer-key.js');
  const { key } = await ensureDeveloperKey({ appUrl, home });
  return { appUrl, dispatchUrl, key };
}

const dist = join(packageRoot, 'dist');

/**
 * A worker with a thousand calls in hand allocates 35 MB at once, nearly all of it alive until they end: in the small
 * young generation that Node starts with, copying it back and forth takes longer than the work. Call stacks of workflows
 * are noted where somebody asks for them.
 */
const NODE_FLAGS: Record<string, string[]> = {
  'apps/worker/main.js': [
    '--min-semi-space-size=64',
    '--max-semi-space-size=64',
    `--import=${pathToFileURL(join(dist, 'apps/worker/without-call-stacks.js')).href}`,
  ],
};

async function startProcesses(settings: Settings, servers: NodeJS.ProcessEnv, progress: Progress, house: House) {
  const { home, workers, samples } = settings;
  const port = await freePortFrom(settings.apiPort);
  if (port !== settings.apiPort) progress.print(`  API port ${settings.apiPort} is taken, using ${port}`);
  const env = childEnvironment(settings, servers, port);
  const masterKey = await readMasterKey(home, progress);
  const [workerStage, apiStage, agentStage]: [Kept[], Kept[], Kept[]] = [[], [], []];
  house.stages.push(workerStage, apiStage, agentStage);
  const part = (name: string, script: string, stopWaitMs: number, started: (child: NodeChild) => void) => ({
    name,
    start: () =>
      startNodeChild({
        name,
        script: join(dist, script),
        nodeFlags: NODE_FLAGS[script] ?? [],
        env: script.startsWith('apps/') ? { ...env, BRIKK_MASTER_KEY: masterKey } : without(env, NOT_FOR_AGENTS),
        stopWaitMs,
        logFile: logFileOf(home, name.replace(' ', '-')),
      }),
    started(child: NodeChild) {
      started(child);
      house.save();
    },
  });

  const { status } = house;
  const api = part('api', 'apps/api/main.js', STOP_WAIT_MS.api, ({ pid, ready }) => {
    status.api = { url: ready.url ?? `http://127.0.0.1:${port}`, pid };
  });
  const workerParts = Array.from({ length: workers }, (_, index) =>
    part(`worker ${index + 1}`, 'apps/worker/main.js', STOP_WAIT_MS.worker, ({ pid, ready }) => {
      status.workers[index] = { pid, queues: ready.queues ?? [] };
    }),
  );
  status.workers = workerParts.map(() => ({ pid: null, queues: [] }));
  await allOrFirstError([
    progress.step(
      'API',
      () => house.keep(apiStage, api),
      () => status.api.url,
    ),
    progress.step(
      workers === 1 ? 'Worker' : `${workers} workers`,
      () => allOrFirstError(workerParts.map((worker) => house.keep(workerStage, worker))),
      () => [...new Set(status.workers.flatMap(({ queues }) => queues))].join(', '),
    ),
  ]);
  if (!samples) return;

  const names = sampleAgents();
  status.agents = names.map((name) => ({ name, pid: null }));
  const agentParts = names.map((name, index) =>
    part(`agent ${name}`, `examples/agents/${name}.js`, STOP_WAIT_MS.agent, ({ pid }) => {
      status.agents[index] = { name, pid };
    }),
  );
  await progress.step(
    'Sample agents',
    () => allOrFirstError(agentParts.map((agent) => house.keep(agentStage, agent))),
    () => names.join(', '),
  );
}

/** The setting's, or that of the data folder. */
async function readMasterKey(home: string, progress: Progress): Promise<string> {
  const given = environment['BRIKK_MASTER_KEY'];
  if (given) return given;
  const { keepMasterKey } = await import('../../../database/master-key.js');
  const { key, isNew } = keepMasterKey(home);
  if (isNew) progress.print(`  ${join(home, 'master-key')} is made: secrets are sealed with it, so back it up`);
  return key;
}

/** What a child is told: of the person's own settings all but those of servers that are not used, or not by a child. */
function childEnvironment({ home, temporal }: Settings, servers: NodeJS.ProcessEnv, port: number): NodeJS.ProcessEnv {
  const ofTheCluster = temporal ? [] : TEMPORAL_SETTINGS;
  return {
    ...without(environment, ['DATABASE_URL', 'BRIKK_MASTER_KEY', 'NODE_CHANNEL_FD', ...ofTheCluster]),
    ...servers,
    BRIKK_ENV: 'development',
    BRIKK_HOME: home,
    BRIKK_PORT: String(port),
    BRIKK_API_URL: `http://127.0.0.1:${port}`,
  };
}

/** Agents know the API alone. */
const NOT_FOR_AGENTS = ['DATABASE_APP_URL', 'DATABASE_DISPATCH_URL', ...TEMPORAL_SETTINGS];

const without = (variables: NodeJS.ProcessEnv, hidden: readonly string[]): NodeJS.ProcessEnv =>
  Object.fromEntries(Object.entries(variables).filter(([name]) => !hidden.includes(name)));

/** The sample agents that the build made: one file each. */
function sampleAgents(): string[] {
  const folder = join(dist, 'examples', 'agents');
  if (!existsSync(folder)) throw new UserError('The sample agents are not built: run "npm run build".');
  return readdirSync(folder)
    .filter((file) => file.endsWith('.js'))
    .map((file) => basename(file, '.js'))
    .toSorted();
}

/** Waits for all, so that nothing is still starting when a failure is handled. */
async function allOrFirstError(work: readonly Promise<unknown>[]): Promise<void> {
  const failed = (await Promise.allSettled(work)).find((result) => result.status === 'rejected');
  if (failed) throw failed.reason;
}
