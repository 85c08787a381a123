import { execFile } from 'node:child_process';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { promisify } from 'node:util';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';

const handlers = createRequire(import.meta.url).resolve('@temporalio/worker/lib/workflow/vm-shared.js');

/** In a thread, as workflows run: whether the SDK hooks promises there, and whether the scope of a promise comes with it. */
const SCRIPT = `
  const { isMainThread, Worker } = require('node:worker_threads');
  const { AsyncLocalStorage } = require('node:async_hooks');
  const { globalHandlers } = require(${JSON.stringify(handlers)});
  if (isMainThread) new Worker(__filename);
  else {
    globalHandlers.install();
    const scope = new AsyncLocalStorage();
    scope.run('kept', async () => {
      await null;
      console.log(globalHandlers.promiseHookInstalled, scope.getStore());
    });
  }`;

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

  it('are noted where the operator wants them and nowhere else, and the scope of workflows is kept in both', async () => {
    expect(await inThread({})).toBe('false kept');
    expect(await inThread({ BRIKK_CALL_STACKS: 'true' })).toBe('true kept');
  });
});
