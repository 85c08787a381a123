import { execFileSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { cpus, loadavg, totalmem } from 'node:os';
import { fileURLToPath } from 'node:url';
import pg from 'pg';
import { parse } from 'yaml';
import { appUrlOf } from './postgres.js';
import type { ProductStatus } from './product.js';
import type { Stage } from './stage.js';

const root = fileURLToPath(new URL('../../../', import.meta.url));
const PACKAGES = ['@temporalio/worker', '@temporalio/client', 'undici', 'pg', '@nestjs/core'];

export interface Surroundings {
  machine: { cpu: string | undefined; cores: number; memoryGb: number; loadBefore: readonly number[] };
  versions: { node: string; commit: string; temporalServer?: string; postgres?: string } & Record<string, string>;
  /** Of benchmarks that start the product, as the settings. */
  durability?: object;
  settings?: object;
}

/** Versions, settings, durability and load: what a figure means nothing without. */
export async function surroundings(stage: Stage | undefined, loadBefore: readonly number[]): Promise<Surroundings> {
  const machine = {
    cpu: cpus()[0]?.model,
    cores: cpus().length,
    memoryGb: Math.round(totalmem() / 2 ** 30),
    loadBefore,
  };
  const versions = { node: process.versions.node, commit: commit() };
  if (!stage) return { machine, versions };
  const { product, bare } = stage;
  const { temporal, workers } = product.status;
  const dev = parse(readFileSync(join(root, 'temporal-dev.yml'), 'utf8')) as Record<string, unknown>;
  const { database, dynamicConfig } = dev as { database: { pragmas: Record<string, string> }; dynamicConfig: unknown };
  const postgres = await readPostgres(product.status);
  return {
    machine,
    versions: {
      ...versions,
      temporalServer: await bare.serverVersion(),
      temporalSource: temporal.source,
      postgres: postgres.version,
      ...Object.fromEntries(PACKAGES.map((name) => [name, versionOf(name)])),
    },
    durability: { postgres: postgres.durability, temporalSqlite: database.pragmas },
    settings: { workers: workers.length, rateLimit: 'off for the benchmark', temporal: dynamicConfig },
  };
}

/** Between two readings, the share of all cores' time that somebody's work took, 0 to 1; whoever's it was. */
export function busyCores(): () => number {
  const before = coreTimes();
  return () => {
    const after = coreTimes();
    return 1 - (after.idle - before.idle) / (after.all - before.all);
  };
}

function coreTimes(): { idle: number; all: number } {
  const times = cpus().map((core) => core.times);
  const all = times.flatMap((one) => Object.values(one)).reduce((sum, ms) => sum + ms, 0);
  return { idle: times.reduce((sum, { idle }) => sum + idle, 0), all };
}

export function loadAverage(): number[] {
  return loadavg().map((load) => Number(load.toFixed(2)));
}

function commit(): string {
  const git = (...args: string[]) => execFileSync('git', args, { cwd: root, encoding: 'utf8' }).trim();
  try {
    return `${git('rev-parse', '--short', 'HEAD')}${git('status', '--porcelain', '-uno') ? ' with local changes' : ''}`;
  } catch {
    return 'not a git work tree';
  }
}

function versionOf(name: string): string {
  return (JSON.parse(readFileSync(join(root, 'node_modules', name, 'package.json'), 'utf8')) as { version: string })
    .version;
}

/** What Postgres itself says. */
async function readPostgres(status: ProductStatus): Promise<{ version: string; durability: Record<string, string> }> {
  const client = new pg.Client({ connectionString: appUrlOf(status) });
  await client.connect();
  try {
    const setting = async (name: string) =>
      String(Object.values((await client.query(`SHOW ${name}`)).rows[0] as object)[0]);
    const durability = { fsync: await setting('fsync'), synchronous_commit: await setting('synchronous_commit') };
    return { version: await setting('server_version'), durability };
  } finally {
    await client.end();
  }
}
