import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterEach, describe, expect, it } from '@jest/globals';
import type { Agent } from '../../../contracts/agents.js';
import type { BrikkClient } from '../../../sdk/client.js';
import { agentOf, drain, liveTable, probe, probesTable } from './agent-live.js';

const servers: Server[] = [];
afterEach(async () => {
  for (const server of servers.splice(0)) await new Promise((resolve) => server.close(resolve));
});
async function serve(status: number): Promise<string> {
  const server = createServer((_, response) => {
    response.writeHead(status, { connection: 'close' }).end();
  });
  servers.push(server);
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}/`;
}

const instance = (id: string, change: object = {}) => ({
  id,
  endpoint: `http://127.0.0.1:1/${id}`,
  state: 'working',
  draining: false,
  inFlight: 1,
  maxConcurrency: 4,
  breaker: 'closed',
  upMs: 5_000,
  statistics: [],
  ...change,
});
const statistics = [
  { capability: 'rare', calls: 1, successRate: 0, latencyMs: null, costUsd: 0.5, tokens: 0, breaker: 'open' },
  {
    capability: 'triage',
    calls: 9,
    successRate: 1,
    latencyMs: { ewma: 40, p50: 40, p95: 90 },
    costUsd: 1,
    tokens: 700,
    breaker: 'closed',
  },
];
const agent = {
  id: 'agent-1',
  name: 'triage',
  version: '1.0.0',
  instances: [
    instance('one', { statistics }),
    instance('two', { breaker: 'open', state: 'recovering' }),
    instance('gone', { state: 'shutdown' }),
  ],
} as unknown as Agent;

/** Keeps what it was told to drain. */
function fakeClient(names: [id: string, name: string][]) {
  const drained: string[] = [];
  const agents = {
    list: () => Promise.resolve({ items: names.map(([id, name]) => ({ id, name })), nextCursor: null }),
    get: (id: string) => Promise.resolve({ ...agent, id }),
    drain: (_: string, id: string) => Promise.resolve(void drained.push(id)),
  };
  return { client: { agents } as unknown as BrikkClient, drained };
}

describe('live agents on the terminal', () => {
  it('are a table of instances with states and breakers, and how each of them does', () => {
    const lines = liveTable([agent]).split('\n');
    expect(lines[1]).toMatch(
      /^triage 1\.0\.0 +http\S+one +working +5\.0 s +1\/4 +closed, rare open +10 +90 % +40 ms +90 ms +\$1\.50 +700$/,
    );
    expect(lines[2]).toMatch(/^ +http\S+two +recovering +5\.0 s +1\/4 +open +0 +– +– +– +\$0\.00 +0$/);
    expect(lines).toHaveLength(3);
    const draining = { ...agent, instances: [instance('one', { draining: true })] } as unknown as Agent;
    expect(liveTable([draining])).toMatch(/draining +5\.0 s +1\/4 +closed +0 +–/);
    expect(liveTable([])).toBe('No live agents.');
  });

  it('are asked how they are; an agent without the route is well', async () => {
    const [well, bare, ill] = [await serve(200), await serve(404), await serve(503)];
    const instances = [well, bare, ill, 'http://127.0.0.1:1'].map((endpoint) => instance('x', { endpoint }));
    const probes = await probe({ protocol: 'http', instances } as unknown as Agent);
    expect(() => probe({ name: 'model', protocol: 'llm', instances } as unknown as Agent)).toThrow(/speaks llm/);
    expect(probes.map(({ healthy }) => healthy)).toEqual([true, true, false, false]);
    expect(probesTable(probes)).toMatch(/out of reach +\S+ \S+ +HTTP 503/);
    expect(probesTable([])).toBe('No live instances.');
  });

  it('are found by name or id; a name of two versions is ambiguous', async () => {
    const { client } = fakeClient([
      ['1', 'triage'],
      ['2', 'sort'],
      ['3', 'sort'],
    ]);
    expect((await agentOf(client, 'triage')).id).toBe('1');
    expect((await agentOf(client, '77')).id).toBe('77');
    await expect(agentOf(client, 'sort')).rejects.toThrow(/2 versions/);
  });

  it('are drained, all or one', async () => {
    const { client, drained } = fakeClient([]);
    await drain(client, agent, 'two');
    expect(drained).toEqual(['two']);
    expect(await drain(client, agent)).toHaveLength(2);
    expect(drained).toEqual(['two', 'one', 'two']);
    await expect(drain(client, agent, 'gone')).rejects.toThrow(/no live instance gone/);
    await expect(drain(client, { ...agent, instances: [] })).rejects.toThrow(/no live instance/);
  });
});
