import type { Json } from '../../../contracts/json.js';
import { FormatError } from './format-error.js';
import { ValueCount } from './value-count.js';

/** `application/x-www-form-urlencoded` (WHATWG URL, 5): an object of texts; of a name that comes again a list. */
export function parseForm(text: string): { [name: string]: string | string[] } {
  const fields = new Map<string, string | string[]>();
  const count = new ValueCount();
  for (const [name, value] of new URLSearchParams(text)) {
    count.add(1);
    const known = fields.get(name);
    if (Array.isArray(known)) known.push(value);
    else fields.set(name, known === undefined ? value : [known, value]);
  }
  return Object.fromEntries(fields);
}

/** An object of texts, numbers, booleans, nulls (empty), and lists of them, whose names come again. */
export function printForm(value: Json): string {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) throw new FormatError('a form is an object');
  const fields = new URLSearchParams();
  for (const [name, given] of Object.entries(value))
    for (const one of Array.isArray(given) ? given : [given]) fields.append(name, plain(one));
  return fields.toString();
}

function plain(value: Json): string {
  if (typeof value === 'object' && value !== null)
    throw new FormatError('a form has a value that is an object, or a list within a list');
  return value === null ? '' : String(value);
}
