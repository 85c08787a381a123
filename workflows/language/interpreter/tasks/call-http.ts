import { ActivityFailure, CancellationScope, isCancellation, proxyActivities } from '@temporalio/workflow';
import type {
  Authentication,
  AuthenticationUse,
  Endpoint,
  HttpArguments,
  OpenApiArguments,
} from '../../../../contracts/definition-calls.js';
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
import { uriOf } from '../endpoint.js';
import { evaluateTemplate } from '../expressions.js';
import { fault, Halt } from '../fault.js';
import { bodyVariables, type Interpretation } from '../interpretation.js';
import type { TaskPlace } from '../place.js';

type Asked = Pick<HttpCall, 'request' | 'authentication' | 'output' | 'redirect'>;

/** Answers later than this fail with a timeout error; the task's own `timeout` may be shorter. */
const TIMEOUT_MS = 60_000;

/** `call: http`: any status but 2xx (and with `redirect` 3xx) is a communication error of that status. */
export async function callHttp(
  run: Interpretation,
  place: TaskPlace,
  { with: given, metadata }: Extract<ProtocolCall, { call: 'http' }>,
  input: Value,
): Promise<Value> {
  refuseSecrets(place, given);
  const known = bodyVariables(run, place);
  const request = await requestOf(place, given, input, known);
  const template = metadata?.brikk?.idempotencyKey;
  if (template !== undefined) {
    const key = plain(await evaluateTemplate(place, template, input, known));
    request.headers['idempotency-key'] ??= textOf(key ?? '');
  }
  const body =
    given.body === undefined ? {} : { body: await evaluateTemplate(place, given.body as Json, input, known) };
  const authentication = await authenticationOf(run, place, authenticationIn(given.endpoint), input);
  const { output = 'content', redirect = false } = given;
  return send(run, place, { request: { ...request, ...body }, output, redirect, ...authentication });
}

/** `call: openapi`: the operation's request, made as `call: http` makes its own. */
export async function callOpenApi(
  run: Interpretation,
  place: TaskPlace,
  { with: given }: { with: OpenApiArguments },
  input: Value,
): Promise<Value> {
  refuseSecrets(place, given);
  const known = bodyVariables(run, place);
  const { document, operationId, parameters = {}, output = 'content', redirect = false } = given;
  const request = {
    document: { method: 'get', uri: await uriOf(place, document.endpoint, input, known), headers: {}, query: {} },
    operationId,
    parameters: await evaluateTemplate(place, parameters as Json, input, known),
  };
  const authentication = await authenticationOf(run, place, given.authentication, input);
  return send(run, place, { request, output, redirect, ...authentication });
}

async function requestOf(
  place: TaskPlace,
  { method, endpoint, headers = {}, query = {} }: HttpArguments,
  input: Value,
  known: Variables,
): Promise<HttpRequest> {
  const uri = await uriOf(place, endpoint, input, known);
  const fields = async (template: object | string, what: string): Promise<Record<string, Json>> => {
    const value = plain(await evaluateTemplate(place, template as Json, input, known));
    if (value !== null && typeof value === 'object' && !Array.isArray(value)) return value;
    throw fault('expression', place.pointer, { detail: `${what} must be an object` });
  };
  const named = Object.entries(await fields(headers, 'headers'));
  return {
    method,
    uri,
    headers: Object.fromEntries(named.map(([name, value]) => [name.toLowerCase(), textOf(value)])),
    query: await fields(query, 'query'),
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
    if (ctx.stopped !== undefined || Date.now() >= deadlineAt) throw new Halt();
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
  if (error.code === 'http.refused') throw fault('authorization', pointer, { detail });
  throw fault('communication', pointer, { status: error.code === 'http.unreachable' ? 503 : 502, detail });
}

const authenticationIn = (endpoint: Endpoint): AuthenticationUse | undefined =>
  typeof endpoint === 'string' ? undefined : endpoint.authentication;

async function authenticationOf(
  run: Interpretation,
  place: TaskPlace,
  use: AuthenticationUse | undefined,
  input: Value,
): Promise<{ authentication?: HttpAuthentication }> {
  if (use === undefined) return {};
  const policy = 'use' in use ? named(run, place, use.use) : use;
  refuseSecrets(place, policy);
  const kind = Object.keys(policy)[0] ?? '';
  if (kind !== 'basic' && kind !== 'bearer')
    throw fault('configuration', place.pointer, { detail: `authentication ${kind} is not supported yet` });
  if ('use' in Object(Object.values(policy)[0]))
    throw fault('authorization', place.pointer, { detail: 'secrets are not supported yet' });
  const value = await evaluateTemplate(place, policy as unknown as Json, input, bodyVariables(run, place));
  return { authentication: plain(value) as unknown as HttpAuthentication };
}

function named(run: Interpretation, place: TaskPlace, name: string): Authentication {
  const found = run.definition.use?.authentications?.[name];
  if (found) return found;
  throw fault('configuration', place.pointer, { detail: `there is no ${name} in use.authentications` });
}

/** They never pass through the workflow; until the activity can read them they are refused. */
function refuseSecrets({ pointer }: TaskPlace, given: unknown): void {
  if (/\$(secrets|authorization)\b/.test(JSON.stringify(given)))
    throw fault('authorization', pointer, { detail: 'secrets are not supported yet' });
}

const textOf = (value: Json): string => (typeof value === 'string' ? value : JSON.stringify(value));
