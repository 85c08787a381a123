import { callMcp } from '../connectors/mcp/mcp.connector.js';
import { McpFailure } from '../connectors/mcp/mcp-failure.js';
import { type Link, overHttp, overProcess } from '../connectors/mcp/mcp-link.js';
import { WebFailure } from '../connectors/web/web.connector.js';
import { whyUnstorable } from '../connectors/lib/storable-json.js';
import type { Json } from '../contracts/json.js';
import type { McpRequest } from '../contracts/language-activities.js';
import { type ProcessKind, refusedProcess } from '../contracts/processes.js';
import { environmentOf, fieldsOf, headersOf, listOf, textAt } from './call-parts.js';
import { guardedFetch } from './guarded-fetch.js';
import { failed, hostOf, type Outcome, type Prepared, ServerError } from './outside-call.js';

const MAX_COMPLAINT = 1_000;
type Fields = { [name: string]: Json };

/** A method of an MCP server; a tool that reports an error has failed. */
export async function makeMcpCall(
  allowed: readonly ProcessKind[],
  request: McpRequest,
  prepared: Prepared,
): Promise<Outcome> {
  const { uri, method } = request;
  const { parts, timeoutMs, signal } = prepared;
  if (uri === undefined && !allowed.includes('mcp')) return failed('process.refused', refusedProcess('mcp'));
  const given = fieldsOf(parts, 'the request');
  const who = uri === undefined ? 'the process' : hostOf(uri);
  const link = uri === undefined ? linkToProcess(given) : linkToServer(uri, given, prepared);
  const parameters = fieldsOf(given['parameters'] ?? undefined, 'parameters');
  const over = AbortSignal.timeout(timeoutMs);
  const server = { ...request, link, timeoutMs, signal: AbortSignal.any([signal, over]) };
  const output = await callMcp(server, { method, parameters }).catch((error: unknown) => {
    signal.throwIfAborted();
    if (over.aborted || (error instanceof McpFailure && error.kind === 'timeout'))
      throw new WebFailure('timeout', `${who} did not answer within ${timeoutMs} ms`, { cause: error });
    if (!(error instanceof McpFailure)) throw error;
    const { status } = error.by;
    throw new ServerError(status === undefined ? 'server.failed' : `http.${status}`, `${who}: ${error.message}`);
  });
  const complaint = complaintOf(output);
  if (complaint !== undefined) throw new ServerError('server.failed', `${method} of ${who}: ${complaint}`);
  const flaw = whyUnstorable(output);
  return flaw === undefined ? { output } : failed('http.invalid', `the answer cannot be kept: ${flaw}`);
}

function linkToServer(uri: string, given: Fields, prepared: Prepared): () => Link {
  if (!URL.canParse(uri)) throw new WebFailure('invalid', 'the endpoint must be an http or https URL');
  return overHttp(guardedFetch(prepared), uri, headersOf(given['headers']));
}

const linkToProcess = (given: Fields): (() => Link) =>
  overProcess({
    file: textAt(given, 'command'),
    arguments: listOf(given['arguments']),
    environment: environmentOf(given['environment']),
  });

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
