import { afterAll, beforeAll, describe, expect, it, jest } from '@jest/globals';
import { execFileSync } from 'node:child_process';
import { closeSync, mkdirSync, mkdtempSync, openSync, rmSync, rmdirSync, writeSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import type { AcceptedRun } from '../../contracts/runs.js';
import { LaunchedBrikk } from '../support/brikk.js';
import { CountingAgent } from '../support/counting-agent.js';
import { until } from '../support/until.js';

jest.setTimeout(480_000);

const SIZE = '320m';
const PATIENCE_MS = 180_000;
/** Each run needs room of its own: just below what is stored apart. */
const INPUT = 'x'.repeat(24 * 1_024);
const REFUSALS = 10;

/** A file system of its own needs root, and a machine that lets it mount one. */
function canMount(): boolean {
  const folder = mkdtempSync(path.join(tmpdir(), 'brikk-mount-'));
  try {
    mount(folder);
    unmount(folder);
    return true;
  } catch {
    return false;
  } finally {
    rmdirSync(folder);
  }
}

function mount(folder: string): void {
  execFileSync('mount', ['-t', 'tmpfs', '-o', `size=${SIZE}`, 'brikk-disk', folder], { stdio: 'ignore' });
}

function unmount(folder: string): void {
  execFileSync('umount', [folder], { stdio: 'ignore' });
}

/** Writes until there is no room for another byte. */
function fill(file: string): void {
  const filler = openSync(file, 'w');
  try {
    for (const block of [Buffer.alloc(1_048_576), Buffer.alloc(4_096)])
      for (;;) {
        try {
          writeSync(filler, block);
        } catch (error) {
          if ((error as NodeJS.ErrnoException).code === 'ENOSPC') break;
          throw error;
        }
      }
  } finally {
    closeSync(filler);
  }
}

(canMount() ? describe : describe.skip)('a full disk under Postgres (needs root that may mount a tmpfs)', () => {
  let agent: CountingAgent;
  let brikk: LaunchedBrikk;
  let url: string;
  let key: string;
  let disk: string;

  beforeAll(async () => {
    agent = await CountingAgent.listen(50);
    brikk = await LaunchedBrikk.up(undefined, {}, (home) => {
      disk = path.join(home, 'postgres');
      mkdirSync(disk);
      mount(disk);
    });
    ({
      api: { url },
      devKey: key,
    } = await brikk.status());
    await brikk.register('echo', 'echo', agent.url, { maxConcurrency: 50 });
  }, 120_000);
  afterAll(async () => {
    await brikk?.brikk(['down']);
    if (disk) unmount(disk);
    if (brikk) rmSync(brikk.home, { recursive: true, force: true });
    await agent?.close();
  }, 60_000);

  const ask = async (method: 'GET' | 'POST', route: string, body?: object) => {
    const headers = { authorization: `Bearer ${key}`, 'content-type': 'application/json' };
    const answer = await fetch(`${url}${route}`, { method, headers, ...(body && { body: JSON.stringify(body) }) });
    return { status: answer.status, body: (await answer.json()) as AcceptedRun & { code?: string } };
  };
  const run = { pattern: 'agent', with: { capability: 'echo' }, input: INPUT };

  it('refuses what it cannot put on record with 503, and what it accepted ends when there is room again', async () => {
    const accepted: string[] = [];
    const answers: string[] = [];
    const start = async () => {
      const { status, body } = await ask('POST', '/v1/runs', run);
      if (status === 202) accepted.push(body.id);
      answers.push(`${status} ${body.code ?? ''}`.trim());
    };
    const refused = () => answers.filter((answer) => answer !== '202').length;

    await Promise.all(Array.from({ length: 10 }, start));
    expect(accepted).toHaveLength(10);
    const filler = path.join(disk, 'filler');
    fill(filler);
    await until(async () => {
      await Promise.all([start(), start()]);
      const { status, body } = await ask('GET', '/v1/runs?limit=1');
      if (status !== 200) answers.push(`${status} ${body.code}`);
      return refused() >= REFUSALS;
    }, PATIENCE_MS);
    expect(new Set(answers)).toEqual(new Set(['202', '503 dependency.unavailable']));

    rmSync(filler);
    const before = accepted.length;
    await until(async () => {
      await start();
      return accepted.length > before;
    }, PATIENCE_MS);
    expect(new Set(answers)).toEqual(new Set(['202', '503 dependency.unavailable']));
    for (const id of accepted)
      expect(await brikk.finished(id, PATIENCE_MS)).toMatchObject({ status: 'completed', output: INPUT });
  });
});
