import type { Budget } from '../budget.js';
import { runtimeError, type JqError } from '../jq-error.js';
import { typeOf, type Json } from './json.js';
import { printJson } from './print.js';
import { utf8Length } from './text.js';

/** Longest value an error message quotes, in bytes; the rest becomes dots. */
const QUOTED_BYTES = 29;
const KEPT_BYTES = 25;

/** The value in JSON, cut as jq cuts it in its messages. */
export function quote(value: Json, budget: Budget): string {
  const text = printJson(value, budget);
  if (text.length <= QUOTED_BYTES / 4 || utf8Length(text) <= QUOTED_BYTES) return text;
  let kept = '';
  let bytes = 0;
  for (const character of text) {
    bytes += utf8Length(character);
    if (bytes > KEPT_BYTES) break;
    kept += character;
  }
  const last = text[text.length - 1]!;
  return `${kept}...${'"]}'.includes(last) ? last : ''}`;
}

/** `number (1)`: type and value, as most of jq's messages name what went wrong. */
export const describe = (value: Json, budget: Budget): string => `${typeOf(value)} (${quote(value, budget)})`;

export const errorAbout = (value: Json, what: string, budget: Budget): JqError =>
  runtimeError(`${describe(value, budget)} ${what}`);

export const errorAboutBoth = (left: Json, right: Json, what: string, budget: Budget): JqError =>
  runtimeError(`${describe(left, budget)} and ${describe(right, budget)} ${what}`);
