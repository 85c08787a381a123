import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { type Figure, rowsOf } from './figures.js';
import type { PeerName } from './peer-process.js';
import type { Surroundings } from './surroundings.js';

/** What every benchmark may be told; a quick run shows the order of magnitude in about a minute. */
export interface BenchOptions {
  quick: boolean;
  rounds: number;
  /** Of the benchmark `peers`: which of them, all unless said. */
  peers?: PeerName[];
}

export type Rows = Record<string, Record<string, number | string>>;

/** `figures` are what `all` and the documentation show, `tables` are printed, `details` go into the file alone. */
export interface BenchResult {
  figures: Figure[];
  tables: Record<string, Rows>;
  details: Record<string, unknown>;
}

/** One file of bench/results. */
export type KeptReport = BenchOptions & Surroundings & BenchResult & { name: string; at: string };

export const RESULTS = fileURLToPath(new URL('../../../bench/results/', import.meta.url));

/** Prints one benchmark and keeps it as bench/results/<name>-<time>.json. */
export async function report(
  name: string,
  options: BenchOptions,
  around: Surroundings,
  { figures, tables, details }: BenchResult,
): Promise<void> {
  const at = new Date().toISOString();
  console.log(`\n${name}${options.quick ? ' (quick)' : ''}, rounds: ${options.rounds}, ${at}`);
  console.log(JSON.stringify(around.machine));
  console.log(JSON.stringify(around.versions));
  if (around.durability) console.log(JSON.stringify(around.durability));
  if (around.settings) console.log(JSON.stringify(around.settings));
  for (const [title, rows] of Object.entries(tables)) {
    console.log(`\n${title}`);
    console.table(rows);
  }
  await mkdir(RESULTS, { recursive: true });
  printFigures(figures);
  const file = join(RESULTS, `${name}-${at.replaceAll(/[:.]/g, '-')}.json`);
  const kept: KeptReport = { name, at, ...options, ...around, figures, tables, details };
  await writeFile(file, `${JSON.stringify(kept, null, 2)}\n`);
  console.log(`\n${file}`);
}

export function printFigures(figures: readonly Figure[]): void {
  if (figures.length === 0) return;
  console.log('\nfigures');
  console.table(Object.fromEntries(rowsOf(figures).map(({ measured = '', ...row }) => [measured, row])));
}
