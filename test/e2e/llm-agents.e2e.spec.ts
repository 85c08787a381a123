import { writeFile } from 'node:fs/promises';
import path from 'node:path';
import { afterAll, beforeAll, describe, expect, it, jest } from '@jest/globals';
import type { RegisteredAgent } from '../../contracts/agents.js';
import { LaunchedBrikk } from '../support/brikk.js';
import { CountingAgent } from '../support/counting-agent.js';
import { LlmServer } from '../support/llm-server.js';

jest.setTimeout(120_000);

const STEPS = 4;
const KEY = 'sk-known-only-here';

describe('agents that are models, with the launched product', () => {
  let brikk: LaunchedBrikk;
  let llm: LlmServer;
  let finder: CountingAgent;
  beforeAll(async () => {
    brikk = await LaunchedBrikk.up();
    finder = await CountingAgent.listen(300, (input) => ({ found: input }));
    // Asks for the same tool again and again, and then sums up.
    llm = await LlmServer.listen(({ results }) =>
      results.length < STEPS
        ? { calls: [{ name: 'find', args: JSON.stringify({ page: results.length }) }] }
        : { text: JSON.stringify({ output: results.map((result) => JSON.parse(result) as unknown) }) },
    );
    await brikk.register('finder', 'find', finder.url, { maxConcurrency: 100 });
    await brikk.call('PUT', '/v1/secrets/llm-key', { value: KEY });
    const file = path.join(brikk.home, 'researcher.yaml');
    await writeFile(
      file,
      `name: researcher
version: 1.0.0
protocol: llm
endpoint: ${llm.origin}
llm:
  provider: openai-compatible
  model: small
  secret: llm-key
  tools: [{ capability: find }]
  prices: { input: 1, output: 2 }
capabilities: [{ name: research, outputSchema: { type: array } }]
`,
    );
    const registered = JSON.parse(
      await brikk.brikk(['agents', 'register', '--file', file, '-o', 'json']),
    ) as RegisteredAgent;
    expect(registered).toMatchObject({ state: 'ready', lease: { expiresAt: null } });
    expect(registered.signingSecret).toBeUndefined();
  });
  afterAll(async () => {
    await brikk?.down();
    await llm?.close();
    await finder?.close();
  });

  const run = { pattern: 'agent', with: { capability: 'research' }, input: 'pages', budget: { costUsd: 1 } };
  const found = Array.from({ length: STEPS }, (_, page) => ({ found: { page } }));

  it('work with tools, and a worker that is killed in the middle repeats no tool that is in the journal', async () => {
    const { workers } = await brikk.status();
    const { id } = await brikk.start(run);
    await finder.reached(3);
    process.kill(workers[0]!.pid, 'SIGKILL');
    const ended = await brikk.finished(id);
    expect(ended).toMatchObject({ status: 'completed', output: found });
    const tools = ended.contributions.filter(({ role }) => role === 'tool');
    expect(tools.map(({ agent, round, status }) => [agent, round, status])).toEqual(
      found.map((_, place) => ['finder', place + 1, 'completed']),
    );
    // The one that was under way is asked for again under its key; those before it are not.
    expect([finder.askedAt.size, finder.calls <= STEPS + 1]).toEqual([STEPS, true]);
    const { usage } = ended.contributions.find(({ agent }) => agent === 'researcher')!;
    expect(usage).toMatchObject({ inputTokens: 50, outputTokens: 25, costUsd: 100 / 1_000_000 });
    // One turn at most was asked for twice: those before it are kept.
    expect(llm.asked.length).toBeLessThanOrEqual(STEPS + 2);
  });

  it('open their key for the call alone, which the audit chain tells', async () => {
    expect(new Set(llm.asked.map(({ headers }) => headers.authorization))).toEqual(new Set([`Bearer ${KEY}`]));
    const { items } = await brikk.call<{ items: { action: string; target: string }[] }>('GET', '/v1/audit?limit=100');
    expect(items).toContainEqual(expect.objectContaining({ action: 'secret.used', target: 'llm-key' }));
  });
});
