import { runtimeError } from '../jq-error.js';
import { brokenDown, daysUntil, secondsOf, type BrokenDown } from './calendar.js';
import { MONTHS, SHORTHANDS, WEEKDAYS } from './format-time.js';

interface Parsed {
  year: number;
  month: number;
  day: number;
  dayOfYear?: number;
  hours: number;
  minutes: number;
  seconds: number;
  afternoon?: boolean;
  epoch?: number;
}

type Store = (parsed: Parsed, text: string) => void;

const names = (list: readonly string[]): string => list.flatMap((name) => [name, name.slice(0, 3)]).join('|');
const indexIn = (list: readonly string[], text: string): number =>
  list.findIndex((name) => name.slice(0, 3).toLowerCase() === text.slice(0, 3).toLowerCase());
const number =
  (field: 'year' | 'day' | 'hours' | 'minutes' | 'seconds', offset = 0): Store =>
  (parsed, text) => {
    parsed[field] = Number(text) + offset;
  };
const nothing: Store = () => undefined;
const month: Store = (parsed, text) => (parsed.month = indexIn(MONTHS, text));

/** What each conversion reads, and where it puts it. */
const CONVERSIONS: Readonly<Record<string, readonly [pattern: string, store: Store]>> = {
  A: [names(WEEKDAYS), nothing],
  a: [names(WEEKDAYS), nothing],
  B: [names(MONTHS), month],
  b: [names(MONTHS), month],
  h: [names(MONTHS), month],
  d: [' ?\\d{1,2}', number('day')],
  e: [' ?\\d{1,2}', number('day')],
  H: ['\\d{1,2}', number('hours')],
  I: ['\\d{1,2}', number('hours')],
  j: ['\\d{1,3}', (parsed, text) => (parsed.dayOfYear = Number(text) - 1)],
  k: [' ?\\d{1,2}', number('hours')],
  l: [' ?\\d{1,2}', number('hours')],
  M: ['\\d{1,2}', number('minutes')],
  m: ['\\d{1,2}', (parsed, text) => (parsed.month = Number(text) - 1)],
  n: ['\\s*', nothing],
  p: ['[AaPp][Mm]', (parsed, text) => (parsed.afternoon = text.toLowerCase() === 'pm')],
  S: ['\\d{1,2}', number('seconds')],
  s: ['-?\\d+', (parsed, text) => (parsed.epoch = Number(text))],
  t: ['\\s*', nothing],
  u: ['[1-7]', nothing],
  w: ['[0-6]', nothing],
  Y: ['[+-]?\\d{1,4}', number('year')],
  y: ['\\d{1,2}', (parsed, text) => (parsed.year = Number(text) + (Number(text) < 69 ? 2_000 : 1_900))],
  Z: ['[A-Za-z]+', nothing],
  // As in C, the zone is read and forgotten: what comes out is the time as it was written.
  z: ['Z|[+-]\\d{2}:?(?:\\d{2})?', nothing],
  '%': ['%', nothing],
};

const LARGEST: Readonly<Partial<Record<keyof Parsed, number>>> = {
  month: 11,
  day: 31,
  hours: 23,
  minutes: 59,
  seconds: 61,
  dayOfYear: 365,
};

/** Reads a time as C's strptime does, in the C locale; `rest` is what the format leaves over. */
export function parseTime(text: string, format: string): { time: BrokenDown; rest: string } {
  const parsed: Parsed = { year: 1970, month: 0, day: 1, hours: 0, minutes: 0, seconds: 0 };
  const full = format.replace(/%([cDFRrTxX])/g, (_, letter: string) => SHORTHANDS[letter] ?? '');
  let offset = 0;
  for (const [piece, letter] of full.matchAll(/%[EO]?([A-Za-z%])|\s+|[^]/g)) {
    const conversion = letter === undefined ? undefined : CONVERSIONS[letter];
    const source = conversion?.[0] ?? (piece.trim() === '' ? '\\s*' : piece.replace(/[^\w]/g, '\\$&'));
    const pattern = new RegExp(source, 'iy');
    pattern.lastIndex = offset;
    const found = pattern.exec(text);
    if (!found) throw mismatch(text, format);
    offset += found[0].length;
    conversion?.[1](parsed, found[0].trim());
  }
  for (const [field, largest] of Object.entries(LARGEST))
    if (Number(parsed[field as keyof Parsed] ?? 0) > largest) throw mismatch(text, format);
  return { time: complete(parsed), rest: text.slice(offset) };
}

const mismatch = (text: string, format: string): Error =>
  runtimeError(`date "${text}" does not match format "${format}"`);

function complete(parsed: Parsed): BrokenDown {
  if (parsed.epoch !== undefined) return brokenDown(parsed.epoch);
  const hours = parsed.afternoon === undefined ? parsed.hours : (parsed.hours % 12) + (parsed.afternoon ? 12 : 0);
  const date = parsed.dayOfYear === undefined ? parsed : { year: parsed.year, month: 0, day: parsed.dayOfYear + 1 };
  const fields = { ...parsed, ...date, hours };
  const days = daysUntil(fields.year, fields.month, fields.day);
  const { weekday, dayOfYear } = brokenDown(days * 86_400);
  const time = { ...fields, weekday, dayOfYear };
  return parsed.dayOfYear === undefined ? time : brokenDown(secondsOf(time));
}
