import { Connection } from '@temporalio/client';
import { setTimeout as delay } from 'node:timers/promises';
import type { TemporalConnection } from '../../../connectors/lib/temporal-settings.js';
import { UserError } from '../user-error.js';
import type { TemporalDev } from './temporal-dev.js';
import { isAtLeast } from './temporal-version.js';

const CALL_DEADLINE_MS = 5_000;
const SETTLE_DEADLINE_MS = 30_000;
const RETENTION_S = 86_400;
const ALREADY_EXISTS = 6; // gRPC status code
const NOT_FOUND = 5;
const PERMISSION_DENIED = 7;
const UNAUTHENTICATED = 16;
const KEYWORD = 2; // temporal.api.enums.v1.IndexedValueType

/**
 * Checks a server that somebody else runs, and makes the namespace and search attributes that it lacks. Returns its
 * version. Fails with a `UserError` when it cannot be reached, is too old, or does not let us.
 */
export async function prepareCluster(
  options: TemporalConnection,
  namespace: string,
  dev: TemporalDev,
): Promise<string> {
  const { address } = options;
  const connection = Connection.lazy({ ...options, connectTimeout: CALL_DEADLINE_MS });
  const call = <T>(work: () => Promise<T>) => connection.withDeadline(Date.now() + CALL_DEADLINE_MS, work);
  try {
    const { serverVersion } = await call(() => connection.workflowService.getSystemInfo({})).catch((error: unknown) => {
      if (grpcCode(error) === UNAUTHENTICATED || grpcCode(error) === PERMISSION_DENIED)
        throw new UserError(`The Temporal at ${address} refuses us: correct TEMPORAL_API_KEY or TEMPORAL_TLS_….`, {
          cause: error,
        });
      const what = options.tls ? 'the address or TEMPORAL_TLS_…' : 'the address';
      throw new UserError(`No Temporal answers at ${address} (TEMPORAL_ADDRESS): start it, or correct ${what}.`, {
        cause: error,
      });
    });
    if (serverVersion && !isAtLeast(serverVersion, dev.cli.minimumServer))
      throw new UserError(
        `The Temporal at ${address} is ${serverVersion}: Brikk needs ${dev.cli.minimumServer} or newer.`,
      );
    await makeNamespace(connection, call, namespace);
    await makeSearchAttributes(connection, call, namespace, dev);
    return serverVersion ?? '';
  } finally {
    await connection.close();
  }
}

type Call = <T>(work: () => Promise<T>) => Promise<T>;

async function makeNamespace(connection: Connection, call: Call, namespace: string): Promise<void> {
  const exists = () =>
    call(() => connection.workflowService.describeNamespace({ namespace })).then(
      () => true,
      (error: unknown) => {
        if (grpcCode(error) === NOT_FOUND) return false;
        throw new UserError(`Temporal does not show its namespace ${namespace}: check the rights of your key.`, {
          cause: error,
        });
      },
    );
  if (await exists()) return;
  const workflowExecutionRetentionPeriod = { seconds: RETENTION_S };
  await call(() =>
    connection.workflowService.registerNamespace({ namespace, workflowExecutionRetentionPeriod } as never),
  ).catch((error: unknown) => {
    if (grpcCode(error) === ALREADY_EXISTS) return;
    throw new UserError(`The namespace ${namespace} is missing in Temporal and cannot be made from here: create it.`, {
      cause: error,
    });
  });
  // A new namespace is known to every part of the server only after its caches were read again.
  await until(exists, `The namespace ${namespace} was made but does not appear.`);
}

async function makeSearchAttributes(connection: Connection, call: Call, namespace: string, dev: TemporalDev) {
  const missing = async () => {
    const known = await call(() => connection.operatorService.listSearchAttributes({ namespace }));
    return Object.keys(dev.searchAttributes).filter((name) => !(name in known.customAttributes));
  };
  // The part of the server that knows search attributes hears of a new namespace later than the others.
  const isKnown = () =>
    missing().then(
      () => true,
      (error: unknown) => grpcCode(error) !== NOT_FOUND,
    );
  await until(isKnown, `The namespace ${namespace} was made but its search attributes do not appear.`);
  const names = await missing().catch((error: unknown) => {
    throw new UserError(`Temporal does not show the search attributes of ${namespace}: check the rights of your key.`, {
      cause: error,
    });
  });
  if (names.length === 0) return;
  const searchAttributes = Object.fromEntries(names.map((name) => [name, KEYWORD]));
  await call(() => connection.operatorService.addSearchAttributes({ namespace, searchAttributes })).catch(
    (error: unknown) => {
      if (grpcCode(error) === ALREADY_EXISTS) return;
      throw new UserError(`Temporal lacks the search attributes ${names.join(', ')} (Keyword): create them.`, {
        cause: error,
      });
    },
  );
  await until(async () => (await missing()).length === 0, `The search attributes were made but do not appear.`);
}

async function until(isDone: () => Promise<boolean>, otherwise: string): Promise<void> {
  const end = performance.now() + SETTLE_DEADLINE_MS;
  while (!(await isDone().catch(() => false))) {
    if (performance.now() > end) throw new UserError(`${otherwise} Start again.`);
    await delay(200);
  }
}

function grpcCode(error: unknown): unknown {
  return error instanceof Error && 'code' in error ? error.code : undefined;
}
