import { afterAll, beforeAll, describe, expect, it, jest } from '@jest/globals';
import { setTimeout as sleep } from 'node:timers/promises';
import type { Page } from '../../contracts/lists.js';
import type { RunSummary } from '../../contracts/runs.js';
import { LaunchedBrikk } from '../support/brikk.js';

jest.setTimeout(180_000);

const SAMPLES = ['keywords', 'language-id', 'pii-scanner', 'sentiment', 'summariser', 'triage'];

describe('brikk up', () => {
  let brikk: LaunchedBrikk;
  beforeAll(async () => {
    brikk = await LaunchedBrikk.up([]);
  });
  afterAll(() => brikk?.down());

  it('shows every part in its status', async () => {
    const status = await brikk.status();
    expect(status.home).toBe(brikk.home);
    expect(status.workers[0]?.queues).toContain('brikk-core');
    expect(status.agents.map(({ name }) => name).sort()).toEqual(SAMPLES);
    for (const { pid } of [status.api, status.temporal, status.postgres, ...status.workers, ...status.agents]) {
      expect(isAlive(pid)).toBe(true);
    }
  });

  it('takes the incident reports through the sample agents on the first start', async () => {
    const { items } = await brikk.call<Page<RunSummary>>('GET', '/v1/runs?label=welcome%3Dtrue');
    expect(items).toHaveLength(1);
    const run = await brikk.finished(items[0]!.id);
    expect(run.status).toBe('completed');
    expect(run.output).toHaveLength(5);
    expect(run.contributions).toHaveLength(20);
  });

  it('says that it is already running when started twice', async () => {
    expect(await brikk.brikk(['up'])).toMatch(/already running/i);
  });

  it('leaves nothing behind a kill -9 of its own that stops the next start, and keeps the data', async () => {
    const before = await brikk.status();
    process.kill(await brikk.supervisorPid(), 'SIGKILL');
    const pids = [before.api, before.temporal, before.postgres, ...before.workers, ...before.agents];
    for (const { pid } of pids) await gone(pid);
    await brikk.upAgain([]);
    const { items } = await brikk.call<Page<RunSummary>>('GET', '/v1/runs?label=welcome%3Dtrue');
    expect(items).toHaveLength(1);
  });
});

async function gone(pid: number): Promise<void> {
  const giveUpAt = Date.now() + 10_000;
  while (isAlive(pid)) {
    if (Date.now() > giveUpAt) throw new Error(`process ${pid} outlived its supervisor by 10 s`);
    await sleep(20);
  }
}

function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch {
    return false;
  }
}
