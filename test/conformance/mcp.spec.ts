import { execFile } from 'node:child_process';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterAll, beforeAll, describe, expect, it, jest } from '@jest/globals';
import { servedFixture } from '../support/served-fixture.js';

jest.setTimeout(180_000);

/** A folder in which `@modelcontextprotocol/conformance` is installed. */
const installed = process.env.BRIKK_MCP_CONFORMANCE;
/** The package wants Node 22 or later. */
const node = process.env.BRIKK_MCP_NODE ?? process.execPath;
const REVISION = '2026-07-28';

/** The scenarios that the revision requires of a server, by the official conformance package. */
(installed === undefined ? describe.skip : describe)('the MCP server, by the scenarios of the protocol', () => {
  let fixture: Awaited<ReturnType<typeof servedFixture>>;
  let folder: string;
  beforeAll(async () => {
    fixture = await servedFixture();
    folder = await mkdtemp(path.join(tmpdir(), 'brikk-mcp-'));
  });
  afterAll(async () => {
    await fixture?.stop();
    await rm(folder, { recursive: true, force: true });
  });

  it(`passes what ${REVISION} requires`, async () => {
    const cli = path.join(installed!, 'node_modules/@modelcontextprotocol/conformance/dist/index.js');
    const { code, said } = await run([cli, 'server', '--url', fixture.url, '--requirements', REVISION], folder);
    // What it says names the scenarios that fail.
    expect({ code, failures: code === 0 ? '' : said }).toEqual({ code: 0, failures: '' });
  });
});

function run(args: string[], cwd: string): Promise<{ code: number; said: string }> {
  return new Promise((resolve) => {
    execFile(node, args, { cwd, maxBuffer: 64 * 1_024 * 1_024 }, (error, stdout, stderr) => {
      resolve({ code: error === null ? 0 : Number(error.code ?? 1), said: stdout + stderr });
    });
  });
}
