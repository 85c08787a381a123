import type { Budget } from '../budget.js';
import type { Native } from '../compile/context.js';
import { runtimeError } from '../jq-error.js';
import { add, splitText } from '../values/arithmetic.js';
import { describe, errorAbout } from '../values/describe.js';
import { isArray, isObject, type Json } from '../values/json.js';
import { printJson } from '../values/print.js';
import { codePointsOf, textOfCodePoints, utf8Length } from '../values/text.js';

export const TEXT_FUNCTIONS: Readonly<Record<string, Native>> = {
  'utf8bytelength/0': (budget, input) => {
    if (typeof input !== 'string') throw errorAbout(input, 'only strings have UTF-8 byte length', budget);
    return utf8Length(input);
  },
  'startswith/1': (_budget, input, part) => {
    const [text, start] = bothTexts(input, part!, 'startswith() requires string inputs');
    return text.startsWith(start);
  },
  'endswith/1': (_budget, input, part) => {
    const [text, end] = bothTexts(input, part!, 'endswith() requires string inputs');
    return text.endsWith(end);
  },
  'ltrimstr/1': (_budget, input, part) => trimStart(input, part!),
  'rtrimstr/1': (_budget, input, part) => trimEnd(input, part!),
  'trimstr/1': (_budget, input, part) => trimEnd(trimStart(input, part!), part!),
  'trim/0': (_budget, input) => trimmed(input).replace(LEADING, '').replace(TRAILING, ''),
  'ltrim/0': (_budget, input) => trimmed(input).replace(LEADING, ''),
  'rtrim/0': (_budget, input) => trimmed(input).replace(TRAILING, ''),
  'ascii_downcase/0': (budget, input) => exploded(input, budget).replace(/[A-Z]+/g, (letters) => letters.toLowerCase()),
  'ascii_upcase/0': (budget, input) => exploded(input, budget).replace(/[a-z]+/g, (letters) => letters.toUpperCase()),
  'explode/0': (budget, input) => codePointsOf(exploded(input, budget)),
  'implode/0': implode,
  'split/1': (budget, input, separator) => {
    const [text, divider] = bothTexts(input, separator!, 'split input and separator must be strings');
    return splitText(text, divider, budget);
  },
  'join/1': join,
};

const LEADING = /^[ \t\n\v\f\r]+/;
const TRAILING = /(?<![ \t\n\v\f\r])[ \t\n\v\f\r]+$/;

function bothTexts(input: Json, part: Json, message: string): [string, string] {
  if (typeof input === 'string' && typeof part === 'string') return [input, part];
  throw runtimeError(message);
}

function trimStart(input: Json, part: Json): Json {
  const [text, start] = bothTexts(input, part, 'startswith() requires string inputs');
  return text.startsWith(start) ? text.slice(start.length) : text;
}

function trimEnd(input: Json, part: Json): Json {
  const [text, end] = bothTexts(input, part, 'endswith() requires string inputs');
  return text.endsWith(end) ? text.slice(0, text.length - end.length) : text;
}

function trimmed(input: Json): string {
  if (typeof input === 'string') return input;
  throw runtimeError('trim input must be a string');
}

function exploded(input: Json, budget: Budget): string {
  if (typeof input !== 'string') throw runtimeError('explode input must be a string');
  budget.allocate(input.length);
  return input;
}

function implode(budget: Budget, input: Json): Json {
  if (!isArray(input)) throw runtimeError('implode input must be an array');
  budget.allocate(input.length);
  return textOfCodePoints(
    input.map((point) => {
      if (typeof point === 'number') return Math.trunc(point);
      throw runtimeError(`${describe(point, budget)} can't be imploded, unicode codepoint needs to be numeric`);
    }),
  );
}

/** Numbers and booleans become text, null becomes nothing; other values cannot be added to text. */
function join(budget: Budget, input: Json, separator: Json = null): Json {
  if (!isArray(input) && !isObject(input)) throw runtimeError(`Cannot iterate over ${describe(input, budget)}`);
  let joined: Json = null;
  for (const item of Object.values(input)) {
    budget.step();
    const start: Json = joined === null ? '' : add(joined, separator, budget);
    joined = add(start, pieceOf(item, budget), budget);
  }
  return joined ?? '';
}

function pieceOf(item: Json, budget: Budget): Json {
  if (typeof item === 'number' || typeof item === 'boolean') return printJson(item, budget);
  return item ?? '';
}
