import type { Native } from '../compile/context.js';
import { ARRAY_FUNCTIONS } from './arrays.js';
import { DATE_FUNCTIONS } from './dates.js';
import { NUMBER_FUNCTIONS } from './numbers.js';
import { OBJECT_FUNCTIONS } from './objects.js';
import { PRELUDE } from './prelude.js';
import { REGEX_FUNCTIONS } from './regex.js';
import { TEXT_FUNCTIONS } from './texts.js';
import { VALUE_FUNCTIONS } from './values.js';

/** Functions of values, by name and arity. Names with a leading underscore serve the prelude. */
export const NATIVES: Readonly<Record<string, Native>> = {
  ...ARRAY_FUNCTIONS,
  ...DATE_FUNCTIONS,
  ...NUMBER_FUNCTIONS,
  ...OBJECT_FUNCTIONS,
  ...REGEX_FUNCTIONS,
  ...TEXT_FUNCTIONS,
  ...VALUE_FUNCTIONS,
  'builtins/0': () => [...builtinNames()],
};

function builtinNames(): string[] {
  const forms = ['empty/0', 'path/1', 'getpath/1', 'range/1', 'range/2'];
  return [...forms, ...Object.keys(NATIVES), ...Object.keys(PRELUDE)].filter((name) => !name.startsWith('_'));
}
