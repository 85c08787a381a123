import type { StoryLine } from '../../../contracts/story/story.js';

const LONGEST_LABEL = 22;
const MIN_TEXT = 40;

/** A section of the story: what happened at one place, and at the places within it. */
interface Section {
  label: string;
  parts: (StoryLine | Section)[];
}

/** One line as it comes: `fix: 3 of 4 agents bid …`. */
export function liveLine({ place, text, isTrouble }: StoryLine): string {
  const where = place.length > 0 ? `${place.join(' › ')}: ` : '';
  return `${isTrouble ? '✗ ' : ''}${where}${text}`;
}

/** The whole story, what belongs together beside each other; lines are broken at `width`. */
export function storyText(lines: readonly StoryLine[], width = 120): string {
  const root = outline(lines);
  const labels = labelsOf(root.parts);
  const column = Math.min(LONGEST_LABEL, Math.max(0, ...labels.map((label) => label.length)));
  return print(root, '', { column, width }).join('\n');
}

function outline(lines: readonly StoryLine[]): Section {
  const root: Section = { label: '', parts: [] };
  for (const line of lines) {
    let section = root;
    for (const label of line.place) section = sectionOf(section, label);
    section.parts.push(line);
  }
  return root;
}

function sectionOf({ parts }: Section, label: string): Section {
  const known = parts.find((part): part is Section => 'parts' in part && part.label === label);
  if (known) return known;
  const made: Section = { label, parts: [] };
  parts.push(made);
  return made;
}

const labelsOf = (parts: Section['parts'], above = ''): string[] =>
  parts.flatMap((part) => ('parts' in part ? [above + part.label, ...labelsOf(part.parts, `${above}  `)] : []));

function print({ parts }: Section, above: string, page: { column: number; width: number }): string[] {
  return parts.flatMap((part) => {
    if (!('parts' in part)) return wrap(part, '', { column: 0, width: page.width });
    return printSection(part, above, page);
  });
}

/** The first line stands beside the label, the others below each other. */
function printSection(section: Section, above: string, page: { column: number; width: number }): string[] {
  let label = `${above}${section.label}`;
  return section.parts.flatMap((part) => {
    if (!('parts' in part)) {
      const lines = wrap(part, label, page);
      label = '';
      return lines;
    }
    const heading = label === '' ? [] : [`  ${label}`];
    label = '';
    return [...heading, ...printSection(part, `${above}  `, page)];
  });
}

function wrap({ text, isTrouble }: StoryLine, label: string, { column, width }: { column: number; width: number }) {
  const gap = column === 0 ? '' : ' '.repeat(column + 4);
  const room = Math.max(MIN_TEXT, width - gap.length);
  const rows = [''];
  for (const word of `${isTrouble ? '✗ ' : ''}${text}`.split(' ')) {
    const row = rows.at(-1) ?? '';
    if (row !== '' && row.length + 1 + word.length > room) rows.push(word);
    else rows[rows.length - 1] = row === '' ? word : `${row} ${word}`;
  }
  const [first = '', ...rest] = rows;
  if (column === 0) return [first, ...rest];
  const beside = label.length > column ? [`  ${label}`, gap + first] : [`  ${label.padEnd(column)}  ${first}`];
  return [...beside, ...rest.map((row) => gap + row)];
}
