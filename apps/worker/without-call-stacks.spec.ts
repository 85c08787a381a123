import { execFile } from 'node:child_process';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { promisify } from 'node:util';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';

/** In a thread, as workflows run. */
const SCRIPT = `
  const { isMainThread, Worker } = require('node:worker_threads');
  const { promiseHooks } = require('node:v8');
  const noted = () => { try { promiseHooks.createHook({ init() {} })(); return 'noted' } catch (error) { return error.message } };
  if (isMainThread) new Worker(__filename);
  else console.log(noted());`;

describe('the call stacks of workflows', () => {
  let folder: string;
  beforeAll(async () => {
    folder = await mkdtemp(path.join(tmpdir(), 'brikk-stacks-'));
    await writeFile(path.join(folder, 'thread.cjs'), SCRIPT);
  });
  afterAll(() => rm(folder, { recursive: true }));

  const inThread = async (env: NodeJS.ProcessEnv): Promise<string> => {
    const flags = ['--import', './dist/apps/worker/without-call-stacks.js', path.join(folder, 'thread.cjs')];
    const { stdout } = await promisify(execFile)(process.execPath, flags, { env: { ...process.env, ...env } });
    return stdout.trim();
  };

  it('are noted where the operator wants them, and nowhere else', async () => {
    expect(await inThread({})).toMatch(/unless BRIKK_CALL_STACKS=true/);
    expect(await inThread({ BRIKK_CALL_STACKS: 'true' })).toBe('noted');
  });
});
