import { readFile, writeFile } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';
import { rowsOf } from './harness/figures.js';
import type { KeptReport } from './harness/report.js';
import { newestReports } from './newest-reports.js';

const PAGE = fileURLToPath(new URL('../../docs/performance.md', import.meta.url));
const BEGIN = '<!-- figures: npm run bench -- report -->';
const END = '<!-- /figures -->';

/** Writes the newest full result of each of `names` as a table into docs/performance.md, and prints it. */
export async function writeFigures(names: readonly string[]): Promise<void> {
  const reports = await newestReports(names, ({ quick }) => !quick);
  if (reports.length === 0)
    throw new Error('bench/results holds no full run: take one with `npm run bench -- all`, without --quick.');
  const table = tableOf(reports);
  const page = await readFile(PAGE, 'utf8');
  const [begin, end] = [page.indexOf(BEGIN), page.indexOf(END)];
  if (begin < 0 || end < begin) throw new Error(`docs/performance.md has no place between ${BEGIN} and ${END}`);
  await writeFile(PAGE, `${page.slice(0, begin)}${BEGIN}\n\n${table}\n${page.slice(end)}`);
  console.log(table);
}

function tableOf(reports: readonly KeptReport[]): string {
  const rows = reports.flatMap(({ figures }) => rowsOf(figures));
  const taken = reports.map(({ name, at, rounds, versions, machine }) => {
    const day = at.slice(0, 16).replace('T', ' ');
    return `- \`${name}\`: ${day} UTC, commit ${versions.commit}, rounds: ${rounds}, load before ${machine.loadBefore.join(' / ')}`;
  });
  const { machine, versions } = reports.find(({ durability }) => durability) ?? (reports[0] as KeptReport);
  const { temporalServer: temporal = 'none', postgres = 'none' } = versions;
  const place = `${machine.cores} cores (${machine.cpu}), ${machine.memoryGb} GB, Node ${versions.node}, Temporal ${temporal}, Postgres ${postgres}.`;
  return [place, '', markdown(rows), '', ...taken, ''].join('\n');
}

/** As prettier would align it. */
function markdown(rows: readonly Record<string, string>[]): string {
  const names = Object.keys(rows[0] ?? {});
  const widths = names.map((name) => Math.max(name.length, ...rows.map((row) => (row[name] ?? '').length)));
  const line = (cells: string[]) => `| ${cells.map((cell, index) => cell.padEnd(widths[index] ?? 0)).join(' | ')} |`;
  return [
    line(names),
    line(widths.map((width) => '-'.repeat(width))),
    ...rows.map((row) => line(names.map((name) => row[name] ?? ''))),
  ].join('\n');
}
