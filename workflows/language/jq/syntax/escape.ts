import { syntaxError } from '../jq-error.js';

const SIMPLE: Readonly<Record<string, string>> = {
  '"': '"',
  '\\': '\\',
  '/': '/',
  b: '\b',
  f: '\f',
  n: '\n',
  r: '\r',
  t: '\t',
};

/** Reads the JSON escape whose backslash stands at `offset`. */
export function readEscape(text: string, offset: number): { text: string; end: number } {
  const kind = text[offset + 1] ?? '';
  const simple = Object.hasOwn(SIMPLE, kind) ? SIMPLE[kind] : undefined;
  if (simple !== undefined) return { text: simple, end: offset + 2 };
  const unit = kind === 'u' ? hexadecimal(text, offset + 2) : undefined;
  if (unit === undefined) throw syntaxError('syntax error: invalid escape', text, offset);
  if (unit < 0xd800 || unit > 0xdfff) return { text: String.fromCharCode(unit), end: offset + 6 };
  const low = text.startsWith('\\u', offset + 6) ? hexadecimal(text, offset + 8) : undefined;
  if (unit > 0xdbff || low === undefined || low < 0xdc00 || low > 0xdfff)
    throw syntaxError('syntax error: invalid \\uXXXX\\uXXXX surrogate pair escape', text, offset);
  return { text: String.fromCharCode(unit, low), end: offset + 12 };
}

function hexadecimal(text: string, offset: number): number | undefined {
  const digits = text.slice(offset, offset + 4);
  return /^[0-9A-Fa-f]{4}$/.test(digits) ? Number.parseInt(digits, 16) : undefined;
}
