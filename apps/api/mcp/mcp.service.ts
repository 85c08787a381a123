import { createMcpHandler, type McpHttpHandler, McpServer, type ServerContext } from '@modelcontextprotocol/server';
import { Injectable, Logger, type OnModuleDestroy } from '@nestjs/common';
import { isAllowed } from '../../../contracts/permissions.js';
import { publicUrlOf } from '../common/public-url.js';
import { toProblem } from '../common/problem.js';
import type { Caller } from '../common/request.js';
import { Settings } from '../env.js';
import { ApprovalTools } from './approval-tools.js';
import { exchange, type McpAnswer } from './mcp-exchange.js';
import type { McpRequest } from './mcp-request.js';
import { type McpTool, resultOf, type ToolCall } from './mcp-tool.js';
import { RegistryTools } from './registry-tools.js';
import { RunTools } from './run-tools.js';

export const MCP_PATH = '/v1/mcp';
const SERVER = { name: 'brikk', title: 'Brikk', version: '1.0.0' };
const INSTRUCTIONS =
  'Brikk coordinates agents durably. Start work with start_run: a workflow of list_workflows, or a pattern such as agent with {"capability": …} of list_agents. A run that is waiting asks a person: see list_approvals.';

/** Brikk as an MCP server, without sessions: what a key may do is its tools. */
@Injectable()
export class Mcp implements OnModuleDestroy {
  private readonly logger = new Logger(Mcp.name);
  private readonly tools: readonly McpTool[];
  private readonly handler: McpHttpHandler;

  constructor(
    private readonly settings: Settings,
    runs: RunTools,
    registry: RegistryTools,
    approvals: ApprovalTools,
  ) {
    this.tools = [...runs.all, ...registry.all, ...approvals.all];
    this.handler = createMcpHandler(({ authInfo }) => this.serverFor(authInfo?.extra?.['caller'] as Caller), {
      onerror: (error) => this.logger.debug({ code: 'mcp.refused', reason: error.message }),
    });
  }

  onModuleDestroy(): Promise<void> {
    return this.handler.close();
  }

  answer(caller: Caller, request: McpRequest): Promise<McpAnswer> {
    const authInfo = { token: '', clientId: caller.keyId, scopes: [], extra: { caller } };
    return exchange(this.handler, `${publicUrlOf(this.settings)}${MCP_PATH}`, request, { authInfo });
  }

  private serverFor(caller: Caller): McpServer {
    const server = new McpServer(SERVER, { instructions: INSTRUCTIONS, capabilities: { tools: {} } });
    for (const tool of this.tools) {
      const { name, title, description, readOnly, input, permission } = tool;
      if (!isAllowed(caller, permission)) continue;
      const annotations = { title, readOnlyHint: readOnly, openWorldHint: false };
      server.registerTool(name, { title, description, inputSchema: input, annotations }, async (args, context) => {
        try {
          return resultOf(await tool.call(args, toCall(caller, context)));
        } catch (error) {
          return this.failed(caller, error);
        }
      });
    }
    return server;
  }

  /** As REST says it, for the model to read. */
  private failed({ requestId }: Caller, error: unknown) {
    const { problem } = toProblem(error, requestId);
    if (problem.code === 'internal') {
      const stack = error instanceof Error ? (error.stack ?? error.message) : 'a value that is no Error was thrown';
      this.logger.error({ code: 'internal', requestId, stack });
    }
    return { ...resultOf(problem), isError: true };
  }
}

function toCall(caller: Caller, { mcpReq }: ServerContext): ToolCall {
  const { signal, _meta, notify } = mcpReq;
  const progressToken = _meta?.progressToken;
  if (progressToken === undefined) return { caller, signal };
  const tell = (progress: number, message: string) =>
    notify({ method: 'notifications/progress', params: { progressToken, progress, message } });
  return { caller, signal, tell };
}
