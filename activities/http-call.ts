import { whyUnstorable } from '../connectors/lib/storable-json.js';
import { contentOf } from '../connectors/web/answer-content.js';
import type { WebAnswer } from '../connectors/web/web.connector.js';
import type { Json } from '../contracts/json.js';
import type { HttpCall } from '../contracts/language-activities.js';
import { fieldsOf, headersOf, textOf } from './call-parts.js';
import { sendAs } from './credentials.js';
import { withQuery } from './with-query.js';
import { openApiRequest } from './openapi-request.js';
import { failed, hostOf, type Outcome, parseDocument, type Prepared } from './outside-call.js';

/** A request that can be sent. */
interface Ready {
  method: string;
  uri: string;
  headers: Record<string, string>;
  query: Record<string, Json>;
  body?: Json;
}

const MASKED = new Set(['authorization', 'proxy-authorization', 'cookie', 'set-cookie']);

/** Makes the request of a call and reads its answer. */
export async function makeHttpCall(call: HttpCall, prepared: Prepared): Promise<Outcome> {
  const { web, credentials, timeoutMs, signal, hide } = prepared;
  const ready = await readyRequest(call, prepared);
  const uri = withQuery(ready.uri, ready.query);
  const method = ready.method.toUpperCase();
  let { headers, body } = sendable(ready, call);
  const answer = await sendAs(credentials, { method, uri }, (authorization) => {
    ({ headers, body } = sendable(ready, call, authorization));
    return web.request({ method, uri, headers, ...(body === undefined ? {} : { body }), timeoutMs, signal });
  });
  const isGood = answer.status >= 200 && answer.status < (call.redirect ? 400 : 300);
  if (!isGood) return failed(`http.${answer.status}`, `${method} ${hostOf(uri)} answered ${answer.status}`);
  const output = outputOf(call, answer, { method, uri: hide(uri), headers: mapValues(headers, hide) });
  const flaw = whyUnstorable(output);
  return flaw === undefined ? { output } : failed('http.invalid', `the answer cannot be kept: ${flaw}`);
}

async function readyRequest({ request }: HttpCall, { parts, fetchDocument }: Prepared): Promise<Ready> {
  const given = fieldsOf(parts, 'the request');
  if (request.kind === 'openapi') {
    const document = parseDocument(await fetchDocument(request.document));
    const { headers, ...rest } = openApiRequest(
      document,
      request.document,
      request.operationId,
      given['parameters'] ?? null,
    );
    return { ...rest, headers: { ...keyIn(given), ...headers } };
  }
  return {
    method: request.method,
    uri: request.uri,
    headers: {
      ...keyIn(given),
      ...headersOf(given['headers']),
    },
    query: fieldsOf(given['query'], 'query'),
    ...(given['body'] === undefined ? {} : { body: given['body'] }),
  };
}

const keyIn = ({ idempotencyKey: key = null }: { [name: string]: Json }): Record<string, string> =>
  key === null ? {} : { 'idempotency-key': textOf(key) };

function sendable(
  { method, headers: own, body }: Ready,
  { runId, key }: HttpCall,
  authorization?: string,
): { headers: Record<string, string>; body?: string } {
  const headers: Record<string, string> = { accept: 'application/json, */*;q=0.5' };
  if (!['get', 'head', 'options'].includes(method.toLowerCase())) headers['idempotency-key'] = `${runId}/${key}`;
  if (authorization !== undefined) headers['authorization'] = authorization;
  Object.assign(headers, own);
  if (body === undefined) return { headers };
  headers['content-type'] ??= 'application/json';
  const isText = typeof body === 'string' && !/[/+]json\b/.test(headers['content-type']);
  return { headers, body: isText ? body : JSON.stringify(body) };
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

const mapValues = (
  texts: Record<string, string>,
  map: (text: string, name: string) => string,
): Record<string, string> => Object.fromEntries(Object.entries(texts).map(([name, text]) => [name, map(text, name)]));

const masked = (headers: Record<string, string>): Record<string, string> =>
  mapValues(headers, (value, name) => (MASKED.has(name) ? '***' : value));
