import { describe, expect, it } from '@jest/globals';
import { fork } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, mkdtempSync, readFileSync, readlinkSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import { pathToFileURL } from 'node:url';
import { isGoneWithin } from '../../test/support/is-gone.js';
import { until } from '../../test/support/until.js';
import { startGroup } from './process-group.js';

const start = (command: string) => startGroup({ file: 'sh', arguments: ['-c', command], environment: {} });

describe('a group of processes', () => {
  it('ends when its program and what writes for it have ended, and leaves nothing running', async () => {
    const group = await start('pwd; sleep 600 >/dev/null 2>&1 & echo $!; (sleep 0.2; echo late) & exit 4');
    group.stderr.resume();
    const said = text(group.stdout);
    expect(await group.ended).toBe(4);
    const [folder = '', pid, late] = (await said).split('\n');
    expect(late).toBe('late');
    expect(await isGoneWithin(Number(pid), 20_000)).toBe(true);
    expect(existsSync(folder)).toBe(false);
  });

  it('is killed at once with the process that started it, by whatever signal', async () => {
    const folder = mkdtempSync(join(tmpdir(), 'brikk-group-'));
    const module = pathToFileURL(join(process.cwd(), 'dist', 'connectors', 'lib', 'process-group.js')).href;
    const script = join(folder, 'worker.mjs');
    writeFileSync(
      script,
      `import { startGroup } from ${JSON.stringify(module)};
       const command = 'trap "" INT TERM; sleep 600 & echo $$ $!; wait';
       const onKilled = ['-c', 'echo "it\\'s $1" > over', 'sh', 'over'];
       const group = await startGroup({ file: 'sh', arguments: ['-c', command], environment: {}, onKilled });
       group.stdout.on('data', (said) => process.send(String(said)));`,
    );
    const worker = fork(script, { stdio: ['ignore', 'ignore', 'inherit', 'ipc'], execArgv: [] });
    const [said] = (await once(worker, 'message')) as [string];
    const place = readlinkSync(`/proc/${said.split(' ')[0]}/cwd`);
    worker.kill('SIGKILL');
    for (const pid of said.trim().split(' ')) expect(await isGoneWithin(Number(pid), 20_000)).toBe(true);
    // What is done then is done in the folder that nobody is left to clear away.
    await until(() => existsSync(join(place, 'over')));
    expect(readFileSync(join(place, 'over'), 'utf8')).toBe("it's over\n");
    rmSync(place, { recursive: true, force: true });
    rmSync(folder, { recursive: true, force: true });
  });

  it('ends although somebody who has left it holds its output open', async () => {
    const group = await start('setsid sleep 60 & echo $!; exit 0');
    const [said] = (await once(group.stdout, 'data')) as [Buffer];
    group.stderr.resume();
    group.stdout.resume();
    group.kill();
    const began = Date.now();
    await group.ended;
    expect(Date.now() - began).toBeLessThan(15_000);
    process.kill(Number(said), 'SIGKILL');
  });

  it('says what could not be started', async () => {
    await expect(startGroup({ file: 'no-such', arguments: [], environment: {} })).rejects.toThrow(
      'no-such could not be started: there is no such program',
    );
    await expect(startGroup({ file: 'true', arguments: ['x'.repeat(3_000_000)], environment: {} })).rejects.toThrow(
      'true could not be started: E2BIG',
    );
    await expect(startGroup({ file: 'true', arguments: [], environment: { A: '\0' } })).rejects.toThrow(
      'true could not be started: ERR_INVALID_ARG_VALUE',
    );
  });
});
