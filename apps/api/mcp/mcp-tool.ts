import type { CallToolResult } from '@modelcontextprotocol/server';
import type { z } from 'zod';
import type { Permission } from '../../../contracts/permissions.js';
import type { Caller } from '../common/request.js';

/** What a tool knows of the request that calls it. */
export interface ToolCall {
  caller: Caller;
  /** Aborted when the client has given up. */
  signal: AbortSignal;
  /** Absent: the client does not want to hear of it. */
  tell?: (progress: number, message: string) => Promise<void>;
}

/** One thing that MCP clients may do here; a key that lacks the permission does not see it. */
export interface McpTool {
  name: string;
  title: string;
  description: string;
  permission: Permission;
  /** It changes nothing. */
  readOnly: boolean;
  input: z.ZodObject;
  call(input: unknown, call: ToolCall): Promise<object>;
}

/** A tool whose `call` takes what its schema gives. */
export const tool = <Shape extends z.ZodRawShape>(
  made: Omit<McpTool, 'input' | 'call'> & {
    input: z.ZodObject<Shape>;
    call(input: z.output<z.ZodObject<Shape>>, call: ToolCall): Promise<object>;
  },
): McpTool => made as unknown as McpTool;

export function resultOf(value: object): CallToolResult {
  const structuredContent = JSON.parse(JSON.stringify(value)) as { [name: string]: unknown };
  return { content: [{ type: 'text', text: JSON.stringify(structuredContent) }], structuredContent };
}
