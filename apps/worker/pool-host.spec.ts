import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { pathToFileURL } from 'node:url';
import { afterAll, beforeAll, describe, expect, it, jest } from '@jest/globals';
import { pino } from 'pino';
import type { Pool } from '../../contracts/pools.js';
import { addressRule } from '../../connectors/lib/address-rule.js';
import { HttpAgentConnector } from '../../connectors/http/http-agent.connector.js';
import { findCandidates } from '../../database/agents.repository.js';
import { listApiKeys } from '../../database/api-keys.repository.js';
import { keepBacklog } from '../../database/pool-hosting.js';
import { deletePool, readPool, scalePool } from '../../database/pools.repository.js';
import { uuidv7 } from '../../database/uuid.js';
import { startTestApi, type TestApi } from '../../test/support/api.js';
import { keptPool } from '../../test/support/kept-pool.js';
import { asOwner } from '../../test/support/postgres.js';
import { until } from '../../test/support/until.js';
import { PoolHost } from './pool-host.js';
import { hostRecord } from './pool-record.js';

jest.setTimeout(120_000);

const sdk = pathToFileURL(path.join(import.meta.dirname, '../../dist/sdk/agent.js')).href;
const AGENT = `
  import { serveAgent } from '${sdk}';
  import { setTimeout } from 'node:timers/promises';
  const handler = async ({ ms }) => { await setTimeout(ms); return { pid: process.pid, secret: process.env.BRIKK_MASTER_KEY ?? null }; };
  await serveAgent({ name: 'known', version: '1.0.0', maxConcurrency: 2, capabilities: { nap: { handler } } });`;

const isAlive = (pid: number) => {
  try {
    return process.kill(pid, 0);
  } catch {
    return false;
  }
};

/** Real processes, Postgres and API; only the worker around the host is missing. */
describe('a host of pools', () => {
  const folder = mkdtempSync(path.join(tmpdir(), 'brikk-pool-'));
  const module = path.join(folder, 'agent.mjs');
  const connector = new HttpAgentConnector(addressRule(['127.0.0.0/8']));
  const log = pino({ level: 'silent' });
  const hosts: PoolHost[] = [];
  const worker = uuidv7();
  let api: TestApi;
  let apiUrl: string;
  beforeAll(async () => {
    writeFileSync(module, AGENT);
    api = await startTestApi();
    await api.app.listen(0, '127.0.0.1');
    apiUrl = await api.app.getUrl();
  }, 90_000);
  afterAll(async () => {
    await Promise.all(hosts.map((host) => host.stop()));
    await connector.close();
    await api?.close();
    rmSync(folder, { recursive: true, force: true });
  }, 60_000);

  const hosted = async () => {
    const host = new PoolHost(hostRecord(api.database, uuidv7()), { connector, apiUrl, log });
    hosts.push(host);
    await host.start();
    return host;
  };
  const inOrg = <T>(work: Parameters<typeof api.database.inOrg<T>>[1]) => api.database.inOrg(api.orgId, work);
  const pool = () => inOrg((tx) => readPool(tx, 'known'));
  const scale = (size: number) => inOrg((tx) => scalePool(tx, api.orgId, 'known', size));
  const reached = async (isWanted: (pool: Pool) => boolean): Promise<Pool> => {
    let now = await pool();
    await until(async () => isWanted((now = await pool())), 60_000);
    return now;
  };
  const of = ({ members }: Pool, state: Pool['members'][number]['state']) =>
    members.filter((member) => member.state === state);
  const ask = (endpoint: string, ms: number) =>
    inOrg((tx) => findCandidates(tx, { agent: 'known' })).then(([candidate]) =>
      connector.ask(
        endpoint,
        {
          kind: 'task',
          capability: 'nap',
          input: { ms },
          context: null,
          idempotencyKey: uuidv7(),
          deadlineMs: 30_000,
          run: { id: uuidv7(), step: 'nap', attempt: 1 },
        },
        { timeoutMs: 30_000, signingSecret: candidate?.signingSecret ?? '' },
      ),
    );
  const told = () =>
    inOrg(async (tx) => {
      const rows = await tx<{ data: object }>(
        `SELECT event->'data' AS data FROM bus_event WHERE type = 'pool.scaled' ORDER BY key`,
      );
      return rows.map(({ data }) => data);
    });
  const gone = (pids: (number | null)[]) => until(() => pids.every((pid) => pid !== null && !isAlive(pid)), 30_000);

  it('starts members and a backup, gives them nothing of its own, and wakes the backup for one that is killed', async () => {
    await keptPool(api.database, api.orgId, { module, recovery: 'failover' }, { min: 0, max: 3, size: 2, backups: 1 });
    expect(await pool()).toMatchObject({ state: 'waiting', reason: 'no worker hosts it', members: [] });
    await hosted();
    const ready = await reached((now) => now.state === 'ready' && of(now, 'backup').length === 1);
    expect(ready).toMatchObject({ total: 2, busy: 0, idle: 2, reason: null });
    const [first, second] = of(ready, 'ready');
    expect(first!.readyAfterMs).toBeLessThan(30_000);
    const ids = async () =>
      new Set((await inOrg((tx) => findCandidates(tx, { agent: 'known' }))).map((one) => one.instanceId));
    expect(await ids()).toEqual(new Set([first!.instanceId, second!.instanceId]));
    expect(await ask(first!.endpoint!, 0)).toMatchObject({ output: { pid: first!.pid, secret: null } });
    const { items } = await inOrg((tx) => listApiKeys(tx, { limit: 10 }));
    expect(items[0]).toMatchObject({ name: 'known', scopes: ['agent:self'], revokedAt: null });

    const [backup] = of(ready, 'backup');
    process.kill(first!.pid!, 'SIGKILL');
    const after = await reached((now) => of(now, 'ready').some(({ id }) => id === backup!.id));
    expect(of(after, 'ready').map(({ id }) => id)).not.toContain(first!.id);
    await reached((now) => of(now, 'ready').length === 2 && of(now, 'backup').length === 1);
    expect(await ids()).toEqual(new Set([second!.instanceId, backup!.instanceId]));
  });

  it('grows by the calls that wait, told with the reason, and lets members finish when it shrinks', async () => {
    const waits = (waiting: { agent: string; capability: string; waiting: number }[]) =>
      inOrg((tx) => keepBacklog(tx, api.orgId, worker, waiting));
    await waits([{ agent: 'known', capability: '', waiting: 9 }]);
    const grown = await reached(({ size, total }) => size === 3 && total === 3);
    expect(grown.lastScale).toMatchObject({ from: 2, to: 3, reason: 'backlog' });
    expect(await told()).toContainEqual({ pool: 'known', from: 2, to: 3, reason: 'backlog' });
    const busy = of(grown, 'ready')[0]!;
    await waits([]);
    const call = ask(busy.endpoint!, 4_000);
    await reached((now) => now.busy === 1 && now.queue === 0);
    await scale(0);
    expect(await call).toMatchObject({ output: { pid: busy.pid } });
    const empty = await reached(({ members }) => members.every(({ state }) => state === 'backup'));
    expect(empty).toMatchObject({ size: 0, total: 0, state: 'ready' });
    await gone(grown.members.filter(({ state }) => state === 'ready').map(({ pid }) => pid));
  });

  it('loses its pools with its lease: another host begins anew, and what was left of the first ends', async () => {
    await scale(1);
    const before = await reached(({ total, members }) => total === 1 && members.length === 2);
    const second = await hosted();
    expect(of(await pool(), 'ready')).toMatchObject([{ id: of(before, 'ready')[0]!.id }]);
    // As if the first had not been heard from for too long.
    await asOwner(api.ownerUrl, (owner) =>
      owner.query(`UPDATE agent_pool SET host = gen_random_uuid(), host_until = now() - interval '1 s'`),
    );
    const old = new Set(before.members.map(({ id }) => id));
    await reached((now) => now.total === 1 && now.members.every(({ id }) => !old.has(id)));
    await gone(before.members.map(({ pid }) => pid));
    const candidates = await inOrg((tx) => findCandidates(tx, { agent: 'known' }));
    expect(candidates).toHaveLength(1);
    expect(before.members.map(({ instanceId }) => instanceId)).not.toContain(candidates[0]?.instanceId);
    await Promise.all(hosts.filter((host) => host !== second).map((host) => host.stop()));
  });

  it('brings members to a new template, and says why its processes end when they do so again and again', async () => {
    await reached(({ state }) => state === 'ready' || state === 'starting');
    await keptPool(api.database, api.orgId, { module, env: { ROUND: '2' } }, { min: 0, max: 3 });
    await reached((now) => of(now, 'ready').length === 1 && now.members.every((one) => one.templateVersion === 2));
    const broken = ['node', '-e', 'throw new Error("no such port")'];
    await keptPool(api.database, api.orgId, { module: undefined, command: broken }, { min: 0, max: 3 });
    const looping = await reached(({ state }) => state === 'crash_loop');
    expect(looping.reason).toMatch(
      /^the last 5 processes failed: ended with code 1: Error: no such port; the next may/,
    );
    expect(of(looping, 'ready').map(({ templateVersion }) => templateVersion)).toEqual([2]);
  });

  it('ends all processes of a deleted pool, and those of its pools when it stops', async () => {
    const { members } = await pool();
    await inOrg((tx) => deletePool(tx, 'known'));
    await until(async () => (await inOrg((tx) => tx('SELECT FROM agent_pool'))).length === 0, 30_000);
    await gone(members.flatMap(({ pid, state }) => (state === 'ready' ? [pid] : [])));
    const { items } = await inOrg((tx) => listApiKeys(tx, { limit: 100 }));
    expect(items.filter(({ name, revokedAt }) => name === 'known' && revokedAt === null)).toEqual([]);
    await keptPool(api.database, api.orgId, { module, command: undefined }, { size: 1 });
    const again = await reached(({ total }) => total === 1);
    await Promise.all(hosts.map((host) => host.stop()));
    await gone(again.members.map(({ pid }) => pid));
    expect(await pool()).toMatchObject({ state: 'waiting' });
  });
});
