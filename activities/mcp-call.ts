import { Readable } from 'node:stream';
import { callMcp, type Fetch, McpFailure } from '../connectors/mcp/mcp.connector.js';
import { WebFailure } from '../connectors/web/web.connector.js';
import { whyUnstorable } from '../connectors/lib/storable-json.js';
import type { Json } from '../contracts/json.js';
import type { McpRequest } from '../contracts/language-activities.js';
import { fieldsOf, headersOf } from './call-parts.js';
import { sendAs } from './credentials.js';
import { failed, hostOf, type Outcome, type Prepared, ServerError } from './outside-call.js';

const MAX_COMPLAINT = 1_000;

/** A method of an MCP server; a tool that reports an error has failed. */
export async function makeMcpCall(request: McpRequest, prepared: Prepared): Promise<Outcome> {
  const { parts, timeoutMs, signal } = prepared;
  const given = fieldsOf(parts, 'the request');
  const host = hostOf(request.uri);
  if (!URL.canParse(request.uri)) throw new WebFailure('invalid', 'the endpoint must be an http or https URL');
  const output = await callMcp(guardedFetch(prepared), {
    ...request,
    headers: headersOf(given['headers']),
    parameters: fieldsOf(given['parameters'] ?? undefined, 'parameters'),
    timeoutMs,
    signal,
  }).catch((error: unknown) => {
    if (error instanceof McpFailure && error.kind === 'timeout')
      throw new WebFailure('timeout', `${host} did not answer within ${timeoutMs} ms`, { cause: error });
    if (!(error instanceof McpFailure)) throw error;
    throw new ServerError(
      error.status === undefined ? 'server.failed' : `http.${error.status}`,
      `${host}: ${error.message}`,
    );
  });
  const complaint = complaintIn(output);
  if (complaint !== undefined) throw new ServerError('server.failed', `${request.method} of ${host}: ${complaint}`);
  const flaw = whyUnstorable(output);
  return flaw === undefined ? { output } : failed('http.invalid', `the answer cannot be kept: ${flaw}`);
}

/** The client that the protocol's own library sends with: each request passes the rule of addresses. */
function guardedFetch({ web, credentials, timeoutMs, signal }: Prepared): Fetch {
  return async (url, init = {}) => {
    const uri = String(url);
    const method = init.method ?? 'GET';
    const own = Object.fromEntries(new Headers(init.headers));
    const stopped = init.signal ? AbortSignal.any([signal, init.signal]) : signal;
    const answer = await sendAs(credentials, { method, uri }, async (authorization) => {
      const headers = { ...(authorization === undefined ? {} : { authorization }), ...own };
      const body = typeof init.body === 'string' ? { body: init.body } : {};
      return web.open({ method, uri, headers, ...body, timeoutMs, signal: stopped });
    });
    const isEmpty = [204, 205, 304].includes(answer.status);
    if (isEmpty) answer.body.resume();
    return new Response(isEmpty ? null : (Readable.toWeb(answer.body) as ReadableStream), {
      status: answer.status,
      headers: answer.headers,
    });
  };
}

/** What a tool says of its failure. */
function complaintIn(output: Json): string | undefined {
  const { isError, content } = fieldsOf(output, 'the result');
  if (isError !== true) return undefined;
  const texts = (Array.isArray(content) ? content : []).flatMap((part) => {
    const { text } = fieldsOf(part, 'content');
    return typeof text === 'string' ? [text] : [];
  });
  return texts.join(' ').slice(0, MAX_COMPLAINT) || 'it failed';
}
