import { Context } from '@temporalio/activity';
import type { ConnectionActivities } from '../contracts/connection-tasks.js';
import type { Connection, ConnectionAuth, ConnectionTest } from '../contracts/connections.js';
import { BrikkError } from '../contracts/errors.js';
import type { Json } from '../contracts/json.js';
import type { HeldToken } from '../contracts/connector-effects.js';
import { askForTokens } from './connection-tokens.js';
import { ConnectionClient, usedConnection } from './connection-client.js';
import { CONNECTOR_TESTS } from './connector-actions.js';
import { type ConnectorOptions, failureOf } from './connector-call.js';
import { hiding } from './hide-secrets.js';
import { namingFailures } from './naming-failures.js';

const TEST_TIMEOUT_MS = 15_000;

/** What the API asks of connections. */
export function createConnectionActivities(options: ConnectorOptions): ConnectionActivities {
  return namingFailures<ConnectionActivities>({
    testConnection: async ({ orgId, connectionId, by }) => {
      const { connections } = options;
      const connection = await connections.load(orgId, connectionId);
      const startedAt = Date.now();
      const error = await connections.open(orgId, connection, by).then(
        (auth) => tryOut(options, orgId, connection, auth, Context.current().cancellationSignal),
        (reason: unknown) => reason,
      );
      const latencyMs = Date.now() - startedAt;
      if (error === undefined) return { ok: true, latencyMs, error: null } satisfies ConnectionTest;
      if (!(error instanceof BrikkError) || !error.code.startsWith('connect')) throw error;
      if (error.code === 'connector.auth') await connections.refuse(orgId, connection, error.message);
      return { ok: false, latencyMs, error: { code: error.code, message: error.message } };
    },
  });
}

/** Why the test call failed; undefined: it did not. */
async function tryOut(
  { web, resolve, connections }: ConnectorOptions,
  orgId: string,
  connection: Connection,
  auth: ConnectionAuth,
  signal: AbortSignal,
): Promise<BrikkError | undefined> {
  const timeoutMs = TEST_TIMEOUT_MS;
  const passing = { timeoutMs, signal };
  let client: ConnectionClient | undefined;
  let held: HeldToken | undefined;
  const { testPath } = connection.settings;
  try {
    if (auth.kind === 'oauth2')
      held = await connections.token(orgId, connection, (given, refreshToken) =>
        askForTokens(web, given, refreshToken, passing),
      );
    const used = usedConnection(connection, held ? { kind: 'bearer', token: held.token } : auth);
    client = new ConnectionClient({ web, connection: used, ...passing });
    const { request, fetch } = client;
    const { test } = used.provider;
    if (test) await request({ ...test, path: typeof testPath === 'string' ? testPath : test.path });
    const asked = { with: undefined, key: 'test', startedAt: new Date(), connection: used, timeoutMs, signal };
    await CONNECTOR_TESTS[connection.provider]?.({ ...asked, request, fetch, resolve });
    return undefined;
  } catch (error) {
    const { code, message } = failureOf(error, client, signal);
    return new BrikkError(code, hiding([auth as unknown as Json, held?.token ?? ''])(message));
  }
}
