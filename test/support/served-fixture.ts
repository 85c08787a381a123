import type { ReadableStream } from 'node:stream/web';
import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { buffer } from 'node:stream/consumers';
import { createMcpHandler } from '@modelcontextprotocol/server';
import { exchange } from '../../apps/api/mcp/mcp-exchange.js';
import { fixtureServer } from './mcp-fixture.js';
import { serving } from './outside-calls.js';

/** What the conformance scenarios ask for, behind the same exchange that serves Brikk's own tools; without keys. */
export async function servedFixture(): Promise<{ url: string; stop: () => Promise<void> }> {
  const handler = createMcpHandler(fixtureServer);
  const { origin, stop } = await serving((request, response) => {
    const gone = new AbortController();
    response.once('close', () => gone.abort());
    void (async () => {
      if (request.method !== 'POST') return response.writeHead(405).end();
      const asked = { headers: request.headers, body: await buffer(request), gone: gone.signal };
      const { status, headers, body } = await exchange(handler, `${origin}/mcp`, asked);
      response.writeHead(status, headers);
      if (!body) return response.end();
      return pipeline(Readable.fromWeb(body as ReadableStream<Uint8Array>), response);
    })().catch(() => response.destroy());
  });
  return {
    url: `${origin}/mcp`,
    stop: async () => {
      await handler.close();
      stop();
    },
  };
}
