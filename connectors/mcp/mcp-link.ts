import { type Client, StreamableHTTPClientTransport, type Transport } from '@modelcontextprotocol/client';
import type { Fetch } from '../lib/fetch.js';
import type { ProcessStart } from '../lib/process-group.js';
import { ProcessTransport } from './process-transport.js';

/** A way to a server, for one session. */
export interface Link {
  transport: Transport;
  /** Why it broke, which the transport's own error may not say. */
  failure(): unknown;
  /** Ends the session. The result is there already: it takes a second at most. */
  goodbye(client: Client): Promise<void>;
  /** Servers of a process may end at a question that they do not know: then another one may be begun. */
  isProcess: boolean;
}

const GOODBYE_MS = 1_000;

/** Streamable HTTP, without redirects. */
export const overHttp = (fetch: Fetch, uri: string, headers: Record<string, string>) => (): Link => {
  const reached = watched(fetch);
  const transport = new StreamableHTTPClientTransport(new URL(uri), {
    fetch: reached.fetch,
    requestInit: { headers, redirect: 'manual' },
    reconnectionOptions: {
      maxRetries: 0,
      initialReconnectionDelay: 1,
      maxReconnectionDelay: 1,
      reconnectionDelayGrowFactor: 1,
    },
  });
  const goodbye = async (client: Client) => {
    let timer: NodeJS.Timeout | undefined;
    const late = new Promise<void>((resolve) => (timer = setTimeout(resolve, GOODBYE_MS)));
    const ended = transport.sessionId === undefined ? undefined : transport.terminateSession().catch(() => undefined);
    await Promise.race([ended, late]);
    clearTimeout(timer);
    await client.close().catch(() => undefined);
  };
  return { transport, failure: () => reached.failure, goodbye, isProcess: false };
};

/** The standard input and output of a process of this machine, which ends with the session. */
export const overProcess = (start: ProcessStart) => (): Link => {
  const transport = new ProcessTransport(start, GOODBYE_MS);
  const goodbye = () => transport.close();
  return { transport, failure: () => transport.failure, goodbye, isProcess: true };
};

/** The transport says of a failed request only that it failed: why, the request knows. */
function watched(fetch: Fetch): { fetch: Fetch; failure: unknown } {
  const seen: { fetch: Fetch; failure: unknown } = {
    failure: undefined,
    fetch: async (url, init) => {
      try {
        return await fetch(url, init);
      } catch (error) {
        // What the client gave up by itself says nothing: why it did so is its own error.
        if (init?.signal?.aborted !== true) seen.failure ??= error;
        throw error;
      }
    },
  };
  return seen;
}
