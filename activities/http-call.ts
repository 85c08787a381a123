import { parse as parseYaml } from 'yaml';
import { whyUnstorable } from '../connectors/lib/storable-json.js';
import { type WebAnswer, type WebConnector, WebFailure } from '../connectors/web/web.connector.js';
import type { HttpAuthentication, HttpCall, HttpRequest } from '../contracts/language-activities.js';
import type { Json } from '../contracts/json.js';
import type { CallError } from '../contracts/runs.js';
import type { Payloads, SecretReader } from './dependencies.js';
import { type Completed, completeCall, LatePartError } from './late-parts.js';
import { OpenApiError, openApiRequest } from './openapi-request.js';

/** A request that can be sent. */
type Ready = Omit<HttpRequest, 'body'> & { body?: Json };
export type HttpOutcome = { output: Json } | { error: CallError };

const MASKED = new Set(['authorization', 'proxy-authorization', 'cookie', 'set-cookie']);

export interface HttpCallOptions {
  web: Pick<WebConnector, 'request'>;
  payloads: Payloads;
  secrets: SecretReader;
}

/** Makes the request of a call and reads its answer. */
export async function makeHttpCall(
  options: HttpCallOptions,
  asked: HttpCall,
  signal: AbortSignal,
): Promise<HttpOutcome> {
  let hide = (text: string) => text;
  try {
    const completed = await completeCall(options, asked);
    ({ hide } = completed);
    return await exchange(options.web, options.payloads, completed, signal);
  } catch (error) {
    if (error instanceof LatePartError) return failed(error.code, error.message);
    if (error instanceof OpenApiError) return failed('http.invalid', hide(error.message));
    if (!(error instanceof WebFailure) || error.kind === 'canceled') throw error;
    return failed(`http.${error.kind}`, hide(error.message));
  }
}

async function exchange(
  web: HttpCallOptions['web'],
  payloads: Payloads,
  { call, hide }: Completed,
  signal: AbortSignal,
): Promise<HttpOutcome> {
  const ready = await readyRequest(web, payloads, call, signal);
  const { headers, body } = sendable(ready, call);
  const uri = withQuery(ready.uri, ready.query);
  const method = ready.method.toUpperCase();
  const answer = await web.request({ method: ready.method, uri, headers, body, timeoutMs: call.timeoutMs, signal });
  const isGood = answer.status >= 200 && answer.status < (call.redirect ? 400 : 300);
  if (!isGood) return failed(`http.${answer.status}`, `${method} ${hostOf(uri)} answered ${answer.status}`);
  const output = outputOf(call, answer, { method, uri: hide(uri), headers: mapValues(headers, hide) });
  const flaw = whyUnstorable(output);
  return flaw === undefined ? { output } : failed('http.invalid', `the answer cannot be kept: ${flaw}`);
}

/** What the record names as who did it: `GET api.example.com`. */
export function nameOf({ request }: HttpCall): string {
  if ('operationId' in request) return `${request.operationId} ${hostOf(request.document.uri)}`;
  return `${request.method.toUpperCase()} ${hostOf(request.uri)}`;
}

const failed = (code: string, message: string): HttpOutcome => ({
  error: {
    code,
    message,
    retryable: code === 'http.unreachable' || code === 'http.timeout' || code.startsWith('http.5'),
  },
});

async function readyRequest(
  web: Pick<WebConnector, 'request'>,
  payloads: Payloads,
  { orgId, request, timeoutMs }: HttpCall,
  signal: AbortSignal,
): Promise<Ready> {
  if (!('operationId' in request)) {
    const { body, ...rest } = request;
    return body === undefined ? rest : { ...rest, body: await payloads.materialise(orgId, body) };
  }
  const { document, operationId, parameters } = request;
  const uri = withQuery(document.uri, document.query);
  const answer = await web.request({ method: 'get', uri, headers: document.headers, timeoutMs, signal });
  if (answer.status !== 200) throw new OpenApiError(`the document of ${hostOf(uri)} is not there: ${answer.status}`);
  const parsed = parseDocument(answer.bytes.toString('utf8'));
  return openApiRequest(parsed, uri, operationId, await payloads.materialise(orgId, parameters));
}

function parseDocument(text: string): Json {
  try {
    return parseYaml(text, { maxAliasCount: 100 }) as Json;
  } catch (cause) {
    throw new OpenApiError('the document is neither JSON nor YAML', { cause });
  }
}

function sendable({ method, headers: own, body }: Ready, { runId, key, authentication }: HttpCall) {
  const headers: Record<string, string> = { accept: 'application/json, */*;q=0.5' };
  if (!['get', 'head', 'options'].includes(method.toLowerCase())) headers['idempotency-key'] = `${runId}/${key}`;
  if (authentication) headers.authorization = authorization(authentication);
  for (const [name, value] of Object.entries(own)) headers[name.toLowerCase()] = value;
  if (body === undefined) return { headers };
  headers['content-type'] ??= 'application/json';
  const isText = typeof body === 'string' && !/[/+]json\b/.test(headers['content-type']);
  return { headers, body: isText ? body : JSON.stringify(body) };
}

function authorization(given: HttpAuthentication): string {
  if ('bearer' in given) return `Bearer ${given.bearer.token}`;
  const { username, password } = given.basic;
  return `Basic ${Buffer.from(`${username}:${password}`).toString('base64')}`;
}

function outputOf(
  { output }: HttpCall,
  answer: WebAnswer,
  request: { method: string; uri: string; headers: Record<string, string> },
): Json {
  if (output === 'raw') return answer.bytes.toString('base64');
  const content = contentOf(answer);
  if (output === 'content') return content;
  return {
    request: { ...request, headers: masked(request.headers) },
    statusCode: answer.status,
    headers: masked(answer.headers),
    content,
  };
}

/** JSON parsed, text as it is, anything else in base64; null without a body. */
function contentOf({ headers, bytes }: WebAnswer): Json {
  const type = (headers['content-type'] ?? '').split(';')[0]?.trim().toLowerCase() ?? '';
  if (bytes.length === 0) return null;
  if (/[/+]json$/.test(type)) {
    try {
      return JSON.parse(bytes.toString('utf8')) as Json;
    } catch (cause) {
      throw new WebFailure('invalid', 'the answer says that it is JSON, but is none', { cause });
    }
  }
  const isText = type === '' || type.startsWith('text/') || /[/+](xml|yaml)$|x-www-form-urlencoded$/.test(type);
  return isText ? bytes.toString('utf8') : bytes.toString('base64');
}

const mapValues = (
  texts: Record<string, string>,
  map: (text: string, name: string) => string,
): Record<string, string> => Object.fromEntries(Object.entries(texts).map(([name, text]) => [name, map(text, name)]));

const masked = (headers: Record<string, string>): Record<string, string> =>
  mapValues(headers, (value, name) => (MASKED.has(name) ? '***' : value));

function withQuery(uri: string, query: Record<string, Json>): string {
  const pairs = Object.entries(query).flatMap(([name, value]) =>
    (Array.isArray(value) ? value : [value]).flatMap((one) =>
      one === null ? [] : [[name, typeof one === 'string' ? one : JSON.stringify(one)] as [string, string]],
    ),
  );
  if (pairs.length === 0) return uri;
  const added = new URLSearchParams(pairs).toString();
  const [before = '', fragment] = uri.split('#', 2);
  const glue = !before.includes('?') ? '?' : before.endsWith('?') || before.endsWith('&') ? '' : '&';
  return `${before}${glue}${added}${fragment === undefined ? '' : `#${fragment}`}`;
}

const hostOf = (uri: string): string => URL.parse(uri)?.host ?? 'the endpoint';
