import {
  Client,
  ProtocolError,
  SdkError,
  SdkErrorCode,
  SdkHttpError,
  StreamableHTTPClientTransport,
  UnauthorizedError,
} from '@modelcontextprotocol/client';
import { z } from 'zod';
import type { Json } from '../../contracts/json.js';
import type { Fetch } from '../lib/fetch.js';

export interface McpServer {
  uri: string;
  headers: Record<string, string>;
  /** Exactly this one; without it what both sides agree on. */
  protocolVersion?: string;
  client?: { name: string; version: string };
  /** Of one request. */
  timeoutMs: number;
  /** When given, each progress that the server reports begins `timeoutMs` anew, until this is over. */
  totalMs?: number;
  signal: AbortSignal;
}

export interface McpMethod {
  method: string;
  parameters: { [name: string]: Json };
}

/** A tool as its server describes it. */
export interface McpTool {
  name: string;
  title?: string;
  description?: string;
  inputSchema: { [keyword: string]: Json };
  outputSchema?: { [keyword: string]: Json };
}

/** The server was reached and did not do what it was asked for. */
export class McpFailure extends Error {
  constructor(
    readonly kind: 'refused' | 'timeout',
    message: string,
    options?: ErrorOptions,
    /** Of the answer, when it was no answer of the protocol; else the protocol's own, when there is one. */
    readonly by: { status?: number; code?: number } = {},
  ) {
    super(message, options);
    this.name = 'McpFailure';
  }
}

const BRIKK = { name: 'brikk', version: '1.0.0' };
/** The first revision without sessions: older ones begin with `initialize`. */
const FIRST_MODERN = '2026-07-28';
/** How long the goodbye to a session may take: the result is there already. */
const GOODBYE_MS = 1_000;

/** Whatever the method gives. */
const result = z.looseObject({});

/**
 * One method of a server of the Model Context Protocol over Streamable HTTP, in a session of its own. Fails with an
 * McpFailure, or with what `fetch` fails with.
 */
export const callMcp = (fetch: Fetch, server: McpServer, request: McpMethod): Promise<Json> =>
  inSession(fetch, server, (ask) => ask(request));

/** All tools of the server, at most `limit`; `isAll` tells whether these are all. Fails as `callMcp`. */
export const listTools = (
  fetch: Fetch,
  server: McpServer,
  limit: number,
): Promise<{ tools: McpTool[]; isAll: boolean }> =>
  inSession(fetch, server, async (ask) => {
    const tools: McpTool[] = [];
    let cursor: string | undefined;
    do {
      const page = toolPage.safeParse(
        await ask({ method: 'tools/list', parameters: cursor === undefined ? {} : { cursor } }),
      );
      if (!page.success)
        throw new McpFailure('refused', `the list of tools cannot be read: ${page.error.issues[0]?.message}`);
      tools.push(...(page.data.tools as McpTool[]));
      cursor = page.data.nextCursor;
    } while (cursor !== undefined && tools.length <= limit);
    return { tools: tools.slice(0, limit), isAll: tools.length <= limit };
  });

const schemaOfTool = z.record(z.string(), z.json());
const toolPage = z.object({
  tools: z.array(
    z.object({
      name: z.string().min(1).max(256),
      title: z.string().optional(),
      description: z.string().optional(),
      inputSchema: schemaOfTool,
      outputSchema: schemaOfTool.optional(),
    }),
  ),
  nextCursor: z.string().optional(),
});

async function inSession<Result>(
  fetch: Fetch,
  { uri, headers, protocolVersion, client: as = BRIKK, timeoutMs, totalMs, signal }: McpServer,
  work: (ask: (request: McpMethod) => Promise<Json>) => Promise<Result>,
): Promise<Result> {
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
  const client = new Client(as, { capabilities: {}, ...versions(protocolVersion) });
  const patience =
    totalMs === undefined
      ? {}
      : { resetTimeoutOnProgress: true, maxTotalTimeout: totalMs, onprogress: () => undefined };
  try {
    await client.connect(transport, { timeout: timeoutMs, signal });
    return await work(
      async ({ method, parameters }) =>
        (await client.request({ method, params: parameters }, result, {
          timeout: timeoutMs,
          signal,
          ...patience,
        })) as Json,
    );
  } catch (error) {
    signal.throwIfAborted();
    throw reached.failure ?? rename(error);
  } finally {
    await goodbye(client, transport);
  }
}

function versions(version: string | undefined) {
  if (version === undefined) return { versionNegotiation: { mode: 'auto' as const } };
  if (version >= FIRST_MODERN) return { versionNegotiation: { mode: { pin: version } } };
  return { supportedProtocolVersions: [version] };
}

/** The transport says of a failed request only that it failed: why, the request knows. */
function watched(fetch: Fetch): { fetch: Fetch; failure: unknown } {
  const seen: { fetch: Fetch; failure: unknown } = {
    failure: undefined,
    fetch: async (url, init) => {
      try {
        return await fetch(url, init);
      } catch (error) {
        seen.failure ??= error;
        throw error;
      }
    },
  };
  return seen;
}

async function goodbye(client: Client, transport: StreamableHTTPClientTransport): Promise<void> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<void>((resolve) => (timer = setTimeout(resolve, GOODBYE_MS)));
  const ended = transport.sessionId === undefined ? undefined : transport.terminateSession().catch(() => undefined);
  await Promise.race([ended, late]);
  clearTimeout(timer);
  await client.close().catch(() => undefined);
}

function rename(error: unknown): McpFailure {
  if (error instanceof McpFailure) return error;
  if (error instanceof SdkError && error.code === SdkErrorCode.RequestTimeout)
    return new McpFailure('timeout', 'the server did not answer in time', { cause: error });
  if (error instanceof ProtocolError)
    return new McpFailure('refused', `the server refused: ${error.message}`, { cause: error }, { code: error.code });
  const status = error instanceof UnauthorizedError ? 401 : error instanceof SdkHttpError ? error.status : undefined;
  if (status !== undefined)
    return new McpFailure('refused', `the server answered ${status}`, { cause: error }, { status });
  return new McpFailure('refused', error instanceof Error ? error.message : String(error), { cause: error });
}
