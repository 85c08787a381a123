import { Context } from '@temporalio/activity';
import type { ConnectionActivities } from '../contracts/connection-tasks.js';
import type { ConnectionAuth } from '../contracts/connection-auth.js';
import type { Connection, ConnectionTest } from '../contracts/connections.js';
import { BrikkError } from '../contracts/errors.js';
import type { AskForTokens, HeldToken } from '../contracts/connector-effects.js';
import { askForTokens } from './connection-tokens.js';
import { ConnectionClient, usedConnection } from './connection-client.js';
import { CONNECTOR_TESTS } from './connector-actions.js';
import { type ConnectorOptions, failureOf, secretsShown, tokenOf } from './connector-send.js';
import { hiding } from './hide-secrets.js';
import { namingFailures } from './naming-failures.js';

const TIMEOUT_MS = 15_000;

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
      // While calls are made with the one before it, the connection is of use.
      if (error.code === 'connector.auth' && connection.previousUntil === null)
        await connections.refuse(orgId, connection, error.message);
      return { ok: false, latencyMs, error: { code: error.code, message: error.message } };
    },
    authorizeConnection: async ({ orgId, stateHash }) => {
      const { cancellationSignal: signal } = Context.current();
      const passing = { baseUrl: '', timeoutMs: TIMEOUT_MS, signal };
      const ask: AskForTokens = (auth, proof) => askForTokens(options.web, auth, proof, passing);
      try {
        const { name } = await options.connections.authorize(orgId, stateHash, ask);
        return { connection: name };
      } catch (error) {
        if (!(error instanceof BrikkError) || error.code !== 'connector.auth') throw error;
        throw new BrikkError('oauth.denied', error.message, { cause: error });
      }
    },
  });
}

/** Why the test call failed; undefined: it did not. */
async function tryOut(
  options: ConnectorOptions,
  orgId: string,
  connection: Connection,
  auth: ConnectionAuth,
  signal: AbortSignal,
): Promise<BrikkError | undefined> {
  const { web, resolve } = options;
  const timeoutMs = TIMEOUT_MS;
  const passing = { timeoutMs, signal };
  let client: ConnectionClient | undefined;
  let held: HeldToken | undefined;
  const { testPath } = connection.settings;
  try {
    const used = usedConnection(connection, auth);
    held = await tokenOf(options, orgId, connection, { ...used, ...passing });
    if (held) used.auth = { kind: 'bearer', token: held.token };
    client = new ConnectionClient({ web, connection: used, ...passing });
    const { request, fetch } = client;
    const { test } = used.provider;
    if (test) await request({ ...test, path: typeof testPath === 'string' ? testPath : test.path });
    const asked = { with: undefined, key: 'test', startedAt: new Date(), connection: used, timeoutMs, signal };
    await CONNECTOR_TESTS[connection.provider]?.({ ...asked, request, fetch, resolve });
    return undefined;
  } catch (error) {
    const { code, message } = failureOf(error, client, signal);
    return new BrikkError(code, hiding(secretsShown({ auth }, held))(message));
  }
}
