import { ActivityFailure, CancellationScope, isCancellation, proxyActivities } from '@temporalio/workflow';
import type { Endpoint, OpenApiArguments } from '../../../../contracts/definition-calls.js';
import type { ProtocolCall } from '../../../../contracts/definition-tasks.js';
import type { Json } from '../../../../contracts/json.js';
import type {
  HttpAuthentication,
  HttpCall,
  HttpRequest,
  LanguageActivities,
} from '../../../../contracts/language-activities.js';
import type { CallResult, Value } from '../../../../contracts/run-workflow.js';
import { httpCallOptions } from '../../../lib/activity-options.js';
import type { Variables } from '../../../lib/evaluator.js';
import { NULL, plain } from '../../../lib/values.js';
import { authenticationIn, policyOf } from '../authentication.js';
import { uriOf } from '../endpoint.js';
import { evaluateTemplate } from '../expressions.js';
import { fault, Halt } from '../fault.js';
import { bodyVariables, type Interpretation } from '../interpretation.js';
import { latePartsOf, readsSecrets } from '../late-parts.js';
import type { TaskPlace } from '../place.js';

type Asked = Pick<HttpCall, 'request' | 'authentication' | 'late' | 'output' | 'redirect'>;

/** Answers later than this fail with a timeout error; the task's own `timeout` may be shorter. */
const TIMEOUT_MS = 60_000;

/** `call: http`: any status but 2xx (and with `redirect` 3xx) is a communication error of that status. */
export async function callHttp(
  run: Interpretation,
  place: TaskPlace,
  { with: given, metadata }: Extract<ProtocolCall, { call: 'http' }>,
  input: Value,
): Promise<Value> {
  const { method, endpoint, headers = {}, query = {}, body, output = 'content', redirect = false } = given;
  const known = bodyVariables(run, place);
  const uri = await addressOf(place, endpoint, input, known);
  const key = metadata?.brikk?.idempotencyKey;
  const own: Record<string, string> =
    key === undefined
      ? {}
      : { 'idempotency-key': textOf(plain(await evaluateTemplate(place, key, input, known)) ?? '') };
  const parts = { headers, query, ...(body === undefined ? {} : { body }) } as { [part: string]: Json };
  const policy = policyOf(run, place, authenticationIn(endpoint));
  const terms = { output, redirect };
  if (readsSecrets([parts, policy])) {
    const late = latePartsOf(run, place, { request: parts, authentication: policy }, input);
    return send(run, place, { request: { method, uri, headers: own, query: {} }, late, ...terms });
  }
  const request = { method, uri, ...(await partsOf(place, parts, own, input, known)) };
  return send(run, place, { request, ...(await authenticationOf(place, policy, input, known)), ...terms });
}

/** `call: openapi`: the operation's request, made as `call: http` makes its own. */
export async function callOpenApi(
  run: Interpretation,
  place: TaskPlace,
  { with: given }: { with: OpenApiArguments },
  input: Value,
): Promise<Value> {
  const known = bodyVariables(run, place);
  const { document, operationId, parameters = {}, output = 'content', redirect = false } = given;
  const uri = await addressOf(place, document.endpoint, input, known);
  const operation = { document: { method: 'get', uri, headers: {}, query: {} }, operationId };
  const policy = policyOf(run, place, given.authentication);
  const terms = { output, redirect };
  if (readsSecrets([parameters, policy])) {
    const late = latePartsOf(run, place, { request: { parameters } as Json, authentication: policy }, input);
    return send(run, place, { request: { ...operation, parameters: NULL }, late, ...terms });
  }
  const request = { ...operation, parameters: await evaluateTemplate(place, parameters as Json, input, known) };
  return send(run, place, { request, ...(await authenticationOf(place, policy, input, known)), ...terms });
}

/** Where it is: no secret may be part of it, since addresses stand in logs and records. */
function addressOf(place: TaskPlace, endpoint: Endpoint, input: Value, known: Variables): Promise<string> {
  if (readsSecrets(typeof endpoint === 'string' ? endpoint : endpoint.uri))
    throw fault('authorization', place.pointer, { detail: 'an address may not hold secrets' });
  return uriOf(place, endpoint, input, known);
}

async function partsOf(
  place: TaskPlace,
  { headers, query, body }: { [part: string]: Json | undefined },
  own: Record<string, string>,
  input: Value,
  known: Variables,
): Promise<Pick<HttpRequest, 'headers' | 'query' | 'body'>> {
  const fields = async (template: Json, what: string): Promise<Record<string, Json>> => {
    const value = plain(await evaluateTemplate(place, template, input, known));
    if (value !== null && typeof value === 'object' && !Array.isArray(value)) return value;
    throw fault('expression', place.pointer, { detail: `${what} must be an object` });
  };
  const named = Object.entries(await fields(headers ?? {}, 'headers'));
  return {
    headers: { ...own, ...Object.fromEntries(named.map(([name, value]) => [name.toLowerCase(), textOf(value)])) },
    query: await fields(query ?? {}, 'query'),
    ...(body === undefined ? {} : { body: await evaluateTemplate(place, body, input, known) }),
  };
}

async function authenticationOf(
  place: TaskPlace,
  policy: Json | undefined,
  input: Value,
  known: Variables,
): Promise<{ authentication?: HttpAuthentication }> {
  if (policy === undefined) return {};
  return {
    authentication: plain(await evaluateTemplate(place, policy, input, known)) as unknown as HttpAuthentication,
  };
}

async function send(run: Interpretation, place: TaskPlace, asked: Asked): Promise<Value> {
  const { ctx, path } = place;
  const { resumed, deadlineAt } = ctx.start;
  const remainingMs = deadlineAt - Date.now();
  const scope = new CancellationScope();
  const forget = ctx.onStop(() => scope.cancel());
  const events = ctx.takeEvents();
  try {
    const { callHttp: call } = proxyActivities<LanguageActivities>(httpCallOptions(TIMEOUT_MS, remainingMs));
    const key = path.slice(1);
    const result = await scope.run(() =>
      call({ ...run.ref, key, path, timeoutMs: TIMEOUT_MS, resumed, events, ...asked }),
    );
    return outputOf(place, result);
  } catch (error) {
    if (!(error instanceof ActivityFailure) && !isCancellation(error)) throw error;
    ctx.putBackEvents(events);
    if (Date.now() >= deadlineAt) await ctx.wait(1); // It stops the run.
    if (ctx.stopped !== undefined) throw new Halt();
    throw fault('runtime', place.pointer, { detail: 'the call could not be made' });
  } finally {
    forget();
  }
}

function outputOf({ pointer }: TaskPlace, { output, error }: CallResult): Value {
  if (!error) return output ?? NULL;
  const status = /^http\.(\d{3})$/.exec(error.code)?.[1];
  const detail = error.message;
  if (status !== undefined) throw fault('communication', pointer, { status: Number(status), detail });
  if (error.code === 'http.timeout') throw fault('timeout', pointer, { detail });
  if (error.code === 'http.refused' || error.code === 'secret.not_found')
    throw fault('authorization', pointer, { detail });
  if (error.code === 'expression.failed') throw fault('expression', pointer, { detail });
  throw fault('communication', pointer, { status: error.code === 'http.unreachable' ? 503 : 502, detail });
}

const textOf = (value: Json): string => (typeof value === 'string' ? value : JSON.stringify(value));
