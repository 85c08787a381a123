import { join } from 'node:path';
import type { TemporalConnection } from '../../../connectors/lib/temporal-settings.js';
import { UserError } from '../user-error.js';
import { isPortFree } from './free-port.js';
import { logFileOf } from './home.js';
import type { Part, Running } from './keep-alive.js';
import type { Settings } from './settings.js';
import { findTemporal, startTemporal } from './temporal.js';
import { prepareCluster } from './temporal-cluster.js';
import { readTemporalDev } from './temporal-dev.js';

export interface Temporal extends Running {
  address: string;
  namespace: string;
  uiUrl?: string;
  source: string;
  version: string;
}

/** The development server, or the one that TEMPORAL_ADDRESS names. */
export function temporalPart(
  settings: Settings,
  log: (line: string) => void,
  started: (running: Temporal) => void,
): Part<Temporal> {
  const { temporal, temporalNamespace } = settings;
  if (temporal) return { name: 'temporal', started, start: () => useGiven(temporal, temporalNamespace) };
  let last: { port: number; uiPort?: number } | undefined;
  return {
    name: 'temporal',
    started,
    async start() {
      if (last && !(await isPortFree(last.port)))
        throw new UserError(`Port ${last.port}, which the other parts know, is taken by another program: free it.`);
      const server = await launch(settings, last, log);
      last = server;
      return server;
    },
  };
}

async function launch(
  settings: Settings,
  last: { port: number; uiPort?: number } | undefined,
  log: (line: string) => void,
) {
  const { path, serverVersion, source } = await findTemporal(log);
  const { database } = readTemporalDev();
  const namespace = settings.temporalNamespace;
  const server = await startTemporal({
    binary: path,
    dbFile: join(settings.home, database.file.replace('{server}', serverVersion)),
    namespace,
    port: last?.port ?? settings.temporalPort,
    uiPort: last?.uiPort ?? settings.temporalUiPort,
    logFile: logFileOf(settings.home, 'temporal'),
    log,
  });
  return { ...server, namespace, source, version: serverVersion };
}

async function useGiven(connection: TemporalConnection, namespace: string): Promise<Temporal> {
  const version = await prepareCluster(connection, namespace, readTemporalDev());
  return {
    address: connection.address,
    namespace,
    version,
    source: 'TEMPORAL_ADDRESS',
    pid: null,
    exited: new Promise(() => undefined),
    stop: () => Promise.resolve(),
  };
}
