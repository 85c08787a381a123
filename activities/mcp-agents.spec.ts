import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { McpServer } from '@modelcontextprotocol/server';
import { z } from 'zod';
import { remoteHouse } from '../test/support/remote-house.js';
import { servedMcp } from '../test/support/served-mcp.js';

const once = { maxAttempts: 1, initialMs: 1, factor: 1, maxMs: 1, jitter: 0, nonRetryable: [] };
const said = (text: string) => ({ content: [{ type: 'text' as const, text }] });

function library(): McpServer {
  const server = new McpServer({ name: 'library', version: '2.0.0' });
  server.registerTool(
    'add',
    {
      description: 'Adds two numbers',
      inputSchema: z.object({ a: z.number(), b: z.number() }),
      outputSchema: z.object({ sum: z.number() }),
    },
    ({ a, b }) => ({ ...said('see there'), structuredContent: { sum: a + b } }),
  );
  server.registerTool('greet', { title: 'Says hello' }, () => ({
    content: [
      { type: 'text', text: 'Hello,' },
      { type: 'text', text: 'world' },
    ],
  }));
  server.registerTool('draw', {}, () => ({ content: [{ type: 'image', data: 'AA==', mimeType: 'image/png' }] }));
  server.registerTool('print', {}, () => ({ isError: true, ...said('no paper') }));
  server.registerTool('gossip', {}, () => ({ isError: true, ...said('hunter-2 of acme-tenant may not') }));
  server.registerTool('dawdle', {}, () => new Promise<never>(() => undefined));
  server.registerTool('report', {}, async (context) => {
    const { progressToken } = context.mcpReq._meta ?? {};
    for (let progress = 1; progress <= 6; progress += 1) {
      await new Promise((resolve) => setTimeout(resolve, 150));
      if (progressToken !== undefined)
        await context.mcpReq.notify({ method: 'notifications/progress', params: { progressToken, progress } });
    }
    return said('done');
  });
  return server;
}

describe('an agent that is an MCP server', () => {
  let server: Awaited<ReturnType<typeof servedMcp>>;
  beforeAll(async () => {
    server = await servedMcp(library, ({ url, headers }, response) => {
      if (url === '/down') response.writeHead(503);
      else if (url === '/closed' && headers.authorization !== 'Bearer hunter-2') response.writeHead(401);
      else return false;
      return true;
    });
  });
  afterAll(() => server.stop());
  const houseAt = (path: string, settings: object = {}) => remoteHouse('mcp', `${server.origin}${path}`, settings);

  it('has its tools as capabilities, with their contracts', async () => {
    const { capabilities, names } = await houseAt('/', { prefix: 'library.', only: ['add', 'greet'] }).discover();
    expect(capabilities).toMatchObject([
      {
        name: 'library.add',
        type: 'tool',
        description: 'Adds two numbers',
        inputSchema: { type: 'object', properties: { a: { type: 'number' } }, required: ['a', 'b'] },
        outputSchema: { properties: { sum: { type: 'number' } } },
      },
      { name: 'library.greet', description: 'Says hello' },
    ]);
    expect(names).toEqual({ 'library.add': 'add', 'library.greet': 'greet' });
    expect(JSON.stringify(capabilities)).not.toContain('$schema');
  });

  it('does a task by a tool: its structured content, else its text, else its content is the output', async () => {
    const { ask, register } = houseAt('/');
    await register();
    const input = { inline: { a: 2, b: 3 } };
    expect(await ask('add', { input })).toMatchObject({ status: 'completed', output: { inline: { sum: 5 } } });
    expect(server.asked.at(-1)?.body).toMatchObject({
      method: 'tools/call',
      params: { name: 'add', arguments: { a: 2, b: 3 }, _meta: { 'brikk/idempotency-key': 'run-1/a' } },
    });
    expect(await ask('greet')).toMatchObject({ output: { inline: 'Hello,\nworld' } });
    expect(await ask('draw')).toMatchObject({ output: { inline: [{ type: 'image', data: 'AA==' }] } });
  });

  it.each([
    ['print', { inline: {} }, { code: 'agent.rejected', message: 'The tool failed: no paper' }],
    ['greet', { inline: 'text' }, { code: 'agent.rejected', message: expect.stringContaining('must be an object') }],
    ['dawdle', { inline: {} }, { code: 'agent.timeout' }],
  ])('says why a call of %s with %j failed', async (tool, input, error) => {
    const { ask, register } = houseAt('/');
    await register();
    expect(await ask(tool, { input, retry: once, timeout: { attemptMs: 400, totalMs: 5_000 } })).toMatchObject({
      status: 'failed',
      error,
    });
  });

  it('refuses arguments that break the schema of the tool, and a tool that is gone', async () => {
    const { ask, register, house } = houseAt('/');
    await register();
    const wrong = await ask('add', { input: { inline: { a: 'x' } }, retry: once });
    expect(wrong.error).toMatchObject({ code: 'agent.rejected' });
    delete house.remotes.get('id-server')?.names['greet'];
    expect(await ask('greet')).toMatchObject({
      error: { code: 'agent.rejected', message: expect.stringContaining('no longer offers greet') },
    });
  });

  it('may take longer than an attempt as long as it reports progress, which the run tells', async () => {
    const { house, ask, register } = houseAt('/');
    await register();
    const ended = await ask('report', { timeout: { attemptMs: 700, totalMs: 20_000 }, retry: once });
    expect(ended).toMatchObject({ status: 'completed', output: { inline: 'done' } });
    const told = house.written.filter(({ type }) => type === 'call.progress');
    expect(told.map(({ data }) => data)).toMatchObject([
      { agent: 'server', data: { progress: 1 } },
      { agent: 'server', data: { progress: 6 } },
    ]);
  });

  it('bids for nothing, plans nothing and decides nothing', async () => {
    const { ask, register } = houseAt('/');
    await register();
    expect(await ask('greet', { kind: 'bid' })).toMatchObject({ error: { code: 'agent.rejected' } });
    const award = { inline: { award: { won: true } } };
    expect(await ask('greet', { kind: 'decide', input: award })).toMatchObject({ status: 'completed' });
  });

  it('is sent its secrets, which no failure shows', async () => {
    const open = houseAt('/closed', { secret: 'token', headers: { 'X-Tenant': 'tenant' } });
    Object.assign(open.house.secrets, { token: 'hunter-2', tenant: 'acme-tenant' });
    await open.register();
    expect(server.asked.at(-1)?.headers).toMatchObject({ authorization: 'Bearer hunter-2', 'x-tenant': 'acme-tenant' });
    expect(open.house.opened).toEqual(['tenant', 'token']);
    const told = await open.ask('gossip', { retry: once });
    expect(told.error?.message).toBe('The tool failed: *** of *** may not');
    open.house.secrets['token'] = 'wrong-one';
    const refused = await open.ask('greet', { retry: once });
    expect(refused.error).toMatchObject({ code: 'agent.permanent', message: expect.stringContaining('401') });
    expect(JSON.stringify(refused)).not.toContain('wrong-one');
    delete open.house.secrets['token'];
    expect((await open.ask('greet', { retry: once })).error?.message).toContain('There is no secret token');
  });

  it('is not registered when it cannot be asked, or offers what cannot be used', async () => {
    await expect(houseAt('/down').discover()).rejects.toMatchObject({ code: 'agent.transient' });
    await expect(remoteHouse('mcp', 'http://127.0.0.1:1/').discover()).rejects.toMatchObject({
      code: 'agent.unavailable',
    });
    await expect(remoteHouse('mcp', 'http://10.1.2.3/').discover()).rejects.toMatchObject({ code: 'agent.permanent' });
    await expect(houseAt('/', { only: ['add', 'fly'] }).discover()).rejects.toMatchObject({
      code: 'agent.invalid_output',
      message: 'The server does not offer fly',
    });
  });

  it('offers a hundred tools at most, unless it is said which are wanted', async () => {
    const many = await servedMcp(() => {
      const made = new McpServer({ name: 'many', version: '1.0.0' });
      for (let number = 0; number < 120; number += 1) made.registerTool(`tool.${number}`, {}, () => said('x'));
      return made;
    });
    try {
      await expect(remoteHouse('mcp', many.origin).discover()).rejects.toMatchObject({
        message: expect.stringContaining('more than 100'),
      });
      const { names } = await remoteHouse('mcp', many.origin, { only: ['tool.7', 'tool.119'] }).discover();
      expect(names).toEqual({ 'tool.7': 'tool.7', 'tool.119': 'tool.119' });
    } finally {
      many.stop();
    }
  });
});
