import { writeFile } from 'node:fs/promises';
import path from 'node:path';
import { pathToFileURL } from 'node:url';
import { afterAll, beforeAll, describe, expect, it, jest } from '@jest/globals';
import type { Page } from '../../contracts/lists.js';
import type { Pool } from '../../contracts/pools.js';
import { isAlive } from '../../apps/cli/up/stop-process.js';
import { LaunchedBrikk } from '../support/brikk.js';
import { until } from '../support/until.js';

jest.setTimeout(240_000);

const sdk = pathToFileURL(path.join(import.meta.dirname, '../../dist/sdk/agent.js')).href;
const AGENT = `
  import { serveAgent } from '${sdk}';
  import { setTimeout } from 'node:timers/promises';
  const handler = async ({ ms }) => { await setTimeout(ms); return { pid: process.pid }; };
  await serveAgent({ name: 'nap', version: '1.0.0', maxConcurrency: 2, capabilities: { nap: { handler } } });`;

describe('a pool on the launched product', () => {
  let brikk: LaunchedBrikk;
  beforeAll(async () => {
    brikk = await LaunchedBrikk.up(['--no-samples']);
    await writeFile(path.join(brikk.home, 'nap.mjs'), AGENT);
    const template = { agent: 'nap', module: path.join(brikk.home, 'nap.mjs') };
    await writeFile(path.join(brikk.home, 'nap.json'), JSON.stringify(template));
  });
  afterAll(() => brikk?.down());

  const pool = async () => JSON.parse(await brikk.brikk(['pools', 'get', 'naps', '-o', 'json'])) as Pool;
  const ready = async (isWanted: (pool: Pool) => boolean = () => true): Promise<Pool> => {
    let now = await brikk.call<Pool>('GET', '/v1/pools/naps');
    await until(async () => {
      now = await brikk.call<Pool>('GET', '/v1/pools/naps');
      return now.state === 'ready' && isWanted(now);
    }, 60_000);
    return now;
  };
  const pidsOf = ({ members }: Pool) => members.map(({ pid }) => pid!);

  it('loses no call to the death of a member or of its host, which both are replaced without a trace of the old', async () => {
    await brikk.brikk(['pools', 'templates', 'put', 'nap', '--file', path.join(brikk.home, 'nap.json')]);
    await brikk.brikk(['pools', 'create', 'naps', '--template', 'nap', '--size', '2', '--max', '2']);
    const first = await ready();
    expect(pidsOf(first)).toHaveLength(2);

    const branches = Object.fromEntries(
      Array.from({ length: 30 }, (_, n) => [`n${n}`, { capability: 'nap', input: { ms: 400 } }]),
    );
    const { id } = await brikk.start({
      pattern: 'concurrent',
      with: { branches: Object.entries(branches).map(([name, branch]) => ({ name, ...branch })) },
      input: {},
    });
    await until(async () => (await brikk.call<Pool>('GET', '/v1/pools/naps')).busy > 0, 30_000);
    const [killed] = pidsOf(first);
    process.kill(killed!, 'SIGKILL');
    const second = await ready((now) => now.total === 2 && !pidsOf(now).includes(killed!));

    const { workers } = await brikk.status();
    process.kill(workers[0]!.pid, 'SIGKILL');
    const third = await ready((now) => now.total === 2 && pidsOf(now).every((pid) => !pidsOf(second).includes(pid)));
    await until(() => pidsOf(second).every((pid) => !isAlive(pid)), 30_000);
    expect(await brikk.finished(id)).toMatchObject({ status: 'completed', error: null });
    expect(await pool()).toMatchObject({ size: 2, total: 2, members: pidsOf(third).map((pid) => ({ pid })) });

    await brikk.brikk(['pools', 'delete', 'naps']);
    await until(() => pidsOf(third).every((pid) => !isAlive(pid)), 30_000);
    await until(async () => (await brikk.call<Page<Pool>>('GET', '/v1/pools')).items.length === 0, 30_000);
  });

  it('marks what it does with fewer members than it should have as degraded: contribution, run and event', async () => {
    const template = { agent: 'nap', module: path.join(brikk.home, 'nap.mjs'), recovery: 'degraded_mode' };
    await brikk.call('PUT', '/v1/agent-templates/fewer', template);
    await brikk.call('PUT', '/v1/pools/naps', { template: 'fewer', size: 2, min: 1, max: 2 });
    const whole = await ready(({ total }) => total === 2);
    const napped = async () => {
      const { id } = await brikk.start({ pattern: 'agent', with: { capability: 'nap' }, input: { ms: 1 } });
      const { status, degraded, contributions } = await brikk.finished(id);
      const ends = (await brikk.events(id)).flatMap((event) => (event.type === 'call.finished' ? [event.data] : []));
      return { status, degraded, contributions, ends };
    };
    const before = await napped();
    expect(before).toMatchObject({ status: 'completed', degraded: false });
    expect(before.contributions[0]).not.toHaveProperty('degraded');

    process.kill(pidsOf(whole)[0]!, 'SIGKILL');
    await until(async () => (await brikk.call<Pool>('GET', '/v1/pools/naps')).state === 'degraded', 60_000);
    await until(async () => (await napped()).degraded); // Workers hear of it a moment later.
    expect(await napped()).toMatchObject({
      status: 'completed',
      degraded: true,
      contributions: [{ degraded: true }],
      ends: [{ degraded: true }],
    });
  });
});
