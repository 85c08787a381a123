import { afterAll, describe, expect, it } from '@jest/globals';
import { join } from 'node:path';
import type { Json } from '../contracts/json.js';
import type { McpRequest } from '../contracts/language-activities.js';
import { OutsideCalls } from '../test/support/outside-calls.js';
import { isGoneWithin } from '../test/support/is-gone.js';
import type { Outcome } from './outside-call.js';

const SERVER = join(import.meta.dirname, '..', 'test', 'support', 'mcp-process.mjs');
const STARTS_MS = 20_000;
/** It ends at the first question that is not the one it waits for. */
const OLD = `
  process.stdin.on('data', (data) => String(data).trim().split('\\n').map(JSON.parse).forEach(({ id, method }) => {
    if (method.startsWith('notifications/')) return;
    if (method !== 'initialize' && !globalThis.ready) process.exit(1);
    globalThis.ready = true;
    const first = { protocolVersion: '2024-11-05', capabilities: {}, serverInfo: { name: 'old', version: '1' } };
    const result = method === 'initialize' ? first : { tools: [] };
    process.stdout.write(JSON.stringify({ jsonrpc: '2.0', id, result }) + '\\n');
  }));`;

describe('a call of MCP over standard input and output', () => {
  const calls = new OutsideCalls({ desk: 'hunter-2' }, {}, ['mcp']);
  afterAll(() => calls.close());

  const start = (command: string, args: string[], environment: Json = {}) => ({
    command,
    arguments: args,
    environment,
  });
  const call = (server: object, method: string, parameters: Json, more: Partial<McpRequest> = {}, timeoutMs?: number) =>
    calls.server(
      { kind: 'mcp', method, ...more },
      { request: { ...server, parameters } as Json },
      timeoutMs ?? STARTS_MS,
    );
  const tool = (name: string, more?: Partial<McpRequest>, timeoutMs?: number) =>
    call(start(process.execPath, [SERVER, 'a b'], { KEY: 'k' }), 'tools/call', { name }, more, timeoutMs);
  const textOf = (made: Outcome) => (made as { output: { content: [{ text: string }] } }).output.content[0].text;

  it.each([undefined, '2026-07-28', '2025-06-18'])('speaks version %s, and ends the process', async (version) => {
    process.env['WORKER_SECRET'] = 'hunter-3';
    const made = await tool('where', version === undefined ? {} : { protocolVersion: version });
    delete process.env['WORKER_SECRET'];
    const said = JSON.parse(textOf(made)) as { pid: number };
    expect(said).toMatchObject({ KEY: 'k', args: ['a b'] });
    expect(said).not.toHaveProperty('WORKER_SECRET');
    expect(await isGoneWithin(said.pid, 20_000)).toBe(true);
  });

  it('speaks to servers that end at what they do not know', async () => {
    expect(await call(start(process.execPath, ['-e', OLD]), 'tools/list', {})).toEqual({ output: { tools: [] } });
  });

  it('reads secrets where it is made, and shows none when the process fails', async () => {
    const made = await calls.server(
      { kind: 'mcp', method: 'tools/call' },
      {
        request: `{command: $node, arguments: [$server], environment: {KEY: $secrets.desk}, parameters: {name: "die"}}`,
        data: { inline: null },
        variables: { node: { inline: process.execPath }, server: { inline: SERVER } },
        secrets: ['desk'],
      },
      STARTS_MS,
    );
    const message = 'the process: the process ended with code 3: the key *** is no good';
    expect(made).toMatchObject({ error: { code: 'server.failed', message } });
  });

  it.each<[string, () => Promise<Outcome>, string, RegExp]>([
    ['a tool that reports an error', () => tool('break'), 'server.failed', /no paper/],
    ['more than 10 MiB', () => tool('flood'), 'server.failed', /wrote more than 10485760 bytes/],
    [
      'a program that there is not',
      () => call(start('no-such-program', []), 'tools/list', {}),
      'server.failed',
      /no-such-program could not be started/,
    ],
    [
      'what is not the protocol',
      () => call(start('sh', ['-c', 'echo {}; sleep 60']), 'tools/list', {}),
      'server.failed',
      /no message of MCP/,
    ],
  ])('fails with %s', async (_, made, code, message) => {
    expect(await made()).toMatchObject({ error: { code, message: expect.stringMatching(message) } });
  });

  it('ends a process that does not answer in time, with what it has started', async () => {
    const began = Date.now();
    const silent = start('sh', ['-c', 'sleep 61 & sleep 61']);
    expect(await call(silent, 'tools/list', {}, {}, 300)).toMatchObject({ error: { code: 'http.timeout' } });
    expect(await tool('dawdle', {}, 3_000)).toMatchObject({ error: { code: 'http.timeout' } });
    expect(Date.now() - began).toBeLessThan(40_000);
  });

  it('is refused by the name of the setting where the operator does not allow it', async () => {
    const refusing = new OutsideCalls();
    const made = await refusing.server({ kind: 'mcp', method: 'tools/list' }, { request: start('ls', []) });
    expect(made).toMatchObject({
      error: {
        code: 'process.refused',
        message: expect.stringMatching(/transport.stdio of mcp .* by BRIKK_ALLOW_PROCESSES=mcp$/),
      },
    });
    await refusing.close();
  });
});
