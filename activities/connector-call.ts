import type { ActionCall, ConnectorAction, UsedConnection } from '../connectors/lib/connector-action.js';
import { WebFailure } from '../connectors/web/web.connector.js';
import { CONNECTOR_FUNCTIONS, type ConnectorFunction } from '../contracts/connector-functions.js';
import type { Claim, EffectEnd, Entry, HeldToken } from '../contracts/connector-effects.js';
import { type Connection, hasTokens } from '../contracts/connections.js';
import { BrikkError } from '../contracts/errors.js';
import type { Json } from '../contracts/json.js';
import type { ConnectorCall } from '../contracts/language-activities.js';
import { contentHash } from '../database/canonical-json.js';
import { fieldsOf, textOf } from './call-parts.js';
import { carry } from './claim-check.js';
import { type ClientOptions, ConnectionClient, usedConnection } from './connection-client.js';
import { askForTokens } from './connection-tokens.js';
import { CONNECTOR_ACTIONS } from './connector-actions.js';
import { afterFailure, HELD_WAIT_MS, later } from './connector-retry.js';
import type { Connections } from './dependencies.js';
import { hiding } from './hide-secrets.js';
import type { Outcome, Prepared } from './outside-call.js';

export interface ConnectorOptions extends Pick<ClientOptions, 'web'>, Pick<ActionCall<unknown>, 'resolve'> {
  connections: Connections;
}

/** Until the way back of an outcome is lost with its worker. */
const HOLD_MARGIN_MS = 10_000;
/** A token that is refused so soon was never good. */
const FRESH_MS = 1_000;

type Mine = Extract<Claim, { state: 'mine' }>;

/**
 * One effect outside by its key: on record before it is sent; what was finished is answered from the record, and what may
 * have happened is looked for before it is sent again. What may pass fails the activity, to be tried again when the
 * outside system says; so no worker waits. `deadlineAt`: nothing is tried after it.
 */
export async function makeConnectorCall(
  options: ConnectorOptions,
  call: ConnectorCall,
  prepared: Prepared,
  deadlineAt: number,
): Promise<Outcome> {
  const { connections } = options;
  const { orgId, runId, path, timeoutMs } = call;
  const name = call.request.function as ConnectorFunction;
  try {
    const { given, key } = readRequest(name, call, prepared.parts);
    const { provider } = CONNECTOR_FUNCTIONS[name];
    const { connection: wanted } = given as { connection?: string };
    const connection = await connections.find(orgId, { provider, ...(wanted !== undefined && { name: wanted }) });
    const entry = await connections.enter(orgId, connection, key);
    if (!entry.isOpen) return putOff(entry, connection, deadlineAt);
    const claim = await connections.claim({ orgId, runId, path }, connection, {
      key,
      callKey: call.key,
      function: name,
      requestHash: contentHash([name, given]),
      holdMs: timeoutMs + HOLD_MARGIN_MS,
    });
    if (claim.state === 'finished') return { output: await prepared.payloads.materialise(orgId, claim.output) };
    if (claim.state === 'held')
      throw later('connector.unavailable', 'another call of this key is under way', HELD_WAIT_MS);
    return await perform(options, { call, prepared, deadlineAt, connection, given, key, claim, entry });
  } catch (error) {
    if (!(error instanceof BrikkError) || !/^(connect|function)/.test(error.code)) throw error;
    return { error: { code: error.code, message: prepared.hide(error.message), retryable: error.retryable } };
  }
}

/** Nothing was sent: the call comes again when there is room, while its run has time. */
function putOff({ code, waitMs }: Entry & { isOpen: false }, { name }: Connection, deadlineAt: number): Outcome {
  const why = code === 'connector.circuit_open' ? 'its system did not answer' : 'its limit is reached';
  const failure = new BrikkError(code, `The connection ${name} has to wait: ${why}`, { retryAfterMs: waitMs });
  const next = afterFailure(failure, { sends: 0, deadlineAt });
  if (next.waitMs === undefined) throw failure;
  throw later(code, failure.message, next.waitMs);
}

interface Performed {
  call: ConnectorCall;
  prepared: Prepared;
  deadlineAt: number;
  connection: Connection;
  given: Json;
  key: string;
  claim: Mine;
  entry: Entry & { isOpen: true };
}

async function perform(options: ConnectorOptions, performed: Performed): Promise<Outcome> {
  const { call, prepared, deadlineAt, connection, given, key, claim, entry } = performed;
  const { connections } = options;
  const { timeoutMs, signal } = prepared;
  const end = (ended: EffectEnd) => connections.end(call.orgId, { connectionId: connection.id, key }, ended);
  const passing = { timeoutMs, signal };
  const leave = (isFailure: boolean) => connections.leave(call.orgId, connection, entry, isFailure);
  const { resolve } = options;
  const { startedAt } = claim;
  const action = CONNECTOR_ACTIONS[call.request.function as ConnectorFunction] as ConnectorAction<Json>;
  let client: ConnectionClient | undefined;
  let held: HeldToken | undefined;
  try {
    const used = usedConnection(connection, claim.auth);
    held = await tokenOf(options, call.orgId, connection, { ...used, ...passing });
    if (held) used.auth = { kind: 'bearer', token: held.token };
    client = new ConnectionClient({ web: options.web, connection: used, ...passing });
    const { request, fetch } = client;
    const asked = { with: given, key, startedAt, connection: used, ...passing, request, fetch, resolve };
    const found = claim.isUnknown ? await action.lookup?.(asked) : undefined;
    const { output, externalId } = found ?? (await action.send(asked));
    const kept = await carry(prepared.payloads, call, output);
    await end({ state: 'finished', output: kept, ...(externalId !== undefined && { externalId }) });
    await leave(false);
    return { output };
  } catch (error) {
    const failure = failureOf(error, client, signal);
    await leave(failure.code === 'connector.unavailable');
    const hide = hiding([claim.auth as unknown as Json, held?.token ?? '']);
    const named = new BrikkError(failure.code, hide(failure.message), {
      ...(failure.retryAfterMs !== undefined && { retryAfterMs: failure.retryAfterMs }),
    });
    if (named.code === 'connector.auth' && held && held.issuedAtMs < Date.now() - FRESH_MS) {
      // It may have been taken back before its time.
      await connections.forgetToken(call.orgId, connection, held);
      await end({ state: 'waiting', errorClass: named.code });
      throw later(named.code, named.message, 1);
    }
    if (named.code === 'connector.auth') await connections.refuse(call.orgId, connection, named.message);
    const next = afterFailure(named, { sends: claim.sends, deadlineAt });
    await end({ state: next.state, errorClass: named.code, holdMs: next.waitMs ?? 0 });
    if (next.waitMs !== undefined) throw later(named.code, prepared.hide(named.message), next.waitMs);
    throw named;
  }
}

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

/** The parameters as the function declares them. Fails `function.not_found` and `connector.validation`. */
function readRequest(
  name: ConnectorFunction,
  { runId, key }: ConnectorCall,
  parts: Json,
): { given: Json; key: string } {
  if (!Object.hasOwn(CONNECTOR_FUNCTIONS, name))
    throw new BrikkError('function.not_found', `The catalogue of this installation has no connector ${name as string}`);
  const { with: written, idempotencyKey } = fieldsOf(parts, 'the request');
  const { data, error } = CONNECTOR_FUNCTIONS[name].with.safeParse(written ?? {});
  if (error) {
    const told = error.issues.slice(0, 5).map(({ path, message }) => `${path.join('.') || 'with'} ${message}`);
    throw new BrikkError('connector.validation', `with of ${name}: ${told.join('; ')}`);
  }
  const isOwn = idempotencyKey !== undefined && idempotencyKey !== null;
  return { given: data as Json, key: isOwn ? textOf(idempotencyKey).slice(0, 512) : `${runId}/${key}` };
}
