import { describe, expect, it } from '@jest/globals';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { until } from '../../../test/support/until.js';
import { keepAlive, nextDelayMs, type Part, type Running } from './keep-alive.js';

/** Real processes that only wait. */
function sleeper(failures: Error[] = []) {
  const pids: number[] = [];
  const part: Part<Running & { pid: number }> = {
    name: 'sleeper',
    async start() {
      const failure = pids.length > 0 ? failures.shift() : undefined;
      if (failure) throw failure;
      const child = spawn('sleep', ['60']);
      const exited = once(child, 'exit');
      await once(child, 'spawn');
      const stop = async () => {
        child.kill('SIGKILL');
        await exited;
      };
      return { pid: child.pid ?? 0, exited, stop };
    },
    started: ({ pid }) => pids.push(pid),
  };
  return { part, pids };
}

describe('the pause before a restart', () => {
  it('doubles from 0.2 to 10 s, and begins anew after a part that ran for half a minute', () => {
    const pauses: number[] = [];
    let pause: number | undefined;
    for (let restart = 0; restart < 8; restart += 1) pauses.push((pause = nextDelayMs(pause, 100)));
    expect(pauses).toEqual([200, 400, 800, 1_600, 3_200, 6_400, 10_000, 10_000]);
    expect(nextDelayMs(10_000, 30_000)).toBe(200);
  });
});

describe('a part that is kept alive', () => {
  it('comes back after its death, also when a restart fails, and says so', async () => {
    const { part, pids } = sleeper([new Error('port taken')]);
    const lines: string[] = [];
    const kept = await keepAlive(part, (line) => lines.push(line));
    process.kill(pids[0] ?? 0, 'SIGKILL');
    await until(() => pids.length === 2);
    await kept.stop();
    expect(lines.slice(0, 3)).toEqual([
      'sleeper ended, starting it again in 0.2 s',
      'sleeper: port taken',
      'sleeper ended, starting it again in 0.4 s',
    ]);
    expect(lines[3]).toMatch(/^sleeper is back after \d\.\d s$/);
  });

  it('stays away once it was stopped', async () => {
    const { part, pids } = sleeper();
    const lines: string[] = [];
    const kept = await keepAlive(part, (line) => lines.push(line));
    await kept.stop();
    expect({ starts: pids.length, lines }).toEqual({ starts: 1, lines: [] });
  });

  it('is not waited for when it is stopped between two starts', async () => {
    const { part, pids } = sleeper();
    const lines: string[] = [];
    const kept = await keepAlive(part, (line) => lines.push(line));
    process.kill(pids[0] ?? 0, 'SIGKILL');
    await until(() => lines.length === 1);
    await kept.stop();
    expect(pids).toHaveLength(1);
  });

  it('fails at once when it cannot start the first time', async () => {
    const part: Part<Running> = { name: 'broken', start: () => Promise.reject(new Error('no')), started: () => {} };
    await expect(keepAlive(part, () => undefined)).rejects.toThrow('no');
  });
});
