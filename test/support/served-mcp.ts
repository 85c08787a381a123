import type { IncomingMessage, ServerResponse } from 'node:http';
import { text } from 'node:stream/consumers';
import { createMcpHandler, type McpServer } from '@modelcontextprotocol/server';
import type { Json } from '../../contracts/json.js';
import { serving } from './outside-calls.js';

export interface AskedMcp {
  headers: IncomingMessage['headers'];
  body: Json;
}

/** An MCP server over Streamable HTTP at any path that `instead` does not answer. */
export async function servedMcp(
  make: () => McpServer,
  instead: (request: IncomingMessage, response: ServerResponse) => boolean = () => false,
): Promise<{ origin: string; stop: () => void; asked: AskedMcp[] }> {
  const handler = createMcpHandler(make);
  const asked: AskedMcp[] = [];
  const server = await serving((request, response) => {
    void (async () => {
      if (instead(request, response)) return response.end();
      const { method = 'GET', url = '', headers } = request;
      const body = await text(request);
      if (body !== '') asked.push({ headers, body: JSON.parse(body) as Json });
      const names = Object.entries(headers) as [string, string][];
      const answer = await handler.fetch(
        new Request(`http://${headers.host}${url}`, { method, headers: names, ...(body === '' ? {} : { body }) }),
      );
      response.writeHead(answer.status, Object.fromEntries(answer.headers));
      for await (const chunk of answer.body ?? []) response.write(chunk);
      return response.end();
    })();
  });
  return { ...server, asked };
}
