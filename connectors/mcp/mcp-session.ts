import {
  Client,
  type Progress,
  ProtocolError,
  SdkError,
  SdkErrorCode,
  SdkHttpError,
  UnauthorizedError,
} from '@modelcontextprotocol/client';
import { z } from 'zod';
import type { AgentProgress } from '../../contracts/agent-progress.js';
import type { Json } from '../../contracts/json.js';
import { readProgress } from '../lib/read-progress.js';
import { McpFailure } from './mcp-failure.js';
import type { Link } from './mcp-link.js';

export interface McpServer {
  /** Begins a way to it. */
  link: () => Link;
  /** Exactly this one; without it what both sides agree on. */
  protocolVersion?: string;
  client?: { name: string; version: string };
  /** Of one request. */
  timeoutMs: number;
  /** When given, each progress that the server reports begins `timeoutMs` anew, until this is over. */
  totalMs?: number;
  /** What the server says of the progress of a request, where there is a `totalMs`. */
  onProgress?: (said: AgentProgress) => void;
  signal: AbortSignal;
}

export interface McpMethod {
  method: string;
  parameters: { [name: string]: Json };
}

type Versions = Pick<
  NonNullable<ConstructorParameters<typeof Client>[1]>,
  'versionNegotiation' | 'supportedProtocolVersions'
>;
type Ask = (request: McpMethod) => Promise<Json>;

const BRIKK = { name: 'brikk', version: '1.0.0' };
/** The first revision without sessions: older ones begin with `initialize`. */
const FIRST_MODERN = '2026-07-28';
/** Older servers of processes may leave the first question unanswered: then they are asked as they expect it. */
const PROBE_MS = 3_000;

/** Whatever the method gives. */
const result = z.looseObject({});

/** What `work` makes of the server in a session of its own. Fails with an McpFailure, or with what the link fails with. */
export async function inSession<Result>(server: McpServer, work: (ask: Ask) => Promise<Result>): Promise<Result> {
  const { protocolVersion, timeoutMs } = server;
  const link = server.link();
  if (protocolVersion !== undefined) return once(server, link, versions(protocolVersion), work);
  const probe = link.isProcess ? { probe: { timeoutMs: Math.min(PROBE_MS, timeoutMs / 2) } } : {};
  try {
    return await once(server, link, { versionNegotiation: { mode: 'auto', ...probe } }, work);
  } catch (error) {
    if (!link.isProcess || !(error instanceof Unnegotiated)) throw error;
    return once(server, server.link(), {}, work);
  }
}

/** The process ended at the question which versions it speaks. */
class Unnegotiated extends McpFailure {}

async function once<Result>(
  { client: as = BRIKK, timeoutMs, totalMs, onProgress, signal }: McpServer,
  link: Link,
  speaking: Versions,
  work: (ask: Ask) => Promise<Result>,
): Promise<Result> {
  const client = new Client(as, { capabilities: {}, ...speaking });
  const patience =
    totalMs === undefined
      ? {}
      : {
          resetTimeoutOnProgress: true,
          maxTotalTimeout: totalMs,
          onprogress: (said: Progress) => onProgress?.(progressOf(said)),
        };
  try {
    await client.connect(link.transport, { timeout: timeoutMs, signal });
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
    const why = link.failure() ?? rename(error);
    if (error instanceof SdkError && error.code === SdkErrorCode.EraNegotiationFailed && why instanceof McpFailure)
      throw new Unnegotiated(why.kind, why.message, { cause: error }, why.by);
    throw why;
  } finally {
    await link.goodbye(client);
  }
}

/** A share where the server knows the whole. */
function progressOf({ progress, total, message }: Progress): AgentProgress {
  const isShare = total !== undefined && total > 0;
  const done = isShare ? { fraction: Math.min(1, Math.max(0, progress / total)) } : { data: { progress } };
  return readProgress({ ...done, ...(message !== undefined && { message: message.slice(0, 1_000) }) }) ?? {};
}

function versions(version: string): Versions {
  if (version >= FIRST_MODERN) return { versionNegotiation: { mode: { pin: version } } };
  return { supportedProtocolVersions: [version] };
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
