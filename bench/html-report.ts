import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { type Figure, rowsOf } from './harness/figures.js';
import { type KeptReport, RESULTS, type Rows } from './harness/report.js';
import { newestReports } from './newest-reports.js';

/** Writes the newest result of each of `names` as one page that needs nothing else; gives its path. */
export async function writeHtml(names: readonly string[]): Promise<string> {
  const file = join(RESULTS, 'report.html');
  await writeFile(file, htmlOf(await newestReports(names)));
  return file;
}

/** One page: for each report where it was taken, its figures as bars beside their references, and its tables. */
export function htmlOf(reports: readonly KeptReport[]): string {
  return `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>Brikk, measured</title>
<style>${STYLE}</style>
</head>
<body>
<h1>Brikk, measured</h1>
<p>The newest result of each benchmark on this machine. How it is measured, and where the clocks start, is in docs/performance.md.</p>
${reports.map(sectionOf).join('\n')}
</body>
</html>
`;
}

function sectionOf({ name, at, quick, rounds, machine, versions, figures, tables }: KeptReport): string {
  const { node, commit, temporalServer, postgres } = versions;
  const parts = [
    `${at.slice(0, 16).replace('T', ' ')} UTC`,
    `commit ${commit}`,
    `${rounds} ${rounds === 1 ? 'round' : 'rounds'}${quick ? ', quick: the order of magnitude' : ''}`,
    `${machine.cores} cores (${machine.cpu}), ${machine.memoryGb} GB, load before ${machine.loadBefore.join(' / ')}`,
    `Node ${node}`,
    ...(temporalServer === undefined ? [] : [`Temporal ${temporalServer}`]),
    ...(postgres === undefined ? [] : [`Postgres ${postgres}`]),
  ];
  return `<section>
<h2>${escaped(name)}</h2>
<p class="where">${parts.map(escaped).join(' · ')}</p>
${figures.map(chartOf).join('\n')}
${tableOf(rowsOf(figures))}
${Object.entries(tables)
  .map((table) => detailsOf(table, figures.length === 0))
  .join('\n')}
</section>`;
}

const [WIDTH, BAR, LABELS] = [640, 18, 190] as const;

/** Two bars to one scale; nothing for a figure that stands alone. */
function chartOf({ what, unit, brikk, reference, target }: Figure): string {
  if (reference === undefined || !Number.isFinite(brikk) || !Number.isFinite(reference.value)) return '';
  const most = Math.max(brikk, reference.value) || 1;
  const bar = (label: string, value: number, kind: string, at: number) => {
    const y = at * (BAR + 6);
    const width = ((WIDTH - LABELS - 110) * value) / most;
    return `<text x="0" y="${y + 13}">${escaped(label)}</text>
<rect class="${kind}" x="${LABELS}" y="${y}" width="${width.toFixed(1)}" height="${BAR}" rx="2"/>
<text x="${(LABELS + width + 6).toFixed(1)}" y="${y + 13}">${value.toLocaleString('en-US')} ${escaped(unit)}</text>`;
  };
  const verdict =
    target === undefined
      ? ''
      : ` <span class="${met(target.met)}">target ${escaped(target.text)}: ${met(target.met)}</span>`;
  return `<figure>
<figcaption>${escaped(what)}${verdict}</figcaption>
<svg viewBox="0 0 ${WIDTH} ${2 * BAR + 6}" role="img" aria-label="${escaped(`${what}: Brikk ${brikk} ${unit}, ${reference.name} ${reference.value} ${unit}`)}">
${bar('Brikk', brikk, 'brikk', 0)}
${bar(reference.name, reference.value, 'reference', 1)}
</svg>
</figure>`;
}

const met = (isMet: boolean) => (isMet ? 'met' : 'missed');

/** Open where there are no figures to look at first. */
function detailsOf([title, rows]: [string, Rows], isOpen: boolean): string {
  const flat = Object.entries(rows).map(([row, cells]) => ({ '': row, ...cells }));
  return `<details${isOpen ? ' open' : ''}><summary>${escaped(title)}</summary>${tableOf(flat)}</details>`;
}

function tableOf(rows: readonly Record<string, string | number>[]): string {
  const names = [...new Set(rows.flatMap((row) => Object.keys(row)))];
  if (names.length === 0) return '';
  const line = (tag: string, cells: (string | number)[]) =>
    `<tr>${cells.map((cell) => `<${tag}>${escaped(String(cell))}</${tag}>`).join('')}</tr>`;
  return `<div class="wide"><table><thead>${line('th', names)}</thead><tbody>
${rows
  .map((row) =>
    line(
      'td',
      names.map((name) => row[name] ?? ''),
    ),
  )
  .join('\n')}
</tbody></table></div>`;
}

function escaped(text: string): string {
  return text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;').replaceAll('"', '&quot;');
}

const STYLE = `
:root { color-scheme: light dark; --ink: #1c2430; --soft: #5d6877; --line: #d9dee5; --paper: #fff; --brikk: #d2552d; --reference: #9aa5b1; --met: #1f7a45; }
@media (prefers-color-scheme: dark) { :root { --ink: #e6eaf0; --soft: #9aa5b1; --line: #333c48; --paper: #14181e; --brikk: #ee7b55; --reference: #6b7683; --met: #58c58a; } }
body { font: 15px/1.5 system-ui, sans-serif; color: var(--ink); background: var(--paper); max-width: 60rem; margin: 2rem auto; padding: 0 1rem; }
h2 { margin: 2.5rem 0 0; padding-top: 1rem; border-top: 1px solid var(--line); }
.where { color: var(--soft); font-size: 13px; margin-top: 0; }
figure { margin: 1.2rem 0; }
svg { width: 100%; max-width: 40rem; height: auto; font-size: 12px; }
svg text { fill: var(--ink); }
.brikk { fill: var(--brikk); }
.reference { fill: var(--reference); }
.met { color: var(--met); }
.missed { color: var(--brikk); }
.wide { overflow-x: auto; }
table { border-collapse: collapse; font-size: 13px; font-variant-numeric: tabular-nums; }
th, td { text-align: left; padding: .25rem .75rem .25rem 0; border-bottom: 1px solid var(--line); white-space: nowrap; }
details { margin: .6rem 0; }
summary { cursor: pointer; color: var(--soft); }
`;
