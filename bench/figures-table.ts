import { readdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { rowsOf } from './harness/figures.js';
import { type KeptReport, RESULTS } from './harness/report.js';

const PAGE = fileURLToPath(new URL('../../docs/performance.md', import.meta.url));
const BEGIN = '<!-- figures: npm run bench -- report -->';
const END = '<!-- /figures -->';

/** Writes the newest full result of each of `names` as a table into docs/performance.md, and prints it. */
export async function writeFigures(names: readonly string[]): Promise<void> {
  const reports = await newestReports(names);
  if (reports.length === 0)
    throw new Error('bench/results holds no full run: take one with `npm run bench -- all`, without --quick.');
  const table = tableOf(reports);
  const page = await readFile(PAGE, 'utf8');
  const [begin, end] = [page.indexOf(BEGIN), page.indexOf(END)];
  if (begin < 0 || end < begin) throw new Error(`docs/performance.md has no place between ${BEGIN} and ${END}`);
  await writeFile(PAGE, `${page.slice(0, begin)}${BEGIN}\n\n${table}\n${page.slice(end)}`);
  console.log(table);
}

async function newestReports(names: readonly string[]): Promise<KeptReport[]> {
  const files = (await readdir(RESULTS).catch(() => [])).filter((file) => file.endsWith('.json'));
  const reports = await Promise.all(
    files.map(async (file) => JSON.parse(await readFile(join(RESULTS, file), 'utf8')) as KeptReport),
  );
  const full = reports.filter(({ quick, figures }) => !quick && figures !== undefined);
  const newest = (name: string) => full.filter((one) => one.name === name).sort((a, b) => b.at.localeCompare(a.at))[0];
  return names.flatMap((name) => newest(name) ?? []);
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
