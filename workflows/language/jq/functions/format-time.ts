import { daysUntil, secondsOf, type BrokenDown } from './calendar.js';

export const WEEKDAYS = ['Sunday', 'Monday', 'Tuesday', 'Wednesday', 'Thursday', 'Friday', 'Saturday'];
export const MONTHS = [
  'January',
  'February',
  'March',
  'April',
  'May',
  'June',
  'July',
  'August',
  'September',
  'October',
  'November',
  'December',
];

const padded = (value: number, width = 2, fill = '0'): string => String(Math.trunc(value)).padStart(width, fill);
/** Four characters at least, with their sign; from 10000 on a plus, as ISO 8601 writes years that are longer. */
function fullYear(year: number): string {
  const whole = Math.trunc(year);
  return whole < 0 ? `-${padded(-whole, 3)}` : `${whole > 9_999 ? '+' : ''}${padded(whole, 4)}`;
}
const hourOf12 = (hours: number): number => (Math.trunc(hours + 11) % 12) + 1;

type Part = (time: BrokenDown) => string;

/** The conversions of C's strftime, in the C locale and UTC. */
const PARTS: Readonly<Record<string, Part>> = {
  A: ({ weekday }) => WEEKDAYS[Math.trunc(weekday)] ?? '?',
  a: ({ weekday }) => WEEKDAYS[Math.trunc(weekday)]?.slice(0, 3) ?? '?',
  B: ({ month }) => MONTHS[Math.trunc(month)] ?? '?',
  b: ({ month }) => MONTHS[Math.trunc(month)]?.slice(0, 3) ?? '?',
  h: ({ month }) => MONTHS[Math.trunc(month)]?.slice(0, 3) ?? '?',
  C: ({ year }) => padded(year / 100),
  d: ({ day }) => padded(day),
  e: ({ day }) => padded(day, 2, ' '),
  G: (time) => fullYear(isoWeek(time).year),
  g: (time) => padded(Math.abs(isoWeek(time).year % 100)),
  H: ({ hours }) => padded(hours),
  I: ({ hours }) => padded(hourOf12(hours)),
  j: ({ dayOfYear }) => padded(dayOfYear + 1, 3),
  k: ({ hours }) => padded(hours, 2, ' '),
  l: ({ hours }) => padded(hourOf12(hours), 2, ' '),
  M: ({ minutes }) => padded(minutes),
  m: ({ month }) => padded(month + 1),
  n: () => '\n',
  P: ({ hours }) => (hours < 12 ? 'am' : 'pm'),
  p: ({ hours }) => (hours < 12 ? 'AM' : 'PM'),
  S: ({ seconds }) => padded(seconds),
  s: (time) => String(secondsOf(time)),
  t: () => '\t',
  U: ({ weekday, dayOfYear }) => padded(Math.floor((dayOfYear + 7 - weekday) / 7)),
  u: ({ weekday }) => String(weekday === 0 ? 7 : weekday),
  V: (time) => padded(isoWeek(time).week),
  W: ({ weekday, dayOfYear }) => padded(Math.floor((dayOfYear + 7 - ((weekday + 6) % 7)) / 7)),
  w: ({ weekday }) => String(weekday),
  Y: ({ year }) => fullYear(year),
  y: ({ year }) => padded(Math.abs(year % 100)),
  Z: () => 'UTC',
  z: () => '+0000',
  '%': () => '%',
};

/** Conversions that stand for several others. */
export const SHORTHANDS: Readonly<Record<string, string>> = {
  c: '%a %b %e %H:%M:%S %Y',
  D: '%m/%d/%y',
  F: '%Y-%m-%d',
  R: '%H:%M',
  r: '%I:%M:%S %p',
  T: '%H:%M:%S',
  x: '%m/%d/%y',
  X: '%H:%M:%S',
};

export function formatTime(time: BrokenDown, format: string): string {
  const full = format.replace(/%([cDFRrTxX])/g, (_, letter: string) => SHORTHANDS[letter] ?? '');
  return full.replace(/%[EO]?([A-Za-z%])/g, (conversion, letter: string) =>
    Object.hasOwn(PARTS, letter) ? PARTS[letter]!(time) : conversion,
  );
}

/** ISO 8601: weeks begin on Monday, and a week belongs to the year of its Thursday. */
function isoWeek({ year, weekday, dayOfYear }: BrokenDown): { year: number; week: number } {
  const thursday = dayOfYear - ((weekday + 6) % 7) + 3;
  if (thursday < 0) return { year: year - 1, week: Math.floor((thursday + yearLength(year - 1)) / 7) + 1 };
  if (thursday >= yearLength(year)) return { year: year + 1, week: 1 };
  return { year, week: Math.floor(thursday / 7) + 1 };
}

const yearLength = (year: number): number => daysUntil(year + 1, 0, 1) - daysUntil(year, 0, 1);
