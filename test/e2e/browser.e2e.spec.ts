import { execFile } from 'node:child_process';
import path from 'node:path';
import { promisify } from 'node:util';
import { afterAll, beforeAll, describe, expect, it, jest } from '@jest/globals';
import { findChromium, NO_CHROMIUM } from '../../examples/browser/chromium.js';
import { AgentProcess } from '../support/agent-process.js';
import { LaunchedBrikk } from '../support/brikk.js';

jest.setTimeout(180_000);

const execute = promisify(execFile);
const program = (name: string) => path.join(import.meta.dirname, `../../dist/examples/browser/${name}.js`);

describe('the example of a browser', () => {
  let brikk: LaunchedBrikk;
  beforeAll(async () => {
    brikk = await LaunchedBrikk.up(['--no-samples']);
  });
  afterAll(() => brikk?.down());

  const environment = async () => {
    const { api, devKey } = await brikk.status();
    return { BRIKK_API_URL: api.url, BRIKK_API_KEY: devKey };
  };

  (findChromium() ? it : it.skip)(
    'has two agents share a session of a real Chromium, which outlives the agent that is killed in the middle',
    async () => {
      const env = { ...process.env, ...(await environment()) };
      const { stdout } = await execute(process.execPath, [program('main')], { env, timeout: 150_000 });
      expect(stdout).toMatch(/^Brikk: {2}the next instance of the agent takes the session over\.$/m);
      // Signed in by the cookie, tea once by the local storage, and at the page of the order by the URL.
      expect(stdout).toMatch(/^Reader: Order 1: Order 1 of Ada tea$/m);
      expect(stdout).toMatch(/^Shop: {3}Ada has ordered tea\.$/m);
      expect(stdout).toMatch(/^Brikk: {2}hand-overs of the session: 1\.$/m);
    },
  );

  it('refuses its tasks where there is no Chromium, and says what to install', async () => {
    const none = { BRIKK_CHROMIUM: '/nowhere/chromium' };
    const source = `await import(${JSON.stringify(program('browser'))});`;
    const agent = await AgentProcess.start({ ...(await environment()), ...none }, { source });
    const input = { session: 'nobody', url: 'http://127.0.0.1:1/' };
    const { id } = await brikk.start({ pattern: 'agent', with: { capability: 'open-page' }, input });
    const { status, error, contributions } = await brikk.finished(id);
    await agent.end('SIGTERM');
    expect(status).toBe('failed');
    expect(JSON.stringify([error, contributions])).toContain(NO_CHROMIUM);
    const env = { ...process.env, ...none };
    const said = await execute(process.execPath, [program('main')], { env }).catch((failure: unknown) => failure);
    expect(said).toMatchObject({ code: 1, stdout: `The browser example is not run: ${NO_CHROMIUM}.\n` });
  });
});
