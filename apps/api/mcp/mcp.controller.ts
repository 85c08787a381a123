import { Readable } from 'node:stream';
import type { ReadableStream } from 'node:stream/web';
import { Controller, Post, StreamableFile } from '@nestjs/common';
import { Describe } from '../common/describe.decorator.js';
import { Permission } from '../common/permission.decorator.js';
import { Reply } from '../common/reply.js';
import type { Caller } from '../common/request.js';
import { FromMcp, type McpRequest } from './mcp-request.js';
import { Mcp } from './mcp.service.js';

@Controller()
export class McpController {
  constructor(private readonly mcp: Mcp) {}

  @Post('v1/mcp')
  @Permission('run:read')
  @Describe({
    summary: 'MCP over Streamable HTTP',
    answers: {},
    produces: ['application/json', 'text/event-stream'],
    raw: '{}',
    protocol: 'MCP',
  })
  async call(@FromMcp() request: McpRequest & { caller: Caller }) {
    const { status, headers, body } = await this.mcp.answer(request.caller, request);
    return new Reply(status, body ? streamed(body, headers['content-type']) : undefined, headers);
  }
}

const streamed = (body: globalThis.ReadableStream<Uint8Array>, type = 'application/json') =>
  new StreamableFile(Readable.fromWeb(body as ReadableStream<Uint8Array>), { type });
