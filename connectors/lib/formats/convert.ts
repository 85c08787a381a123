import {
  type Format,
  MAX_FORMAT_BYTES,
  type ParseFormatWith,
  type PrintFormatWith,
} from '../../../contracts/formats.js';
import type { Json } from '../../../contracts/json.js';
import { whyUnstorable } from '../storable-json.js';
import { parseCsv, printCsv } from './csv.js';
import { parseForm, printForm } from './form.js';
import { FormatError } from './format-error.js';
import { parseJson, parseJsonLines, printJsonLines } from './json-lines.js';
import { parseXml, printXml } from './xml.js';

/** The value that a text stands for: at most 5 MiB, 100 levels and 100,000 values. Fails with a FormatError. */
export function parseFormat(given: ParseFormatWith): Json {
  refuseLarge(given.text);
  const value = parse(given);
  const flaw = whyUnstorable(value);
  if (flaw !== undefined) throw new FormatError(`it gives what cannot be kept: ${flaw}`);
  return value;
}

/** The text that stands for a value, within the same limits. Fails with a FormatError. */
export function printFormat(given: PrintFormatWith): string {
  const text = print(given);
  refuseLarge(text);
  return text;
}

function parse({ format, text, lists, ...csv }: ParseFormatWith): Json {
  switch (format) {
    case 'json':
      return parseJson(text);
    case 'ndjson':
      return parseJsonLines(text);
    case 'csv':
      return parseCsv(text, csv);
    case 'form':
      return parseForm(text);
    case 'xml':
      return parseXml(text, lists);
  }
}

function print({ format, value, ...csv }: PrintFormatWith): string {
  switch (format) {
    case 'json':
      return JSON.stringify(value);
    case 'ndjson':
      return printJsonLines(value);
    case 'csv':
      return printCsv(value, csv);
    case 'form':
      return printForm(value);
    case 'xml':
      return printXml(value);
  }
}

function refuseLarge(text: string): void {
  if (Buffer.byteLength(text) > MAX_FORMAT_BYTES)
    throw new FormatError(`the text has more than ${MAX_FORMAT_BYTES / 1_048_576} MiB`);
}

const TYPES: readonly [RegExp, Format][] = [
  [/^application\/x-www-form-urlencoded$/, 'form'],
  [/^(?:application|text)\/xml$|\+xml$/, 'xml'],
  [/^text\/csv$/, 'csv'],
  [/^application\/(?:x-)?(?:ndjson|jsonl|json-lines)$/, 'ndjson'],
  [/[/+]json$/, 'json'],
];

/** What a media type says; undefined when it says none of them. */
export function formatOf(mediaType: string): Format | undefined {
  const type = mediaType.split(';')[0]?.trim().toLowerCase() ?? '';
  return TYPES.find(([pattern]) => pattern.test(type))?.[1];
}
