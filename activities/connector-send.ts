import type { ActionCall, ConnectorAction, Effect, UsedConnection } from '../connectors/lib/connector-action.js';
import { WebFailure } from '../connectors/web/web.connector.js';
import type { ConnectorFunction } from '../contracts/connector-functions.js';
import type { Claim, HeldToken, PreviousCredential } from '../contracts/connector-effects.js';
import { type ConnectionAuth, hasTokens } from '../contracts/connection-auth.js';
import type { Connection } from '../contracts/connections.js';
import { BrikkError } from '../contracts/errors.js';
import type { Json } from '../contracts/json.js';
import type { ConnectorCall } from '../contracts/language-activities.js';
import { type ClientOptions, ConnectionClient, usedConnection } from './connection-client.js';
import { askForTokens } from './connection-tokens.js';
import { CONNECTOR_ACTIONS } from './connector-actions.js';
import type { Connections } from './dependencies.js';
import { hiding, hidingEchoes, secretsOf } from './hide-secrets.js';

export interface ConnectorOptions extends Pick<ClientOptions, 'web'>, Pick<ActionCall<unknown>, 'resolve'> {
  connections: Connections;
}

/** What one attempt has to know. */
interface Sending extends Pick<ClientOptions, 'timeoutMs' | 'signal'> {
  options: ConnectorOptions;
  call: ConnectorCall;
  connection: Connection;
  given: Json;
  key: string;
  claim: Extract<Claim, { state: 'mine' }>;
  /** Of the connection, or the one that it had before. */
  credential: { auth: ConnectionAuth; version: number };
}

export interface SendEnd {
  effect?: Effect;
  /** With nothing secret in its words. */
  failure?: BrikkError;
  /** No request has gone out: it may be tried elsewhere at once. */
  isUnsent: boolean;
  /** The token that it was made with. */
  held?: HeldToken | undefined;
}

/** One attempt at one URL of the connection, or where its provider is. */
export async function sendTo(
  { options, call, connection, given, key, claim, credential, timeoutMs, signal }: Sending,
  url: string | undefined,
): Promise<SendEnd> {
  const passing = { timeoutMs, signal };
  const { resolve } = options;
  const { startedAt } = claim;
  const action = CONNECTOR_ACTIONS[call.request.function as ConnectorFunction] as ConnectorAction<Json>;
  let client: ConnectionClient | undefined;
  let held: HeldToken | undefined;
  try {
    const used = usedConnection(connection, credential.auth, url === undefined ? [] : [url]);
    used.previousAuth = claim.previous?.auth;
    const owner = { ...connection, credentialVersion: credential.version };
    held = await tokenOf(options, call.orgId, owner, { ...used, ...passing });
    if (held) used.auth = { kind: 'bearer', token: held.token };
    client = new ConnectionClient({ web: options.web, connection: used, ...passing });
    const { request, fetch } = client;
    const asked = { with: given, key, startedAt, connection: used, ...passing, request, fetch, resolve };
    const found = claim.isUnknown ? await action.lookup?.(asked) : undefined;
    const effect = found ?? (await action.send(asked));
    const output = hidingEchoes(secretsShown(claim, held))(effect.output);
    return { effect: { ...effect, output }, isUnsent: false };
  } catch (error) {
    const failure = failureOf(error, client, signal);
    const hide = hiding(secretsShown(claim, held));
    const named = new BrikkError(failure.code, hide(failure.message), {
      ...(failure.retryAfterMs !== undefined && { retryAfterMs: failure.retryAfterMs }),
    });
    return { failure: named, isUnsent: client?.isUnsent ?? false, held };
  }
}

/** What no output and no message may show. */
export const secretsShown = (
  { auth, previous }: { auth: ConnectionAuth; previous?: PreviousCredential },
  held: HeldToken | undefined,
): string[] => [...secretsOf(auth), ...(previous ? secretsOf(previous.auth) : []), held?.token ?? ''];

/** For credentials that are exchanged for one; undefined for all others. */
export async function tokenOf(
  { web, connections }: ConnectorOptions,
  orgId: string,
  connection: Connection,
  { auth, ...asking }: Pick<UsedConnection, 'auth' | 'baseUrl'> & Pick<ClientOptions, 'timeoutMs' | 'signal'>,
): Promise<HeldToken | undefined> {
  if (!hasTokens(auth)) return undefined;
  return connections.token(orgId, connection, (given, proof) => askForTokens(web, given, proof, asking));
}

/** What a failure says of the outside system. Anything else goes on as it is. */
export function failureOf(
  error: unknown,
  client: Pick<ConnectionClient, 'lastFailure'> | undefined,
  signal: AbortSignal,
): BrikkError {
  if (error instanceof BrikkError) {
    if (error.code.startsWith('connector.')) return error;
    throw error;
  }
  if (signal.aborted) throw error;
  if (client?.lastFailure) return client.lastFailure;
  const reason = error instanceof Error ? error.message : String(error);
  const isUnusable = error instanceof WebFailure && error.kind === 'invalid';
  return new BrikkError(isUnusable ? 'connector.validation' : 'connector.unavailable', reason, { cause: error });
}
