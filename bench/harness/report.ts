import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { surroundings } from './surroundings.js';

/** What every benchmark may be told; a quick run shows the order of magnitude in about a minute. */
export interface BenchOptions {
  quick: boolean;
  rounds: number;
}

export type Rows = Record<string, Record<string, number | string>>;

/** `tables` are printed, `details` go into the file alone. */
export interface BenchResult {
  tables: Record<string, Rows>;
  details: Record<string, unknown>;
}

const RESULTS = fileURLToPath(new URL('../../../bench/results/', import.meta.url));

/** Prints one benchmark and writes bench/results/<name>-<time>.json; gives the file's path. */
export async function report(
  name: string,
  options: BenchOptions,
  around: Awaited<ReturnType<typeof surroundings>>,
  { tables, details }: BenchResult,
): Promise<string> {
  const at = new Date().toISOString();
  console.log(`\n${name}${options.quick ? ' (quick)' : ''}, ${options.rounds} rounds, ${at}`);
  console.log(JSON.stringify(around.machine));
  console.log(JSON.stringify(around.versions));
  console.log(JSON.stringify(around.durability));
  console.log(JSON.stringify(around.settings));
  for (const [title, rows] of Object.entries(tables)) {
    console.log(`\n${title}`);
    console.table(rows);
  }
  await mkdir(RESULTS, { recursive: true });
  const file = join(RESULTS, `${name}-${at.replaceAll(/[:.]/g, '-')}.json`);
  await writeFile(file, `${JSON.stringify({ name, at, ...options, ...around, tables, details }, null, 2)}\n`);
  console.log(`\n${file}`);
  return file;
}
