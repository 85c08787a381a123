import { Readable } from 'node:stream';
import type { Fetch } from '../connectors/lib/fetch.js';
import { sendAs } from './credentials.js';
import type { Prepared } from './outside-call.js';

type Asker = Pick<Prepared, 'web' | 'credentials' | 'timeoutMs' | 'signal'>;

/** The client that a protocol's own library sends with: each request passes the rule of addresses. */
export function guardedFetch({ web, credentials, timeoutMs, signal }: Asker): Fetch {
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
