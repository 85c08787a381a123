import type { IncomingHttpHeaders, ServerResponse } from 'node:http';
import { createParamDecorator, type ExecutionContext } from '@nestjs/common';
import type { ApiRequest, Caller } from '../common/request.js';

/** A request of an MCP client. */
export interface McpRequest {
  headers: IncomingHttpHeaders;
  body: Buffer;
  /** Aborted when the client has gone. */
  gone: AbortSignal;
}

export const FromMcp = createParamDecorator(
  (_: undefined, context: ExecutionContext): McpRequest & { caller: Caller } => {
    const { caller, headers, body } = context.switchToHttp().getRequest<ApiRequest>();
    if (!caller || !Buffer.isBuffer(body)) throw new Error('a route of MCP has a caller, and its body as it stands');
    const gone = new AbortController();
    context
      .switchToHttp()
      .getResponse<ServerResponse>()
      .once('close', () => gone.abort());
    return { caller, headers, body, gone: gone.signal };
  },
);
