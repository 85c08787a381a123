import { callMcp, listTools, type McpTool } from '../connectors/mcp/mcp.connector.js';
import { McpFailure } from '../connectors/mcp/mcp-failure.js';
import { overHttp } from '../connectors/mcp/mcp-link.js';
import { classifyFailure } from '../connectors/lib/classify-failure.js';
import type { TaskAnswer } from '../contracts/agent-protocol.js';
import { BrikkError, type ErrorCode } from '../contracts/errors.js';
import type { Json } from '../contracts/json.js';
import type { OtherRequest } from './attempt.js';
import { complaintOf } from './mcp-call.js';
import type { Offer, RemoteServer } from './remote-agents.js';

/** What JSON-RPC calls a method, or parameters, that the server does not know. */
const CODES: Readonly<Record<number, ErrorCode>> = { [-32_601]: 'agent.permanent', [-32_602]: 'agent.rejected' };

/** The tools of a server. Fails as `askTool`. */
export async function offeredTools(server: RemoteServer, limit: number): Promise<{ offers: Offer[]; isAll: boolean }> {
  const { tools, isAll } = await named(server, () => listTools(linked(server), limit));
  return { offers: tools.map(offerOf), isAll };
}

const offerOf = ({ name, title, description, inputSchema, outputSchema }: McpTool): Offer => ({
  name,
  type: 'tool',
  ...((description ?? title) !== undefined && { description: description ?? title }),
  inputSchema,
  ...(outputSchema && { outputSchema }),
});

/**
 * Calls a tool with the input as its arguments. The output is what it gives as structured content, else its text, else
 * all of its content. Each progress that it reports begins the time of an attempt anew.
 */
export async function askTool(
  server: RemoteServer,
  name: string,
  { request, onProgress }: OtherRequest,
): Promise<TaskAnswer> {
  const { input, idempotencyKey } = request;
  if (typeof input !== 'object' || input === null || Array.isArray(input))
    throw new BrikkError('agent.rejected', 'The input of a tool must be an object: it is its arguments');
  const parameters = { name, arguments: input, _meta: { 'brikk/idempotency-key': idempotencyKey } };
  const asked = { method: 'tools/call', parameters };
  const result = await named(server, () => callMcp({ ...linked(server), onProgress }, asked));
  const complaint = complaintOf(result);
  if (complaint !== undefined) throw new BrikkError('agent.rejected', `The tool failed: ${complaint}`);
  return { output: outputOf(result) };
}

const linked = ({ endpoint, fetch, headers, ...server }: RemoteServer) => ({
  link: overHttp(fetch, endpoint, headers),
  ...server,
});

function outputOf(result: Json): Json {
  const { structuredContent, content } = result as { structuredContent?: Json; content?: Json };
  if (structuredContent !== undefined) return structuredContent;
  const parts = Array.isArray(content) ? (content as { type?: Json; text?: Json }[]) : [];
  return parts.every(({ type }) => type === 'text')
    ? parts.map(({ text }) => (typeof text === 'string' ? text : '')).join('\n')
    : (content as Json);
}

async function named<Result>({ timeoutMs }: RemoteServer, work: () => Promise<Result>): Promise<Result> {
  try {
    return await work();
  } catch (error) {
    if (!(error instanceof McpFailure)) throw error;
    const { kind, message, by } = error;
    if (kind === 'timeout') throw classifyFailure({ kind: 'timeout', timeoutMs });
    if (by.status !== undefined) throw classifyFailure({ kind: 'status', status: by.status });
    throw new BrikkError(CODES[by.code ?? 0] ?? 'agent.transient', sentence(message), { cause: error });
  }
}

const sentence = (words: string) => words.charAt(0).toUpperCase() + words.slice(1, 500);
