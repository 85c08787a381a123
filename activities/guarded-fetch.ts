import { Readable } from 'node:stream';
import type { Fetch } from '../connectors/lib/fetch.js';
import type { WebRequest } from '../connectors/web/web.connector.js';
import { sendAs } from './credentials.js';
import type { Prepared } from './outside-call.js';

/** What a library asks for, in plain parts. */
export type FetchedRequest = Pick<WebRequest, 'method' | 'uri' | 'headers' | 'body' | 'signal'>;

interface FetchedAnswer {
  status: number;
  headers: Record<string, string>;
  body: Readable | Buffer;
}

type Asker = Pick<Prepared, 'web' | 'credentials' | 'timeoutMs' | 'signal'>;

/** Of answers that have no body (Fetch, 2.2.3). */
const EMPTY = [101, 204, 205, 304];

/** The client that a protocol's own library sends with: each request passes the rule of addresses. */
export const guardedFetch = ({ web, credentials, timeoutMs, signal }: Asker): Fetch =>
  fetchOver(({ method, uri, ...request }) =>
    sendAs(credentials, { method, uri }, (authorization) => {
      const headers = { ...(authorization === undefined ? {} : { authorization }), ...request.headers };
      const stopped = request.signal ? AbortSignal.any([signal, request.signal]) : signal;
      return web.open({ ...request, method, uri, headers, timeoutMs, signal: stopped });
    }),
  );

/** `fetch` for libraries, over a client of ours. It answers with any status, and follows no redirects. */
export function fetchOver(send: (request: FetchedRequest) => Promise<FetchedAnswer>): typeof globalThis.fetch {
  return async (input, init) => {
    // Its own signal is one of another reason.
    const signal = init?.signal ?? (input instanceof Request ? input.signal : undefined);
    const request = new Request(input, { ...init, signal: null });
    const bytes = request.body === null ? undefined : new Uint8Array(await request.arrayBuffer());
    const answer = await send({
      method: request.method,
      uri: request.url,
      headers: Object.fromEntries(request.headers),
      ...(signal && { signal }),
      ...(bytes === undefined ? {} : { body: bytes }),
    });
    // They tell of the bytes on their way.
    const { 'content-encoding': _, 'content-length': __, ...headers } = answer.headers;
    return new Response(bodyOf(answer), { status: answer.status, headers });
  };
}

function bodyOf({ status, body }: FetchedAnswer): ReadableStream | Uint8Array<ArrayBuffer> | null {
  if (!EMPTY.includes(status))
    return body instanceof Readable ? (Readable.toWeb(body) as ReadableStream) : new Uint8Array(body);
  if (body instanceof Readable) body.resume();
  return null;
}
