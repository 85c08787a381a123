import { afterAll, beforeAll, describe, expect, it, jest } from '@jest/globals';
import { fork } from 'node:child_process';
import { readFile } from 'node:fs/promises';
import path from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import pg from 'pg';
import type { Page } from '../../contracts/lists.js';
import type { RunSummary } from '../../contracts/runs.js';
import { ownerUrlOf } from '../../apps/cli/up/owner-url.js';
import { LaunchedBrikk } from '../support/brikk.js';

jest.setTimeout(180_000);

const SAMPLES = [
  'cause-finder',
  'checker',
  'estimator',
  'keywords',
  'language-id',
  'maker',
  'manager',
  'pii-scanner',
  'planner',
  'sentiment',
  'summariser',
  'triage',
  'voters',
];

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

  it('tells agents of the API alone, neither of the record nor of the engine', async () => {
    const { agents, api } = await brikk.status();
    const namesOf = async (pid: number) =>
      (await readFile(`/proc/${pid}/environ`, 'utf8')).split('\0').map((line) => line.split('=')[0]);
    const isHidden = (name = '') => /^(DATABASE|TEMPORAL)_|^BRIKK_MASTER_KEY$/.test(name);
    expect((await namesOf(api.pid)).filter(isHidden)).toContain('DATABASE_APP_URL');
    for (const { pid } of agents) expect((await namesOf(pid)).filter(isHidden)).toEqual([]);
  });

  it('takes the incident reports through the sample agents on the first start', async () => {
    const { items } = await brikk.call<Page<RunSummary>>('GET', '/v1/runs?label=welcome%3Dtrue');
    expect(items).toHaveLength(1);
    const run = await brikk.finished(items[0]!.id);
    expect(run.status).toBe('completed');
    expect(run.output).toMatchObject({
      triage: { id: 'INC-1043', category: 'security' },
      severity: 'high',
      report: { severity: 'high', cause: expect.stringContaining('removed the ownership check') },
    });
    const { report } = run.output as { report: object };
    expect(JSON.stringify(report)).not.toContain('203.0.113.77');
    const roles = new Set(run.contributions.map(({ role }) => role));
    for (const role of ['bidder', 'winner', 'voter', 'maker', 'checker']) expect(roles).toContain(role);
  });

  it('says that it is already running when started twice', async () => {
    expect(await brikk.brikk(['up'])).toMatch(/already running/i);
  });

  it('stops everything within ten seconds of one Ctrl-C', async () => {
    const { api, temporal, postgres, workers, agents } = await brikk.status();
    process.kill(await brikk.supervisorPid(), 'SIGINT');
    for (const { pid } of [api, temporal, postgres, ...workers, ...agents]) await gone(pid);
    await brikk.upAgain([]);
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

describe('brikk up in other surroundings', () => {
  let first: LaunchedBrikk;
  const others: LaunchedBrikk[] = [];
  beforeAll(async () => {
    first = await LaunchedBrikk.up();
  });
  afterAll(async () => {
    for (const other of others) await other.down();
    await first?.down();
  });

  it('gives one supervisor to two starts at once; both tell where it is', async () => {
    await first.brikk(['down']);
    const [one, two] = await Promise.all([first.brikk(['up', '--detach']), first.brikk(['up', '--detach'])]);
    const { api } = await first.status();
    for (const said of [one, two]) expect(said).toContain(`API               ${api.url}\n`);
    expect([one, two].filter((said) => said.includes('Brikk is already running'))).toHaveLength(1);
  });

  it('takes the next ports where its own are taken, and says so', async () => {
    const { api, temporal } = await first.status();
    const ports = { BRIKK_PORT: new URL(api.url).port, BRIKK_TEMPORAL_PORT: temporal.address.split(':')[1] };
    const second = await LaunchedBrikk.up(['--no-samples'], ports);
    others.push(second);
    expect((await second.status()).api.url).not.toBe(api.url);
    expect(await readFile(path.join(second.home, 'logs', 'up.log'), 'utf8')).toMatch(
      new RegExp(`Temporal port ${ports.BRIKK_TEMPORAL_PORT} is taken[^]*API port ${ports.BRIKK_PORT} is taken`),
    );
    expect(await second.call('GET', '/v1/runs')).toMatchObject({ items: [] });
  });

  it.each(['apps/worker/main.js', 'apps/api/main.js', 'examples/agents/triage.js'])(
    'leaves no %s behind when it dies while that is starting',
    async (script) => {
      const { postgres, api, devKey } = await first.status();
      const { app, dispatch } = JSON.parse(await readFile(path.join(first.home, 'db.json'), 'utf8')) as Passwords;
      const urlOf = (username: string, password: string) =>
        Object.assign(new URL(postgres.url), { username, password }).href;
      const child = fork(path.join(import.meta.dirname, '../../dist', script), {
        stdio: ['ignore', 'ignore', 'ignore', 'ipc'],
        execArgv: [],
        env: {
          ...process.env,
          BRIKK_ENV: 'development',
          BRIKK_PORT: '0',
          BRIKK_API_URL: api.url,
          BRIKK_API_KEY: devKey,
          DATABASE_APP_URL: urlOf('brikk_app', app),
          DATABASE_DISPATCH_URL: urlOf('brikk_dispatch', dispatch),
          TEMPORAL_ADDRESS: '127.0.0.1:1',
        },
      });
      child.disconnect();
      await gone(child.pid as number);
    },
  );

  it('works with a Postgres and a Temporal that others run, and leaves them running', async () => {
    const { postgres, temporal } = await first.status();
    const { app, dispatch } = JSON.parse(await readFile(path.join(first.home, 'db.json'), 'utf8')) as Passwords;
    const owner = ownerUrlOf(first.home) as string;
    const client = new pg.Client({ connectionString: owner });
    await client.connect();
    await client.query('CREATE DATABASE shared');
    await client.end();
    const urlOf = (username: string, password: string) =>
      Object.assign(new URL(postgres.url), { pathname: '/shared', username, password }).href;
    const { username, password } = new URL(owner);
    const guest = await LaunchedBrikk.up(['--no-samples'], {
      DATABASE_URL: urlOf(username, password),
      DATABASE_APP_URL: urlOf('brikk_app', app),
      DATABASE_DISPATCH_URL: urlOf('brikk_dispatch', dispatch),
      TEMPORAL_ADDRESS: temporal.address,
      TEMPORAL_NAMESPACE: 'guest',
    });
    expect(await guest.status()).toMatchObject({
      postgres: { url: urlOf(username, '***'), pid: null },
      temporal: { address: temporal.address, uiUrl: null, pid: null, source: 'TEMPORAL_ADDRESS' },
    });
    const { id } = await guest.start({ pattern: 'agent', with: { capability: 'nobody-has-it' }, input: {} });
    expect(await guest.finished(id)).toMatchObject({ status: 'failed', terminationReason: 'no_candidate' });
    await guest.down();
    expect(isAlive(postgres.pid)).toBe(true);
    expect(isAlive(temporal.pid)).toBe(true);
  });
});

interface Passwords {
  app: string;
  dispatch: string;
}

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
