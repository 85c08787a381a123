import { writeFile } from 'node:fs/promises';
import path from 'node:path';
import { afterAll, beforeAll, describe, expect, it, jest } from '@jest/globals';
import { McpServer } from '@modelcontextprotocol/server';
import { z } from 'zod';
import type { Agent, RegisteredAgent } from '../../contracts/agents.js';
import { LaunchedBrikk } from '../support/brikk.js';
import { servedMcp } from '../support/served-mcp.js';
import { until } from '../support/until.js';

jest.setTimeout(120_000);

const KEY = 'hunter-2-of-the-library';

describe('agents of other protocols, with the launched product', () => {
  let brikk: LaunchedBrikk;
  let library: Awaited<ReturnType<typeof servedMcp>>;
  const shelves = ['find'];
  beforeAll(async () => {
    brikk = await LaunchedBrikk.up();
    library = await servedMcp(
      () => {
        const server = new McpServer({ name: 'library', version: '1.0.0' });
        for (const shelf of shelves)
          server.registerTool(shelf, { inputSchema: z.object({ word: z.string() }) }, ({ word }) => ({
            content: [],
            structuredContent: { [shelf]: word },
          }));
        return server;
      },
      ({ headers }, response) => headers.authorization !== `Bearer ${KEY}` && response.writeHead(401) !== undefined,
    );
  });
  afterAll(async () => {
    await brikk?.down();
    library?.stop();
  });

  const agentOnce = async (id: string, isSo: (agent: Agent) => boolean): Promise<Agent> => {
    let agent: Agent | undefined;
    await until(async () => isSo((agent = await brikk.call<Agent>('GET', `/v1/agents/${id}`))), 30_000);
    return agent as Agent;
  };

  it('an MCP server is an agent whose tools are called, and which can do what the server offers now', async () => {
    await brikk.call('PUT', '/v1/secrets/library-key', { value: KEY });
    const file = path.join(brikk.home, 'library.yaml');
    const remote = '{ secret: library-key, refreshSeconds: 1 }';
    await writeFile(
      file,
      `{ name: library, version: 1.0.0, protocol: mcp, endpoint: '${library.origin}', remote: ${remote} }`,
    );
    const said = await brikk.brikk(['agents', 'register', '--file', file, '-o', 'json']);
    const { id } = JSON.parse(said) as RegisteredAgent;
    const run = (capability: string) =>
      brikk.start({ pattern: 'agent', with: { capability }, input: { word: 'durable' } });
    const ended = await brikk.finished((await run('find')).id);
    expect(ended).toMatchObject({ status: 'completed', output: { find: 'durable' } });

    shelves.push('lend');
    const now = await agentOnce(id, ({ capabilities }) => capabilities.length === 2);
    expect(now).toMatchObject({
      capabilities: [{ name: 'find' }, { name: 'lend' }],
      remote: { secret: 'library-key', refreshSeconds: 1 },
      discovery: { at: expect.any(String), error: null },
    });
    const next = await brikk.finished((await run('lend')).id);
    expect(next).toMatchObject({ status: 'completed', output: { lend: 'durable' } });

    await brikk.call('PUT', '/v1/secrets/library-key', { value: 'another' });
    const refused = await agentOnce(id, ({ discovery }) => discovery?.error != null);
    expect(refused.discovery?.error).toContain('agent.permanent');
    expect(refused.capabilities).toHaveLength(2);
    const { items } = await brikk.call<{ items: { action: string }[] }>('GET', '/v1/audit?limit=100');
    const actions = new Set(items.map(({ action }) => action));
    expect([...actions]).toEqual(expect.arrayContaining(['agent.capabilities_changed', 'secret.used']));
  });
});
