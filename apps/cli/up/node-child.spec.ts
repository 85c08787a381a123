import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { lastError, startNodeChild } from './node-child.js';
import { isAlive } from './stop-process.js';

describe('a child process of ours', () => {
  let folder: string;
  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), 'brikk-child-'));
  });
  afterEach(() => rmSync(folder, { recursive: true, force: true }));
  const start = (code: string) => {
    const script = join(folder, 'child.mjs');
    writeFileSync(script, code);
    const logFile = join(folder, 'child.log');
    return startNodeChild({ name: 'part', script, env: { GREETING: 'hello' }, logFile, stopWaitMs: 500 });
  };
  const READY = `process.send({ type: 'noise' }); process.send({ type: 'ready', url: process.env.GREETING });`;

  it('is started when it says so over the channel, and ends on SIGTERM', async () => {
    const child = await start(`process.once('SIGTERM', () => process.exit(0)); ${READY}`);
    expect(child.ready).toEqual({ type: 'ready', url: 'hello' });
    await child.stop();
    await child.exited;
    expect(isAlive(child.pid)).toBe(false);
  });

  it('is killed when it does not listen to SIGTERM', async () => {
    const child = await start(`process.on('SIGTERM', () => undefined); setInterval(() => undefined, 1000); ${READY}`);
    await child.stop();
    expect(isAlive(child.pid)).toBe(false);
  });

  it('fails with the reason of its log when it ends before it is ready', async () => {
    await expect(start(`throw new TypeError('the port is on fire')`)).rejects.toThrow(
      /^part did not start \(the port is on fire\): read .*child\.log\.$/,
    );
    await expect(start(`console.log('bye')`)).rejects.toThrow(/^part did not start: read /);
  });

  it.each([
    ['{"level":50,"msg":"no database"}\n{"level":30,"msg":"later"}', 'no database'],
    ['{"level":50,"msg":"first"}\nError [ERR_X]: second\n    at somewhere', 'second'],
    ['{"level":50,"msg":"whole"}\n{"level":50,"ms', 'whole'],
    ['all is well', undefined],
  ])('finds the last error in a log: %j', (output, reason) => {
    expect(lastError(output)).toBe(reason);
  });
});
