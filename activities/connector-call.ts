import { ApplicationFailure } from '@temporalio/common';
import { CONNECTOR_FUNCTIONS, type ConnectorFunction } from '../contracts/connector-functions.js';
import type {
  Claim,
  EffectEnd,
  EffectRequest,
  Entry,
  PreviousCredential,
  TriedUrl,
} from '../contracts/connector-effects.js';
import type { Connection } from '../contracts/connections.js';
import { BrikkError } from '../contracts/errors.js';
import type { Json } from '../contracts/json.js';
import type { ConnectorCall } from '../contracts/language-activities.js';
import { contentHash } from '../database/canonical-json.js';
import { fieldsOf, issuesOf, textOf } from './call-parts.js';
import { carry } from './claim-check.js';
import { LeftToWorkflow, type ThroughEnd, withFallback } from './connector-fallback.js';
import { afterFailure, HELD_WAIT_MS, later } from './connector-retry.js';
import { type ConnectorOptions, type SendEnd, sendTo } from './connector-send.js';
import type { Outcome, Prepared } from './outside-call.js';

/** Until the way back of an outcome is lost with its worker. */
const HOLD_MARGIN_MS = 10_000;
/** A token that is refused so soon was never good. */
const FRESH_MS = 1_000;

/** A call whose token is to be renewed comes back at once. */
const RENEWED_MS = 1;

/** Where nothing could be sent, so many are tried in one attempt. */
const URLS_AN_ATTEMPT = 2;

type Mine = Extract<Claim, { state: 'mine' }>;

/**
 * One effect outside by its key: on record before it is sent; what was finished is answered from the record, and what may
 * have happened is looked for before it is sent again. What may pass fails the activity, to be tried again when the
 * outside system says; so no worker waits. Where the system does not answer any more, what its connection names stands
 * in, and the effect is left to that. `deadlineAt`: nothing is tried after it.
 */
export async function makeConnectorCall(
  options: ConnectorOptions,
  call: ConnectorCall,
  prepared: Prepared,
  deadlineAt: number,
): Promise<Outcome> {
  const { connections } = options;
  const name = call.request.function as ConnectorFunction;
  try {
    const { given, key } = readRequest(name, call, prepared.parts);
    const { provider } = CONNECTOR_FUNCTIONS[name];
    const { connection: wanted } = given as { connection?: string };
    const connection = await connections.find(call.orgId, { provider, ...(wanted !== undefined && { name: wanted }) });
    const request = { options, call, prepared, deadlineAt, given, key };
    return await withFallback(connections, call, connection, (through) => callThrough(request, through));
  } catch (error) {
    if (!(error instanceof BrikkError) || !/^(connect|function)/.test(error.code)) throw error;
    const { code, message, retryable } = error;
    const fallback = error instanceof LeftToWorkflow && { workflow: error.workflow };
    return { error: { code, message: prepared.hide(message), retryable, ...(fallback && { fallback }) } };
  }
}

/** A call as it was asked for; which connection makes it is another matter. */
interface Asked {
  options: ConnectorOptions;
  call: ConnectorCall;
  prepared: Prepared;
  deadlineAt: number;
  given: Json;
  key: string;
}

async function callThrough(asked: Asked, connection: Connection): Promise<ThroughEnd> {
  const { options, call, prepared, deadlineAt, given, key } = asked;
  const { connections } = options;
  const { orgId, runId, path, timeoutMs } = call;
  const name = call.request.function;
  const effect: EffectRequest = {
    key,
    callKey: call.key,
    function: name,
    requestHash: contentHash([name, given]),
    holdMs: timeoutMs + HOLD_MARGIN_MS,
  };
  const run = { orgId, runId };
  const leaveIt = async () => {
    if (!(await connections.replace(run, connection, effect))) throw inHand();
  };
  const entry = await connections.enter(run, connection, effect);
  const putOff = (waitMs?: number) => connections.putOff(run, connection, effect, waitMs);
  if (!entry.isOpen) {
    const failure = refused(entry, connection);
    const isAway = entry.code === 'connector.circuit_open' && connection.fallback !== null;
    const waitMs = isAway ? undefined : waitOf(entry, failure, deadlineAt);
    // Who waits for a turn keeps the place that it was given.
    if (waitMs === undefined || entry.code !== 'connector.rate_limited') await putOff(waitMs);
    if (isAway) return { isAway, failure, leaveIt };
    throw waitMs === undefined ? failure : later(entry.code, failure.message, waitMs);
  }
  try {
    const claim = await connections.claim({ ...run, path }, connection, effect);
    if (claim.state === 'mine') return await perform({ ...asked, connection, claim, effect, entry, leaveIt });
    await putOff(claim.state === 'held' ? HELD_WAIT_MS : undefined);
    switch (claim.state) {
      case 'finished':
        return { isAway: false, output: await prepared.payloads.materialise(orgId, claim.output) };
      case 'held':
        throw inHand();
      case 'replaced':
        return { isAway: true, failure: standsIn(connection), leaveIt: async () => undefined };
    }
  } catch (error) {
    // Others want its place. What comes back has said so.
    if (!(error instanceof ApplicationFailure)) await putOff();
    throw error;
  }
}

/** Nothing was sent: the call comes again when there is room, while its run has time. */
function waitOf(
  { code, waitMs }: Entry & { isOpen: false },
  failure: BrikkError,
  deadlineAt: number,
): number | undefined {
  if (code === 'connector.rate_limited') return Date.now() + waitMs >= deadlineAt ? undefined : Math.ceil(waitMs);
  return afterFailure(failure, { sends: 0, deadlineAt }).waitMs;
}

function refused({ code, waitMs }: Entry & { isOpen: false }, { name }: Connection): BrikkError {
  const why = code === 'connector.circuit_open' ? 'its system did not answer' : 'its limit is reached';
  return new BrikkError(code, `The connection ${name} has to wait: ${why}`, { retryAfterMs: waitMs });
}

const inHand = () => later('connector.unavailable', 'another call of this key is under way', HELD_WAIT_MS);

const standsIn = ({ name }: Connection): BrikkError =>
  new BrikkError('connector.unavailable', `The connection ${name} did not answer: its fallback has the call`);

interface Performed extends Asked {
  connection: Connection;
  claim: Mine;
  effect: EffectRequest;
  entry: Entry & { isOpen: true };
  leaveIt: () => Promise<void>;
}

async function perform(performed: Performed): Promise<ThroughEnd> {
  const { options, call, prepared, deadlineAt, connection, claim, entry, leaveIt } = performed;
  const { connections } = options;
  const tried: TriedUrl[] = [];
  const end = (ended: EffectEnd) => {
    const baseUrl = tried.at(-1)?.url;
    const where = baseUrl !== undefined && { baseUrl };
    return connections.end(call, connection, performed.effect, { ...ended, ...where });
  };
  const leave = (isFailure: boolean) => connections.leave(call.orgId, connection, entry, { isFailure, tried });
  const places = claim.baseUrls.length === 0 ? [undefined] : claim.baseUrls.slice(0, URLS_AN_ATTEMPT);
  const sendBy = async (credential: PreviousCredential): Promise<SendEnd> => {
    let last: SendEnd | undefined;
    for (const url of places) {
      if (last && !last.isUnsent) break;
      last = await sendTo({ ...performed, ...prepared, credential }, url);
      if (url !== undefined) tried.push({ url, isFailure: last.failure?.code === 'connector.unavailable' });
    }
    return last as SendEnd;
  };
  const { effect, failure, held } = await sendByEither(performed, sendBy);
  if (effect) {
    const { output, externalId } = effect;
    const kept = await carry(prepared.payloads, call, output);
    await end({ state: 'finished', output: kept, ...(externalId !== undefined && { externalId }) });
    await leave(false);
    return { isAway: false, output };
  }
  const named = failure as BrikkError;
  await leave(named.code === 'connector.unavailable');
  if (named.code === 'connector.auth' && held && held.issuedAtMs < Date.now() - FRESH_MS) {
    // It may have been taken back before its time.
    await connections.forgetToken(call.orgId, connection, held);
    await end({ state: 'waiting', errorClass: named.code, holdMs: RENEWED_MS });
    throw later(named.code, named.message, RENEWED_MS);
  }
  if (named.code === 'connector.auth') await connections.refuse(call.orgId, connection, named.message);
  const next = afterFailure(named, { sends: claim.sends, deadlineAt });
  await end({ state: next.state, errorClass: named.code, holdMs: next.waitMs ?? 0 });
  if (next.waitMs !== undefined) throw later(named.code, prepared.hide(named.message), next.waitMs);
  if (named.code === 'connector.unavailable') return { isAway: true, failure: named, leaveIt };
  throw named;
}

/** A credential that is refused has no effect, so that the one before it is tried at once while there is one. */
async function sendByEither(
  { options, call, connection, claim }: Performed,
  sendBy: (credential: PreviousCredential) => Promise<SendEnd>,
): Promise<SendEnd> {
  const { auth, previous } = claim;
  const first = await sendBy({ auth, version: connection.credentialVersion });
  // Keys sign together.
  if (first.failure?.code !== 'connector.auth' || !previous || previous.auth.kind === 'signing') return first;
  const second = await sendBy(previous);
  if (second.failure?.code === 'connector.auth') return first;
  await options.connections.fellBack(call, connection, first.failure.message);
  return second;
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
  if (error) throw new BrikkError('connector.validation', `with of ${name}: ${issuesOf(error)}`);
  const isOwn = idempotencyKey !== undefined && idempotencyKey !== null;
  return { given: data as Json, key: isOwn ? textOf(idempotencyKey).slice(0, 512) : `${runId}/${key}` };
}
