import { Connection } from '@temporalio/client';
import { existsSync, mkdirSync, statSync } from 'node:fs';
import { connect } from 'node:net';
import { dirname } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import type { TemporalConnection } from '../../../connectors/lib/temporal-settings.js';
import { environment } from '../environment.js';
import { explainFileError, UserError } from '../user-error.js';
import { anyFreePort, freePortFrom } from './free-port.js';
import { startGuarded, type GuardedProcess } from './guarded-process.js';
import { readLogFrom } from './postgres-failure.js';
import { stopProcess } from './stop-process.js';
import { readTemporalDev, serverArguments, type TemporalDev } from './temporal-dev.js';

export { findTemporal, locateTemporal } from './find-temporal.js';

const START_DEADLINE_MS = 60_000;
const PROBE_DEADLINE_MS = 1_000;
const STOP_STEPS = [
  { signal: 'SIGTERM', waitMs: 4_000 },
  { signal: 'SIGKILL', waitMs: 2_000 },
] as const;

export interface TemporalOptions {
  binary: string;
  /** The SQLite file; made when missing. */
  dbFile: string;
  /** Default: that of temporal-dev.yml. */
  namespace?: string;
  /** Tried first, then the next free one; without it any free port. */
  port?: number;
  /** Likewise. Without it, unless `headless` is false, there is no Web UI. */
  uiPort?: number;
  headless?: boolean;
  /** For tests: the file is not flushed to the disk. */
  ephemeral?: boolean;
  /** For tests: in the place of what temporal-dev.yml says. */
  dynamicConfig?: TemporalDev['dynamicConfig'];
  log?: (line: string) => void;
  /** Default: beside the SQLite file. */
  logFile?: string;
}

export interface TemporalServer {
  address: string;
  uiUrl?: string;
  port: number;
  uiPort?: number;
  pid: number;
  exited: Promise<void>;
  stop(): Promise<void>;
}

/**
 * Starts the development server with the settings of temporal-dev.yml; resolves when the namespace answers. The
 * server ends with this process, whatever ends it. Fails with a `UserError` that says what to do.
 */
export async function startTemporal(options: TemporalOptions): Promise<TemporalServer> {
  const { binary, dbFile, ephemeral, log } = options;
  const logFile = options.logFile ?? `${dbFile}.log`;
  const own = readTemporalDev();
  const dynamicConfig = { ...own.dynamicConfig, ...options.dynamicConfig };
  const dev = { ...own, ...(options.namespace && { namespace: options.namespace }), dynamicConfig };
  try {
    mkdirSync(dirname(dbFile), { recursive: true, mode: 0o700 });
    for (let attempt = 1; ; attempt += 1) {
      const { port, uiPort } = await choosePorts(options, log);
      const httpPort = await anyFreePort();
      const logOffset = existsSync(logFile) ? statSync(logFile).size : 0;
      const args = serverArguments(dev, { dbFile, port, httpPort, uiPort, ephemeral });
      const child = await startGuarded([binary, ...args], { logFile, env: serverEnvironment() });
      const address = `127.0.0.1:${port}`;
      if (await isReady(address, dev.namespace, child)) {
        const stop = () => stopProcess(child.pid, STOP_STEPS);
        const uiUrl = uiPort ? `http://127.0.0.1:${uiPort}` : undefined;
        return { address, uiUrl, port, uiPort, pid: child.pid, exited: child.exited, stop };
      }
      await stopProcess(child.pid, STOP_STEPS);
      const output = readLogFrom(logFile, logOffset);
      if (!/address already in use|can't set frontend port/i.test(output) || attempt === 5)
        throw explainTemporal(output, logFile);
    }
  } catch (error) {
    throw explainFileError(error, dirname(dbFile));
  }
}

/** Whether the namespace answers at this address within a second. */
export async function isTemporalReady(address: string | TemporalConnection, namespace: string): Promise<boolean> {
  const options = typeof address === 'string' ? { address } : address;
  const connection = Connection.lazy({ ...options, connectTimeout: PROBE_DEADLINE_MS });
  try {
    await connection.withDeadline(Date.now() + PROBE_DEADLINE_MS, () =>
      connection.workflowService.describeNamespace({ namespace }),
    );
    return true;
  } catch {
    return false;
  } finally {
    await connection.close();
  }
}

async function isReady(address: string, namespace: string, child: GuardedProcess): Promise<boolean> {
  const end = performance.now() + START_DEADLINE_MS;
  while (child.isRunning() && performance.now() < end) {
    // A refused connection makes gRPC wait a second before its next try: ask only once somebody listens.
    if ((await isListening(address)) && (await isTemporalReady(address, namespace))) return child.isRunning();
    await delay(50);
  }
  return false;
}

function isListening(address: string): Promise<boolean> {
  const [host, port] = address.split(':');
  return new Promise((resolve) => {
    const socket = connect({ host, port: Number(port), timeout: PROBE_DEADLINE_MS });
    const answer = (isThere: boolean) => {
      socket.destroy();
      resolve(isThere);
    };
    socket.once('connect', () => answer(true));
    socket.once('error', () => answer(false));
    socket.once('timeout', () => answer(false));
  });
}

async function choosePorts(
  { port: wanted, uiPort: wantedUi, headless }: TemporalOptions,
  log?: (line: string) => void,
): Promise<{ port: number; uiPort?: number }> {
  const port = wanted ? await freePortFrom(wanted) : await anyFreePort();
  if (wanted && port !== wanted) log?.(`Temporal port ${wanted} is taken, using ${port}`);
  if (headless ?? !wantedUi) return { port };
  const uiPort = wantedUi ? await freePortFrom(wantedUi, [port]) : await anyFreePort();
  if (wantedUi && uiPort !== wantedUi) log?.(`Temporal Web UI port ${wantedUi} is taken, using ${uiPort}`);
  return { port, uiPort };
}

/** TEMPORAL_* variables would point the server's own client elsewhere. */
function serverEnvironment(): NodeJS.ProcessEnv {
  return Object.fromEntries(Object.entries(environment).filter(([name]) => !name.startsWith('TEMPORAL_')));
}

function explainTemporal(output: string, logFile: string): UserError {
  if (/no space left|disk is full/i.test(output))
    return new UserError('Temporal cannot write because the disk is full: free some space and start again.');
  if (/readonly database|unable to open database|permission denied/i.test(output))
    return new UserError('Temporal cannot write its database file: make the data folder yours, or change BRIKK_HOME.');
  if (/database is locked/i.test(output))
    return new UserError('Another Temporal server is using the database file: stop it, or choose another BRIKK_HOME.');
  return new UserError(`Temporal did not start: read ${logFile}.`);
}
