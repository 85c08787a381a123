import { callMcp, McpFailure } from '../connectors/mcp/mcp.connector.js';
import { WebFailure } from '../connectors/web/web.connector.js';
import { whyUnstorable } from '../connectors/lib/storable-json.js';
import type { Json } from '../contracts/json.js';
import type { McpRequest } from '../contracts/language-activities.js';
import { fieldsOf, headersOf } from './call-parts.js';
import { guardedFetch } from './guarded-fetch.js';
import { failed, hostOf, type Outcome, type Prepared, ServerError } from './outside-call.js';

const MAX_COMPLAINT = 1_000;

/** A method of an MCP server; a tool that reports an error has failed. */
export async function makeMcpCall(request: McpRequest, prepared: Prepared): Promise<Outcome> {
  const { parts, timeoutMs, signal } = prepared;
  const given = fieldsOf(parts, 'the request');
  const host = hostOf(request.uri);
  if (!URL.canParse(request.uri)) throw new WebFailure('invalid', 'the endpoint must be an http or https URL');
  const server = { ...request, headers: headersOf(given['headers']), timeoutMs, signal };
  const parameters = fieldsOf(given['parameters'] ?? undefined, 'parameters');
  const asked = { method: request.method, parameters };
  const output = await callMcp(guardedFetch(prepared), server, asked).catch((error: unknown) => {
    if (error instanceof McpFailure && error.kind === 'timeout')
      throw new WebFailure('timeout', `${host} did not answer within ${timeoutMs} ms`, { cause: error });
    if (!(error instanceof McpFailure)) throw error;
    const { status } = error.by;
    throw new ServerError(status === undefined ? 'server.failed' : `http.${status}`, `${host}: ${error.message}`);
  });
  const complaint = complaintOf(output);
  if (complaint !== undefined) throw new ServerError('server.failed', `${request.method} of ${host}: ${complaint}`);
  const flaw = whyUnstorable(output);
  return flaw === undefined ? { output } : failed('http.invalid', `the answer cannot be kept: ${flaw}`);
}

/** What a tool says of its failure; undefined when it did not fail. */
export function complaintOf(output: Json): string | undefined {
  const { isError, content } = fieldsOf(output, 'the result');
  if (isError !== true) return undefined;
  const texts = (Array.isArray(content) ? content : []).flatMap((part) => {
    const { text } = fieldsOf(part, 'content');
    return typeof text === 'string' ? [text] : [];
  });
  return texts.join(' ').slice(0, MAX_COMPLAINT) || 'it failed';
}
