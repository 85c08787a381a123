import { z } from 'zod';
import type { Json } from '../../contracts/json.js';
import { McpFailure } from './mcp-failure.js';
import { inSession, type McpMethod, type McpServer } from './mcp-session.js';

/** A tool as its server describes it. */
export interface McpTool {
  name: string;
  title?: string;
  description?: string;
  inputSchema: { [keyword: string]: Json };
  outputSchema?: { [keyword: string]: Json };
}

/**
 * One method of a server of the Model Context Protocol, in a session of its own. Fails with an McpFailure, or with what the
 * link to the server fails with.
 */
export const callMcp = (server: McpServer, request: McpMethod): Promise<Json> =>
  inSession(server, (ask) => ask(request));

/** All tools of the server, at most `limit`; `isAll` tells whether these are all. Fails as `callMcp`. */
export const listTools = (server: McpServer, limit: number): Promise<{ tools: McpTool[]; isAll: boolean }> =>
  inSession(server, async (ask) => {
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
