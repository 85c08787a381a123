import type { Budget } from '../budget.js';
import type { Native } from '../compile/context.js';
import { JqError } from '../jq-error.js';
import { lengthOf } from '../values/arithmetic.js';
import { errorAbout } from '../values/describe.js';
import { isTruthy, typeOf, type Json } from '../values/json.js';
import { parseJson, parseNumber } from '../values/parse.js';
import { printJson } from '../values/print.js';
import { format } from './formats.js';

export const VALUE_FUNCTIONS: Readonly<Record<string, Native>> = {
  'not/0': (_budget, input) => !isTruthy(input),
  'true/0': () => true,
  'false/0': () => false,
  'null/0': () => null,
  'type/0': (_budget, input) => typeOf(input),
  'length/0': (budget, input) => lengthOf(input, budget),
  'error/0': raise,
  'tojson/0': (budget, input) => printJson(input, budget),
  'tostring/0': (budget, input) => (typeof input === 'string' ? input : printJson(input, budget)),
  'tonumber/0': toNumber,
  'toboolean/0': toBoolean,
  'fromjson/0': (budget, input) => {
    if (typeof input !== 'string') throw errorAbout(input, 'only strings can be parsed', budget);
    return parseJson(input, budget);
  },
  'format/1': (budget, input, name) => {
    if (typeof name !== 'string') throw errorAbout(name!, 'is not a valid format', budget);
    return format(name, input, budget);
  },
  'now/0': (budget) => budget.nowMs / 1_000,
  'have_decnum/0': () => false,
  'have_literal_numbers/0': () => true,
};

function raise(budget: Budget, input: Json): Json {
  const message = typeof input === 'string' ? input : `(not a string): ${printJson(input, budget)}`;
  throw new JqError('runtime', message, { value: input });
}

function toNumber(budget: Budget, input: Json): Json {
  const value = typeof input === 'string' ? parseNumber(input) : input;
  if (typeof value === 'number') return value;
  throw errorAbout(input, 'cannot be parsed as a number', budget);
}

function toBoolean(budget: Budget, input: Json): Json {
  if (typeof input === 'boolean') return input;
  if (input === 'true' || input === 'false') return input === 'true';
  throw errorAbout(input, 'cannot be parsed as a boolean', budget);
}
