import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { McpServer } from '@modelcontextprotocol/server';
import { z } from 'zod';
import type { Json } from '../contracts/json.js';
import { OutsideCalls } from '../test/support/outside-calls.js';
import { type AskedMcp, servedMcp } from '../test/support/served-mcp.js';
import { nameOf } from './name-of-call.js';

function library(): McpServer {
  const server = new McpServer({ name: 'library', version: '2.0.0' });
  server.registerTool('add', { inputSchema: z.object({ a: z.number(), b: z.number() }) }, ({ a, b }) => ({
    content: [{ type: 'text', text: String(a + b) }],
  }));
  server.registerTool('break', {}, () => ({ isError: true, content: [{ type: 'text', text: 'no paper' }] }));
  server.registerTool('dawdle', {}, () => new Promise<never>(() => undefined));
  server.registerResource('manual', 'doc://manual', {}, () => ({ contents: [{ uri: 'doc://manual', text: 'Read.' }] }));
  return server;
}

describe('a call of MCP', () => {
  let server: Awaited<ReturnType<typeof servedMcp>>;
  let asked: AskedMcp[];
  let calls: OutsideCalls;
  beforeAll(async () => {
    server = await servedMcp(library, ({ url }, response) => {
      if (url === '/down') response.writeHead(503);
      if (url === '/moved') response.writeHead(302, { location: '/mcp' });
      return url === '/down' || url === '/moved';
    });
    ({ asked } = server);
    calls = new OutsideCalls({ desk: { token: 'hunter-2' } });
  });
  afterAll(async () => {
    await calls.close();
    server.stop();
  });

  const call = (method: string, parameters: Json, more: object = {}, path = '/mcp', timeoutMs?: number) =>
    calls.server(
      { kind: 'mcp', uri: `${server.origin}${path}`, method, ...more },
      { request: { parameters } },
      timeoutMs,
    );

  it.each([undefined, '2026-07-28', '2025-06-18', '2024-11-05'])(
    'gives the result of a tool in version %s',
    async (version) => {
      const more = version === undefined ? {} : { protocolVersion: version };
      const made = await call('tools/call', { name: 'add', arguments: { a: 2, b: 3 } }, more);
      expect(made).toMatchObject({ output: { content: [{ type: 'text', text: '5' }] } });
      const [first] = asked;
      if (version !== undefined && version < '2026')
        expect(first?.body).toMatchObject({ params: { protocolVersion: version } });
      asked.length = 0;
    },
  );

  it('lists and reads as the methods of the protocol do', async () => {
    expect(await call('tools/list', {})).toMatchObject({ output: { tools: [{ name: 'add' }, {}, {}] } });
    expect(await call('resources/list', {})).toMatchObject({ output: { resources: [{ uri: 'doc://manual' }] } });
    expect(await call('resources/read', { uri: 'doc://manual' })).toMatchObject({
      output: { contents: [{ uri: 'doc://manual', text: 'Read.' }] },
    });
  });

  it('asks under the name of the client, with headers and credentials from secrets', async () => {
    const request = {
      kind: 'mcp' as const,
      uri: `${server.origin}/mcp`,
      method: 'tools/list',
      protocolVersion: '2025-06-18',
    };
    await calls.server(
      { ...request, client: { name: 'desk', version: '3.1.0' } },
      {
        request: '{headers: {"X-Team": $team}, parameters: {}}',
        authentication: '{bearer: $secrets.desk}',
        data: { inline: null },
        variables: { team: { inline: 'ops' } },
        secrets: ['desk'],
      },
    );
    const { body, headers } = asked.find(({ body: sent }) => (sent as { method?: string }).method === 'initialize')!;
    expect(body).toMatchObject({ params: { clientInfo: { name: 'desk', version: '3.1.0' } } });
    expect(headers).toMatchObject({ authorization: 'Bearer hunter-2', 'x-team': 'ops' });
    expect(nameOf(request)).toMatch(/^tools\/list 127/);
  });

  it.each<[string, string, Json, string, RegExp]>([
    ['a tool that reports an error', 'tools/call', { name: 'break' }, 'server.failed', /tools\/call of .*: no paper/],
    ['a resource that there is not', 'resources/read', { uri: 'doc://gone' }, 'server.failed', /gone/],
    ['arguments that do not fit', 'tools/call', { name: 'add', arguments: { a: 'x' } }, 'server.failed', /add/],
    ['parameters that are none', 'tools/call', 'add', 'expression.failed', /parameters must be an object/],
  ])('fails with %s', async (_, method, parameters, code, message) => {
    expect(await call(method, parameters)).toMatchObject({ error: { code, message: expect.stringMatching(message) } });
  });

  it('names what keeps it from the server', async () => {
    const codeOf = async (...args: Parameters<typeof call>) => {
      const made = await call(...args);
      return 'error' in made ? made.error.code : 'none';
    };
    expect(await codeOf('tools/list', {}, {}, '/down')).toBe('http.503');
    expect(await codeOf('tools/list', {}, {}, '/moved')).toBe('http.302');
    expect(await codeOf('tools/call', { name: 'dawdle' }, {}, '/mcp', 500)).toBe('http.timeout');
    expect(await codeOf('tools/list', {}, { uri: 'http://10.1.2.3/mcp' })).toBe('http.refused');
    expect(await codeOf('tools/list', {}, { uri: 'http://127.0.0.1:1/mcp' })).toBe('http.unreachable');
    expect(await codeOf('tools/list', {}, { uri: 'file:///etc' })).toBe('http.invalid');
    expect(await codeOf('tools/list', {}, { uri: 'no address' })).toBe('http.invalid');
  });
});
