import type { ActionCall, ConnectorAction } from '../connectors/lib/connector-action.js';
import { WebFailure } from '../connectors/web/web.connector.js';
import { CONNECTOR_FUNCTIONS, type ConnectorFunction } from '../contracts/connector-functions.js';
import type { Claim, EffectEnd } from '../contracts/connector-effects.js';
import type { Connection } from '../contracts/connections.js';
import { BrikkError } from '../contracts/errors.js';
import type { Json } from '../contracts/json.js';
import type { ConnectorCall } from '../contracts/language-activities.js';
import { contentHash } from '../database/canonical-json.js';
import { fieldsOf, textOf } from './call-parts.js';
import { carry } from './claim-check.js';
import { type ClientOptions, ConnectionClient, usedConnection } from './connection-client.js';
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
    return await perform(options, { call, prepared, deadlineAt, connection, given, key, claim });
  } catch (error) {
    if (!(error instanceof BrikkError) || !/^(connect|function)/.test(error.code)) throw error;
    return { error: { code: error.code, message: prepared.hide(error.message), retryable: error.retryable } };
  }
}

interface Performed {
  call: ConnectorCall;
  prepared: Prepared;
  deadlineAt: number;
  connection: Connection;
  given: Json;
  key: string;
  claim: Mine;
}

async function perform(options: ConnectorOptions, performed: Performed): Promise<Outcome> {
  const { call, prepared, deadlineAt, connection, given, key, claim } = performed;
  const { connections } = options;
  const { timeoutMs, signal } = prepared;
  const end = (ended: EffectEnd) => connections.end(call.orgId, { connectionId: connection.id, key }, ended);
  const used = usedConnection(connection, claim.auth);
  const client = new ConnectionClient({ web: options.web, connection: used, timeoutMs, signal });
  const { request, fetch } = client;
  const { resolve } = options;
  const { startedAt } = claim;
  const asked = { with: given, key, startedAt, connection: used, timeoutMs, signal, request, fetch, resolve };
  const action = CONNECTOR_ACTIONS[call.request.function as ConnectorFunction] as ConnectorAction<Json>;
  try {
    const found = claim.isUnknown ? await action.lookup?.(asked) : undefined;
    const { output, externalId } = found ?? (await action.send(asked));
    const kept = await carry(prepared.payloads, call, output);
    await end({ state: 'finished', output: kept, ...(externalId !== undefined && { externalId }) });
    return { output };
  } catch (error) {
    const failure = failureOf(error, client, signal);
    const hide = hiding([claim.auth as unknown as Json]);
    const named = new BrikkError(failure.code, hide(failure.message), {
      ...(failure.retryAfterMs !== undefined && { retryAfterMs: failure.retryAfterMs }),
    });
    if (named.code === 'connector.auth') await connections.refuse(call.orgId, connection, named.message);
    const next = afterFailure(named, { sends: claim.sends, deadlineAt });
    await end({ state: next.state, errorClass: named.code, holdMs: next.waitMs ?? 0 });
    if (next.waitMs !== undefined) throw later(named.code, prepared.hide(named.message), next.waitMs);
    throw named;
  }
}

/** What a failure says of the outside system. Anything else goes on as it is. */
export function failureOf(error: unknown, { lastFailure }: ConnectionClient, signal: AbortSignal): BrikkError {
  if (error instanceof BrikkError) {
    if (error.code.startsWith('connector.')) return error;
    throw error;
  }
  if (signal.aborted) throw error;
  if (lastFailure) return lastFailure;
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
