import { afterAll, describe, expect, it, jest } from '@jest/globals';
import { fork } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { pathToFileURL } from 'node:url';
import { removeDueContainers } from '../connectors/process/docker.js';
import type { Json } from '../contracts/json.js';
import type { ProcessRequest } from '../contracts/language-activities.js';
import { ContainerEngine } from '../test/support/container-engine.js';
import { until } from '../test/support/until.js';
import { makeProcessCall } from './process-call.js';

jest.setTimeout(120_000);
const engine = (await ContainerEngine.find()) as ContainerEngine;
const { signal: never } = new AbortController();

(engine ? describe : describe.skip)('a container of a definition on a real engine (docker)', () => {
  const folder = mkdtempSync(join(tmpdir(), 'brikk-containers-'));
  afterAll(async () => {
    await engine.stop();
    rmSync(folder, { recursive: true, force: true });
  });

  const run = (parts: { [name: string]: Json }, { timeoutMs = 30_000, signal = never } = {}) => {
    const request: ProcessRequest = { kind: 'process', process: 'container' };
    const given = { parts: { image: engine.image, ...parts }, timeoutMs, signal, hide: (text: string) => text };
    return makeProcessCall(['container'], { request } as never, given as never);
  };
  const said = async (parts: { [name: string]: Json }) => ((await run(parts)) as { output: { stdout: string } }).output;

  it('gives its code and both its outputs, whether the command is its own or the one of its image', async () => {
    expect(await run({})).toEqual({ output: { code: 5, stdout: 'its own command\n', stderr: '' } });
    const command = 'echo "$1|$2"; echo no >&2; exit 7';
    expect(await run({ command, arguments: ['a b', '$HOME'] })).toEqual({
      output: { code: 7, stdout: 'a b|$HOME\n', stderr: 'no\n' },
    });
    expect(await said({ arguments: ['sh', '-c', 'echo "$0"', 'x y'] })).toMatchObject({ code: 0, stdout: 'x y\n' });
    expect(await said({ command: 'no-such-program' })).toMatchObject({ code: 127 });
    expect(await engine.containers()).toEqual([]);
  });

  it('reads its input and its variables as they are, and has the folders that it is given', async () => {
    const stdin = `${'x'.repeat(500_000)}\nlast`;
    expect((await said({ command: 'cat', stdin })).stdout).toBe(stdin);
    const environment = { COLOUR: ' "red" $HOME # \\n ', EMPTY: '', N: 5 };
    const { stdout } = await said({ command: 'env', environment });
    expect(stdout.split('\n')).toEqual(expect.arrayContaining(['COLOUR= "red" $HOME # \\n ', 'EMPTY=', 'N=5']));
    writeFileSync(join(folder, 'in'), 'told');
    await said({ command: 'cat /shared/in > /shared/out', volumes: { [folder]: '/shared' } });
    expect(readFileSync(join(folder, 'out'), 'utf8')).toBe('told');
  });

  it('is reached at the ports that it is given, and gone when its time is over', async () => {
    const gone = new AbortController();
    const parts = { name: 'brikk-spec-port', command: 'sleep 60', ports: { '127.0.0.1:0': 80 } };
    const made = run(parts, { signal: gone.signal });
    made.catch(() => undefined);
    const port = () => engine.docker(['port', 'brikk-spec-port', '80']).catch(() => '');
    await until(async () => (await port()) !== '');
    expect(await port()).toMatch(/^127\.0\.0\.1:\d+$/);
    gone.abort(new Error('canceled'));
    await expect(made).rejects.toThrow('canceled');
    await expect(run({ command: 'sleep 60' }, { timeoutMs: 1_500 })).rejects.toMatchObject({ kind: 'timeout' });
    await until(async () => (await engine.containers()).length === 0);
  });

  it('is no code of the container when the engine cannot run it, and says why', async () => {
    expect(await run({ image: 'no-such-image:9', pullPolicy: 'never' })).toMatchObject({
      error: { code: 'process.failed', message: expect.stringMatching(/^run.container: .*no-such-image:9/) },
    });
    const kept = { name: 'brikk-spec-kept', command: 'exit 0', lifetime: { cleanup: 'never' } };
    expect(await run(kept)).toMatchObject({ output: { code: 0 } });
    expect(await run(kept)).toMatchObject({
      error: { code: 'process.failed', message: expect.stringMatching(/brikk-spec-kept.* already in use/) },
    });
    expect(await engine.containers()).toEqual(['brikk-spec-kept exited']);
    await engine.docker(['rm', 'brikk-spec-kept']);
  });

  it('is kept for as long as its lifetime says, and one that never began for a minute', async () => {
    await run({ name: 'brikk-spec-later', command: 'exit 0', lifetime: { cleanup: 'eventually', after: 'PT5S' } });
    expect(await removeDueContainers(Date.now(), never)).toEqual([]);
    expect(await engine.containers()).toEqual(['brikk-spec-later exited']);
    expect(await removeDueContainers(Date.now() + 5_000, never)).toHaveLength(1);

    const label = ['--label', 'dev.brikk.remove-after-ms=60000'];
    await engine.docker(['create', '--name', 'brikk-spec-never-began', ...label, engine.image]);
    expect(await removeDueContainers(Date.now() + 50_000, never)).toEqual([]);
    expect(await removeDueContainers(Date.now() + 61_000, never)).toHaveLength(1);
    expect(await engine.containers()).toEqual([]);
  });

  it('leaves none behind that runs, whenever nobody waits for it any more', async () => {
    for (let afterMs = 0; afterMs < 500; afterMs += 50) {
      const gone = new AbortController();
      const made = run({ command: 'sleep 600' }, { signal: gone.signal });
      made.catch(() => undefined);
      await sleep(afterMs);
      gone.abort(new Error('canceled'));
      await expect(made).rejects.toThrow('canceled');
    }
    // The engine may have made one as its client was killed: it never began, and is removed in time.
    await until(async () => (await engine.containers()).every((told) => told.endsWith('created')));
    await removeDueContainers(Date.now() + 61_000, never);
    expect(await engine.containers()).toEqual([]);
  });

  it('ends with its worker, even one that is killed', async () => {
    const module = pathToFileURL(join(process.cwd(), 'dist', 'activities', 'process-call.js')).href;
    const script = join(folder, 'worker.mjs');
    const parts = JSON.stringify({ image: engine.image, command: 'sleep 600' });
    writeFileSync(
      script,
      `import { makeProcessCall } from ${JSON.stringify(module)};
       const { signal } = new AbortController();
       const call = { request: { kind: 'process', process: 'container' } };
       void makeProcessCall(['container'], call, { parts: ${parts}, timeoutMs: 600_000, signal, hide: (text) => text });
       process.send('begun');`,
    );
    const worker = fork(script, { execArgv: [], env: process.env });
    await once(worker, 'message');
    await until(async () => (await engine.containers()).some((told) => told.endsWith('running')));
    worker.kill('SIGKILL');
    await until(async () => (await engine.containers()).length === 0);
  });
});
