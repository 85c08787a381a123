import type { Budget } from '../budget.js';
import { positionOf, runtimeError, type JqError } from '../jq-error.js';
import { emptyObject, type Json, type MutableObject } from './json.js';

const SPACE = /[ \t\r\n]*/y;
const STRING = /"((?:[^"\\]|\\(?:["\\/bfnrt]|u[0-9A-Fa-f]{4}))*)"/y;
const SCALAR = /[^\s,:[\]{}"]+/y;
const ESCAPE = /\\(?:u([0-9A-Fa-f]{4})|(.))/g;
const NUMBER = /^[+-]?(?:[0-9]+\.?[0-9]*|\.[0-9]+)(?:[eE][+-]?[0-9]+)?$/;
const SIMPLE: Readonly<Record<string, string>> = { b: '\b', f: '\f', n: '\n', r: '\r', t: '\t' };

interface Open {
  readonly items?: Json[];
  readonly object?: MutableObject;
  key?: string;
}

/** Number of a text as `tonumber` takes it: JSON's, a sign or a bare point allowed, `nan` and `infinity`. */
export function parseNumber(text: string): number | undefined {
  if (NUMBER.test(text)) return Number(text);
  const [, sign, name] = /^([+-]?)(nan|inf(?:inity)?)$/i.exec(text) ?? [];
  if (name === undefined) return undefined;
  if (name.toLowerCase() === 'nan') return Number.NaN;
  return sign === '-' ? -Infinity : Infinity;
}

/** JSON as jq reads it: `nan` is a number. A stack of open containers instead of recursion. */
export function parseJson(text: string, budget: Budget): Json {
  budget.allocate(text.length);
  const open: Open[] = [];
  let offset = 0;
  const failure = (message: string): JqError => {
    const { line, column } = positionOf(text, offset);
    return runtimeError(`${message} at line ${line}, column ${column} (while parsing '${text}')`);
  };
  const match = (pattern: RegExp): string | undefined => {
    pattern.lastIndex = offset;
    const found = pattern.exec(text)?.[0];
    offset += found?.length ?? 0;
    return found;
  };
  const accept = (character: string): boolean => {
    match(SPACE);
    if (text[offset] !== character) return false;
    offset += 1;
    return true;
  };
  const scalar = (): Json => {
    const quoted = match(STRING);
    if (quoted !== undefined) return unescape(quoted.slice(1, -1));
    const word = match(SCALAR);
    if (word === undefined) throw failure(open.length > 0 ? 'Expected another array element' : 'Expected JSON value');
    if (word === 'true' || word === 'false') return word === 'true';
    if (word === 'null') return null;
    const number = parseNumber(word);
    if (number === undefined) throw failure('Invalid literal');
    return number;
  };
  const readKey = (top: Open): void => {
    match(SPACE);
    const quoted = match(STRING);
    if (quoted === undefined) throw failure('Object keys must be strings');
    if (!accept(':')) throw failure('Objects must consist of key:value pairs');
    top.key = unescape(quoted.slice(1, -1));
  };
  /** A container that goes on is pushed; a whole value is given. */
  const begin = (): Json | undefined => {
    if (accept('[')) {
      if (accept(']')) return [];
      open.push({ items: [] });
    } else if (accept('{')) {
      if (accept('}')) return emptyObject();
      open.push({ object: emptyObject() });
      readKey(open[open.length - 1]!);
    } else return scalar();
    budget.checkDepth(open.length);
    return undefined;
  };
  if (text.trim() === '') throw runtimeError(`Expected JSON value (while parsing '${text}')`);
  for (;;) {
    let value = begin();
    while (value !== undefined) {
      const top = open[open.length - 1];
      if (!top) {
        match(SPACE);
        if (offset < text.length) throw runtimeError(`Unexpected extra JSON values (while parsing '${text}')`);
        return value;
      }
      if (top.items) top.items.push(value);
      else top.object![top.key!] = value;
      value = undefined;
      if (accept(',')) {
        if (top.object) readKey(top);
      } else if (accept(top.items ? ']' : '}')) {
        open.pop();
        value = top.items ?? top.object!;
      } else throw failure('Unfinished JSON term');
    }
  }
}

function unescape(text: string): string {
  if (!text.includes('\\')) return text;
  return text.replace(ESCAPE, (_, unit: string | undefined, simple: string | undefined) =>
    unit === undefined ? (SIMPLE[simple ?? ''] ?? simple ?? '') : String.fromCharCode(Number.parseInt(unit, 16)),
  );
}
