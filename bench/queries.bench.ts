import { readFile, stat } from 'node:fs/promises';
import { join } from 'node:path';
import pg from 'pg';
import { ownerUrlOf } from '../apps/cli/up/owner-url.js';
import { groupBy } from '../database/group-by.js';
import { chainSubjects } from './harness/chain.js';
import { until } from './harness/clock.js';
import type { BenchOptions, BenchResult, Rows } from './harness/report.js';
import type { Stage } from './harness/stage.js';
import { quantile, rounded } from './harness/statistics.js';
import { EXPLAINING, type Performed, performedIn } from './queries/explained.js';
import { copyRun } from './queries/fill.js';

/** Each of them has some ten events. */
const RUNS = 1_000_000;
const TARGET_MS = 20;
/** Fewer say nothing of a percentile. */
const ENOUGH = 10;
const SHOWN = 15;
/** Statements that only open and close are none of ours. */
const TABLES = ['run', 'run_event', 'call_journal'];
const SWEEP_DEADLINE_MS = 90_000;
/** One that a worker does each minute. */
const SWEEP = /FROM run r WHERE delete_at <= now\(\)/;

/**
 * Every route that reads, sweeps and claims of a product that has a million runs of one organisation and their events: how
 * long Postgres takes for each statement, and which tables it reads whole.
 */
export async function queries(stage: Stage, { quick }: BenchOptions): Promise<BenchResult> {
  const { product } = stage;
  const [chain] = await chainSubjects(stage);
  await chain!.run('a million');
  const { items } = await product.ask<{ items: { id: string }[] }>('GET', '/v1/runs?limit=1');
  const template = items[0]!.id;
  const owner = new pg.Client({ connectionString: ownerUrlOf(product.status.home) });
  await owner.connect();
  let rows: Record<string, number>;
  try {
    rows = await copyRun(owner, template, quick ? RUNS / 20 : RUNS);
    await explainAll(owner);
  } finally {
    await owner.end();
  }
  const log = join(product.status.home, 'logs', 'postgres.log');
  const before = (await stat(log)).size;
  const readSince = async () => (await readFile(log, 'utf8')).slice(before);
  const routes = await readAll(stage, quick ? 12 : 30);
  for (let run = 0; run < ENOUGH; run += 1) await chain!.run(run);
  await until('the workers sweep', SWEEP_DEADLINE_MS, async () => SWEEP.test(await readSince()));
  const statements = summarise(performedIn(await readSince()));
  const slowest = statements[0];
  const whole = statements.filter((one) => one.whole !== '');
  return {
    figures: [
      {
        what: `slowest p95 of a statement, ${RUNS.toLocaleString('en-US')} runs${quick ? ' / 20' : ''}`,
        unit: 'ms',
        brikk: slowest?.p95 ?? NaN,
        target: { text: `≤ ${TARGET_MS} ms`, met: (slowest?.p95 ?? NaN) <= TARGET_MS },
      },
      {
        what: 'statements that read runs, events or calls whole',
        unit: 'statements',
        brikk: whole.length,
        target: { text: '0', met: whole.length === 0 },
      },
    ],
    tables: {
      rows: { brikk: rows },
      'the slowest statements, milliseconds': Object.fromEntries(
        statements.slice(0, SHOWN).map(({ text, ...row }) => [told(text), row]),
      ),
      'answers of the API, milliseconds': routes,
    },
    details: { statements },
  };
}

/** Whoever connects again goes by the settings. */
async function explainAll(owner: pg.Client): Promise<void> {
  for (const [name, value] of Object.entries(EXPLAINING))
    await owner.query(`ALTER DATABASE brikk SET ${name} = '${value}'`);
  await owner.query(
    `SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE pid <> pg_backend_pid() AND datname = 'brikk'`,
  );
}

/** Every route that reads, and the lists of runs by what they are looked for. */
async function readAll({ product }: Stage, times: number): Promise<Rows> {
  const { paths } = await product.ask<{ paths: Record<string, object> }>('GET', '/openapi.json');
  const { items, nextCursor } = await product.ask<{ items: { id: string }[]; nextCursor: string }>(
    'GET',
    '/v1/runs?limit=200',
  );
  const lists = Object.keys(paths).filter(
    (path) => path.startsWith('/v1/') && !path.includes('{') && 'get' in paths[path]!,
  );
  const ofRuns = Object.keys(paths).filter(
    (path) => /^\/v1\/runs\/\{id\}(\/[a-z-]+)*$/.test(path) && 'get' in paths[path]!,
  );
  const looked = [
    'status=failed',
    'status=canceled',
    'pattern=market',
    'workflow=nobody/nothing',
    `since=${new Date(Date.now() - 60_000).toISOString()}`,
    `limit=200&cursor=${nextCursor}`,
  ];
  const asked = [...lists, ...looked.map((query) => `/v1/runs?${query}`), ...ofRuns];
  const took = new Map<string, number[]>(asked.map((path) => [shown(path), []]));
  for (let time = 0; time < times; time += 1)
    for (const path of asked) {
      const begin = performance.now();
      await product.ask('GET', path.replace('{id}', items[(time * 7) % items.length]!.id)).catch(() => undefined);
      took.get(shown(path))?.push(performance.now() - begin);
    }
  const rows = [...took].map(
    ([path, ms]) => [path, { p50: rounded(quantile(ms, 0.5)), p95: rounded(quantile(ms, 0.95)) }] as const,
  );
  return Object.fromEntries(rows.toSorted(([, a], [, b]) => b.p95 - a.p95).slice(0, SHOWN));
}

/** What is looked for says more than what is read. */
const told = (text: string): string => text.replace(/^SELECT .*? FROM/, 'SELECT … FROM').slice(0, 140);

const shown = (path: string): string => path.replace(/(cursor|since)=.*/, '$1=…');

interface Statement {
  text: string;
  times: number;
  p50: number;
  p95: number;
  whole: string;
}

/** Those performed often enough, the slowest first. */
function summarise(performed: readonly Performed[]): Statement[] {
  return [...groupBy(performed, ({ text }) => text)]
    .filter(([, all]) => all.length >= ENOUGH)
    .map(([text, all]) => {
      const ms = all.map((one) => one.ms);
      const whole = new Set(all.flatMap((one) => one.whole.filter((table) => TABLES.includes(tableOf(table)))));
      return { text, times: all.length, p50: quantile(ms, 0.5), p95: quantile(ms, 0.95), whole: [...whole].join(' ') };
    })
    .toSorted((a, b) => b.p95 - a.p95);
}

/** Partitions are named after their table, with a month or `default`. */
const tableOf = (relation: string): string => relation.replace(/_(\d{4}_\d{2}|default)$/, '');
