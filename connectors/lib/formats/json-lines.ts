import type { Json } from '../../../contracts/json.js';
import { FormatError } from './format-error.js';
import { ValueCount } from './value-count.js';

/** Its message would show what the text says. */
export function parseJson(text: string, where = ''): Json {
  try {
    return JSON.parse(text) as Json;
  } catch (cause) {
    throw new FormatError(`it is no JSON${where}`, { cause });
  }
}

/** Newline-delimited JSON: a list of what its lines say; empty ones are none. */
export function parseJsonLines(text: string): Json[] {
  const count = new ValueCount();
  return text.split(/\r?\n/).flatMap((line, place) => {
    if (line.trim() === '') return [];
    count.add(1);
    return [parseJson(line, ` in line ${place + 1}`)];
  });
}

export function printJsonLines(value: Json): string {
  if (!Array.isArray(value)) throw new FormatError('ndjson is a list');
  return value.map((one) => `${JSON.stringify(one)}\n`).join('');
}
