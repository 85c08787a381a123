import type { Budget } from '../budget.js';
import { runtimeError } from '../jq-error.js';
import { describe, errorAbout } from '../values/describe.js';
import { isArray, isObject, typeOf, type Json } from '../values/json.js';
import { printJson } from '../values/print.js';
import { textOfUtf8, utf8Bytes } from '../values/text.js';
import { decodeBase32, decodeBase64, encodeBase32, encodeBase64 } from './base-encodings.js';

type Format = (value: Json, budget: Budget) => string;

const FORMATS: Readonly<Record<string, Format>> = {
  text: toText,
  json: printJson,
  csv: (value, budget) => row(value, budget, 'csv', ',', (text) => `"${text.replaceAll('"', '""')}"`),
  tsv: (value, budget) => row(value, budget, 'tsv', '\t', escapeTab),
  html: (value, budget) => toText(value, budget).replace(/[<>&'"]/g, (character) => ENTITIES[character]!),
  uri: (value, budget) => encodeUri(toText(value, budget)),
  urid: (value, budget) => decodeUri(toText(value, budget), budget),
  sh: (value, budget) => (isArray(value) ? value : [value]).map((item) => shellWord(item, budget)).join(' '),
  base64: (value, budget) => encodeBase64(utf8Bytes(toText(value, budget))),
  base64d: (value, budget) => decodeBase64(toText(value, budget), budget),
  base32: (value, budget) => encodeBase32(utf8Bytes(toText(value, budget))),
  base32d: (value, budget) => decodeBase32(toText(value, budget), budget),
};

const ENTITIES: Readonly<Record<string, string>> = {
  '<': '&lt;',
  '>': '&gt;',
  '&': '&amp;',
  "'": '&apos;',
  '"': '&quot;',
};

export const isFormat = (name: string): boolean => Object.hasOwn(FORMATS, name);

/** The value in the format `@name`; strings stay text, other values are written as JSON first. */
export function format(name: string, value: Json, budget: Budget): string {
  if (!isFormat(name)) throw runtimeError(`${name} is not a valid format`);
  const text = FORMATS[name]!(value, budget);
  budget.allocate(text.length);
  return text;
}

function toText(value: Json, budget: Budget): string {
  return typeof value === 'string' ? value : printJson(value, budget);
}

function row(value: Json, budget: Budget, name: string, separator: string, quote: (text: string) => string): string {
  if (!isArray(value)) throw runtimeError(`${describe(value, budget)} cannot be ${name}-formatted, only array`);
  return value
    .map((item) => {
      if (typeof item === 'string') return quote(item);
      if (item === null) return '';
      if (isArray(item) || isObject(item)) throw errorAbout(item, `is not valid in a ${name} row`, budget);
      return Number.isNaN(item) ? '' : printJson(item, budget);
    })
    .join(separator);
}

const TAB_ESCAPES: Readonly<Record<string, string>> = { '\\': '\\\\', '\t': '\\t', '\n': '\\n', '\r': '\\r' };

const escapeTab = (text: string): string => text.replace(/[\\\t\n\r]/g, (character) => TAB_ESCAPES[character]!);

function shellWord(value: Json, budget: Budget): string {
  if (typeof value === 'string') return `'${value.replaceAll("'", "'\\''")}'`;
  if (typeOf(value) === 'array' || typeOf(value) === 'object')
    throw errorAbout(value, 'can not be escaped for shell', budget);
  return printJson(value, budget);
}

function encodeUri(text: string): string {
  return utf8Bytes(text)
    .map((byte) => {
      const character = String.fromCharCode(byte);
      return /[A-Za-z0-9\-_.~]/.test(character) ? character : `%${byte.toString(16).toUpperCase().padStart(2, '0')}`;
    })
    .join('');
}

function decodeUri(text: string, budget: Budget): string {
  const bytes: number[] = [];
  const pieces = text.split(/%([0-9A-Fa-f]{2})/);
  pieces.forEach((piece, index) => {
    if (index % 2 === 1) bytes.push(Number.parseInt(piece, 16));
    else for (const byte of utf8Bytes(piece)) bytes.push(byte);
  });
  const invalid = pieces.some((piece, index) => index % 2 === 0 && piece.includes('%'));
  const decoded = invalid ? undefined : textOfUtf8(bytes, true);
  if (decoded === undefined) throw errorAbout(text, 'is not a valid uri encoding', budget);
  return decoded;
}
