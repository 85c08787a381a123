import { textOf } from './loose.js';

/** `850 ms`, `3.2 s`, `4 min 5 s`. */
export function duration(ms: number): string {
  const wholeMs = Math.round(ms);
  if (wholeMs < 1_000) return `${wholeMs} ms`;
  if (wholeMs < 59_950) return `${(wholeMs / 1_000).toFixed(1)} s`;
  const seconds = Math.round(wholeMs / 1_000);
  return `${Math.floor(seconds / 60)} min ${seconds % 60} s`;
}

/** A value on one line, cut to `limit` characters. */
export function shorten(value: unknown, limit = 100): string {
  const text = typeof value === 'string' ? value : (JSON.stringify(value) ?? '');
  const line = text.replace(/\s+/g, ' ');
  return line.length > limit ? `${line.slice(0, limit - 1)}…` : line;
}

const NAMED = 5;

/** `a`, `a and b`, `a, b and c`; beyond five the rest is a number. */
export function list(names: readonly string[], more = 0): string {
  const shown = names.slice(0, NAMED);
  const rest = names.length - shown.length + more;
  const parts = rest > 0 ? [...shown, `${rest} more`] : shown;
  return parts.length < 2 ? parts.join('') : `${parts.slice(0, -1).join(', ')} and ${parts.at(-1)}`;
}

/** `1 task`, `3 tasks`; `1 entry`, `3 entries`. */
export function count(number: number, noun: string): string {
  if (number === 1) return `1 ${noun}`;
  return `${number} ${noun.endsWith('y') ? `${noun.slice(0, -1)}ies` : `${noun}s`}`;
}

/** US dollars, with cents, or as many digits as a small amount needs. */
export const money = (usd: number): string =>
  usd !== 0 && usd < 0.01 ? `$${usd.toPrecision(2)}` : `$${usd.toFixed(2)}`;

/** `1 gpu`, `1 gpu and 2 seats`: units by name. */
export const unitsOf = (needs: Readonly<Record<string, unknown>>): string =>
  list(Object.entries(needs).map(([name, amount]) => `${textOf(amount)} ${name}`));

export const percent = (share: number): string => `${Math.round(share * 100)} %`;

/** What an answer holds, in the words of its own fields. */
export function excerpt(value: unknown, limit = 110): string {
  if (value === null || value === undefined) return 'nothing';
  if (typeof value === 'string') return shorten(value, limit);
  if (Array.isArray(value)) return count(value.length, 'entry');
  if (typeof value !== 'object') return textOf(value);
  const fields = Object.entries(value).map(([name, field]) => `${name}: ${fieldText(field)}`);
  return shorten(fields.join(', '), limit);
}

function fieldText(field: unknown): string {
  if (Array.isArray(field)) return field.length === 0 ? 'none' : field.map(entryText).join('; ');
  if (typeof field === 'object' && field !== null) return `{${Object.keys(field).join(', ')}}`;
  return String(field);
}

/** An object in a list by its first text: `{phrase: 'payment gateway', score: 9}` is a phrase. */
function entryText(entry: unknown): string {
  if (typeof entry !== 'object' || entry === null) return textOf(entry);
  return textOf(Object.values(entry).find((value) => typeof value === 'string') ?? entry);
}
