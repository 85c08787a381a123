import type { IncomingHttpHeaders } from 'node:http';
import {
  INVALID_REQUEST,
  type McpHandlerRequestOptions,
  type McpHttpHandler,
  PARSE_ERROR,
  validateOriginHeader,
} from '@modelcontextprotocol/server';
import { BrikkError } from '../../../contracts/errors.js';
import type { Json } from '../../../contracts/json.js';
import { jsonOf } from '../common/request-body.js';
import type { McpRequest } from './mcp-request.js';

/** Names by which a machine calls itself. */
const LOOPBACK = ['localhost', '127.0.0.1', '[::1]'];

export interface McpAnswer {
  status: number;
  headers: Record<string, string>;
  /** Null: none. */
  body: ReadableStream<Uint8Array> | null;
}

/**
 * One request over Streamable HTTP. `url` is where the server is reached: a page of another origin is refused, since it may
 * have been led here by a name that it controls (DNS rebinding). What is no JSON is answered in words of JSON-RPC.
 */
export async function exchange(
  handler: McpHttpHandler,
  url: string,
  { headers, body, gone }: McpRequest,
  options: McpHandlerRequestOptions = {},
): Promise<McpAnswer> {
  const known = validateOriginHeader(headers.origin, [new URL(url).hostname, ...LOOPBACK]);
  if (!known.ok) return refused(403, INVALID_REQUEST, known.message);
  let message: Json | undefined;
  try {
    message = jsonOf(body);
  } catch (error) {
    if (!(error instanceof BrikkError)) throw error;
    return refused(400, error.code === 'request.invalid_json' ? PARSE_ERROR : INVALID_REQUEST, error.message);
  }
  const request = new Request(url, { method: 'POST', headers: listOf(headers), body: toBytes(body), signal: gone });
  const answer = await handler.fetch(request, { ...options, parsedBody: message });
  return { status: answer.status, headers: Object.fromEntries(answer.headers), body: answer.body };
}

function refused(status: number, code: number, message: string): McpAnswer {
  const answer = Response.json({ jsonrpc: '2.0', id: null, error: { code, message } });
  return { status, headers: { 'content-type': 'application/json' }, body: answer.body };
}

const toBytes = (body: Buffer) => new Uint8Array(body.buffer as ArrayBuffer, body.byteOffset, body.byteLength);

/** Of one connection alone: what goes on has its own. */
const OF_CONNECTION = new Set(['connection', 'host', 'content-length', 'transfer-encoding', 'keep-alive', 'upgrade']);

const listOf = (headers: IncomingHttpHeaders): [string, string][] =>
  Object.entries(headers).flatMap(([name, value]) =>
    value === undefined || OF_CONNECTION.has(name) ? [] : [[name, [value].flat().join(', ')] as [string, string]],
  );
