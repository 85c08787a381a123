import { CsvError, parse } from 'csv-parse/sync';
import { stringify } from 'csv-stringify/sync';
import type { Json } from '../../../contracts/json.js';
import { FormatError } from './format-error.js';
import { ValueCount } from './value-count.js';

const MAX_RECORD_CHARACTERS = 1_024 * 1_024;

interface CsvTerms {
  delimiter?: string | undefined;
  header?: boolean | undefined;
  escapeFormulas?: boolean | undefined;
}

/**
 * Comma-separated values (RFC 4180): objects by the names of the first line, or lists of texts. Values stay text, since
 * `007` is no number. Every line has as many values as the first.
 */
export function parseCsv(text: string, { delimiter = ',', header = true }: CsvTerms = {}): Json {
  const lines = readLines(text, delimiter);
  const count = new ValueCount();
  for (const line of lines) count.add(line.length);
  if (!header) return lines;
  const [names = [], ...rows] = lines;
  const seen = new Set<string>();
  const twice = names.findIndex((name) => seen.size === seen.add(name).size);
  if (twice !== -1) throw new FormatError(`its column ${twice + 1} has the name of one before it`);
  return rows.map((row) => Object.fromEntries(row.map((value, place) => [names[place] as string, value])));
}

function readLines(text: string, delimiter: string): string[][] {
  try {
    return parse(text, {
      bom: true,
      delimiter,
      record_delimiter: ['\r\n', '\n', '\r'],
      skip_empty_lines: true,
      max_record_size: MAX_RECORD_CHARACTERS,
    });
  } catch (cause) {
    if (!(cause instanceof CsvError)) throw cause;
    // Its own message may show what the text says.
    const what = cause.code.replace(/^CSV_/, '').replaceAll('_', ' ').toLowerCase();
    const line = typeof cause['lines'] === 'number' ? cause['lines'] : 1;
    throw new FormatError(`it is no csv: ${what} in line ${line}`, { cause });
  }
}

/** Objects (columns are the names of all of them, in their order) or lists of texts, numbers, booleans and nulls. */
export function printCsv(value: Json, { delimiter = ',', escapeFormulas = false }: CsvTerms = {}): string {
  if (!Array.isArray(value)) throw new FormatError('csv is a list of objects or of lists');
  const isObjects = value.every(isObject);
  if (!isObjects && !value.every(Array.isArray)) throw new FormatError('csv is a list of objects or of lists');
  const names = isObjects ? [...new Set(value.flatMap(Object.keys))] : [];
  const count = new ValueCount();
  const cells = value.map((row, line) => {
    // Before the row is made: a list of objects that have no name in common would have as many columns as values.
    count.add(isObject(row) ? names.length : row.length);
    const own = isObject(row) ? names.map((name) => cellOf(row, name)) : row;
    return own.map((cell) => plain(cell, line));
  });
  return stringify(names.length > 0 ? [names, ...cells] : cells, { delimiter, escape_formulas: escapeFormulas });
}

const isObject = (row: Json): row is { [name: string]: Json } =>
  typeof row === 'object' && row !== null && !Array.isArray(row);

const cellOf = (row: { [name: string]: Json }, name: string): Json =>
  Object.hasOwn(row, name) ? (row[name] as Json) : null;

function plain(cell: Json, line: number): string {
  if (typeof cell === 'object' && cell !== null)
    throw new FormatError(`entry ${line + 1} has a value that is an object or a list, which csv cannot say`);
  return cell === null ? '' : String(cell);
}
