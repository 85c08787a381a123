import { afterAll, beforeAll, describe, expect, it, jest } from '@jest/globals';
import { randomUUID } from 'node:crypto';
import { readFileSync } from 'node:fs';
import path from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { ownerUrlOf } from '../../apps/cli/up/owner-url.js';
import { LaunchedBrikk } from '../support/brikk.js';
import { fillTables } from '../support/fill-tables.js';
import { asOwner } from '../support/postgres.js';
import { until } from '../support/until.js';

jest.setTimeout(240_000);

/** Postgres writes down every plan. Joins of what is in memory read a table whole while it is small: they are left out. */
const EXPLAINING = {
  session_preload_libraries: 'auto_explain',
  'auto_explain.log_min_duration': '0',
  'auto_explain.log_format': 'json',
  enable_hashjoin: 'off',
  enable_mergejoin: 'off',
};
/** Of other organisations, in each table. */
const ROWS = 20_000;
/** They hold what waits for the next second, and are read whole on purpose. */
const QUEUES = ['bus_outbox', 'connection_queue'];
/** One of each second, and one of each minute, which a worker begins with. */
const SWEEPS = [/FROM schedule s WHERE NOT paused/, /FROM run r WHERE delete_at <= now\(\)/];

interface Plan {
  'Node Type': string;
  'Relation Name'?: string;
  'Index Name'?: string;
  'Index Cond'?: string;
  'Total Cost': number;
  Plans?: Plan[];
}
interface Explained {
  'Query Text': string;
  Plan: Plan;
}

/** Partitions are named after their table, with a month or `default`. */
const tableOf = ({ 'Relation Name': relation = '' }: Plan) => relation.replace(/_(\d{4}_\d{2}|default)$/, '');

const nodesOf = (plan: Plan): Plan[] => [plan, ...(plan.Plans ?? []).flatMap(nodesOf)];

describe('the statements of a product at work', () => {
  let brikk: LaunchedBrikk;
  let filled: string[];
  let partial: Set<string>;
  beforeAll(async () => {
    brikk = await LaunchedBrikk.up([]);
    await asOwner(ownerUrlOf(brikk.home) as string, async (owner) => {
      for (const [name, value] of Object.entries(EXPLAINING))
        await owner.query(`ALTER DATABASE brikk SET ${name} = '${value}'`);
      filled = await fillTables(owner, { rows: ROWS, but: QUEUES });
      const { rows } = await owner.query<{ name: string }>(
        'SELECT indexrelid::regclass::text AS name FROM pg_index WHERE indpred IS NOT NULL',
      );
      partial = new Set(rows.map(({ name }) => name));
      // Whoever connects again goes by the new settings.
      await owner.query(
        `SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE pid <> pg_backend_pid() AND datname = 'brikk'`,
      );
    });
    for (const { pid } of (await brikk.status()).workers) process.kill(pid, 'SIGKILL');
  }, 240_000);
  afterAll(() => brikk?.down(), 60_000);

  /**
   * It goes through a whole table, or through a whole index of it that has all rows. What costs nothing has no page: it is
   * the partition of a month to come.
   */
  const isWhole = ({
    'Node Type': type,
    'Index Cond': condition,
    'Index Name': index = '',
    'Total Cost': cost,
  }: Plan) =>
    (type === 'Seq Scan' && cost > 0) ||
    (/^Index (Only )?Scan/.test(type) && condition === undefined && !partial.has(index));

  const written = () => readFileSync(path.join(brikk.home, 'logs', 'postgres.log'), 'utf8');

  /** Not the last one, which may be half written. */
  function explained(): Explained[] {
    return [...written().matchAll(/plan:\n((?:\t.*\n)+)(?=\S)/g)].map(
      ([, text]) => JSON.parse(text!.replaceAll(/\n?\t/g, ' ')) as Explained,
    );
  }

  /** Every route that reads, about what the first run has left where there is some. */
  async function readAll(): Promise<number> {
    const { api, devKey } = await brikk.status();
    const { paths } = await brikk.call<{ paths: Record<string, object> }>('GET', '/openapi.json');
    const routes = Object.keys(paths).filter((route) => route.startsWith('/v1/') && 'get' in paths[route]!);
    const firsts = new Map<string, Record<string, string>>();
    for (const route of routes.toSorted((a, b) => a.length - b.length)) {
      const first = firsts.get(route.slice(0, route.indexOf('/{'))) ?? {};
      const unknown = (name: string) => (/id$/i.test(name) ? randomUUID() : 'unknown');
      const asked = route.replaceAll(/\{(\w+)\}/g, (_, name: string) => first[name] ?? unknown(name));
      const headers = { authorization: `Bearer ${devKey}`, accept: 'application/json' };
      const answer = await fetch(`${api.url}${asked}`, { headers });
      expect(answer.status).toBeLessThan(500);
      const { items } = (await answer.json()) as { items?: Record<string, string>[] };
      if (items?.[0]) firsts.set(route, items[0]);
    }
    return routes.length;
  }

  it('find what they look for by an index, for requests and for sweeps', async () => {
    expect(await readAll()).toBeGreaterThan(50);
    await until(async () => {
      await sleep(250); // The log is long.
      const log = written();
      return SWEEPS.every((sweep) => sweep.test(log));
    }, 120_000);
    const whole = explained().flatMap(({ 'Query Text': query, Plan: plan }) =>
      nodesOf(plan)
        .filter((node) => isWhole(node) && filled.includes(tableOf(node)))
        .map((node) => `${tableOf(node)}: ${query.replaceAll(/\s+/g, ' ')}`),
    );
    expect([...new Set(whole)]).toEqual([]);
  });
});
