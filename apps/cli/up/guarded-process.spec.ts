import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { fork } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { packageRoot } from '../package-root.js';
import { startGuarded } from './guarded-process.js';
import { isGoneWithin } from './stop-process.js';

describe('a guarded server', () => {
  let folder: string;
  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), 'brikk-guard-'));
  });
  afterEach(() => rmSync(folder, { recursive: true, force: true }));

  it('has the pid of the program, and its output in the log', async () => {
    const logFile = join(folder, 'log');
    const child = await startGuarded(['/bin/sh', '-c', 'echo "I am $$ in $PLACE"'], {
      logFile,
      env: { PLACE: 'here' },
    });
    await child.exited;
    expect(child.isRunning()).toBe(false);
    expect(readFileSync(logFile, 'utf8')).toBe(`I am ${child.pid} in here\n`);
  });

  it('is told to end when its supervisor is killed', async () => {
    const module = pathToFileURL(join(packageRoot, 'dist', 'apps', 'cli', 'up', 'guarded-process.js')).href;
    const script = join(folder, 'supervisor.mjs');
    writeFileSync(
      script,
      `import { startGuarded } from ${JSON.stringify(module)};
       const { pid } = await startGuarded(['sleep', '600'], { logFile: '/dev/null' });
       process.send(pid);`,
    );
    const supervisor = fork(script, { stdio: ['ignore', 'ignore', 'inherit', 'ipc'], execArgv: [] });
    const [pid] = (await once(supervisor, 'message')) as [number];
    supervisor.kill('SIGKILL');
    expect(await isGoneWithin(pid, 20_000)).toBe(true);
  });

  it('fails when the program’s folder does not exist', async () => {
    await expect(startGuarded(['true'], { logFile: join(folder, 'log'), cwd: join(folder, 'none') })).rejects.toThrow();
  });
});
