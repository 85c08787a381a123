import type { Budget } from '../budget.js';
import type { Native } from '../compile/context.js';
import { runtimeError } from '../jq-error.js';
import { isArray, type Json } from '../values/json.js';
import { brokenDown, secondsOf, type BrokenDown } from './calendar.js';
import { formatTime } from './format-time.js';
import { parseTime } from './parse-time.js';

/** Every time is UTC. A broken-down time is [year, month from 0, day, hours, minutes, seconds, weekday, day of the year]. */
export const DATE_FUNCTIONS: Readonly<Record<string, Native>> = {
  'mktime/0': (_budget, input) => {
    if (!isArray(input)) throw runtimeError('mktime requires array inputs');
    return Math.floor(secondsOf(timeOf(input, 'mktime requires parsed datetime inputs')));
  },
  'gmtime/0': (_budget, input) => {
    if (typeof input !== 'number') throw runtimeError('gmtime() requires numeric inputs');
    return arrayOf(brokenDown(input));
  },
  'strftime/1': strftime,
  'strptime/1': (_budget, input, format) => {
    if (typeof input !== 'string') throw runtimeError(`strptime/1 requires string inputs and arguments`);
    if (typeof format !== 'string') throw runtimeError(`strptime/1 requires string inputs and arguments`);
    const { time, rest } = parseTime(input, format);
    return rest === '' ? arrayOf(time) : [...arrayOf(time), rest];
  },
};

function strftime(budget: Budget, input: Json, format: Json = null): Json {
  const problem = 'strftime/1 requires parsed datetime inputs';
  if (typeof input !== 'number' && !isArray(input)) throw runtimeError(problem);
  if (typeof format !== 'string') throw runtimeError('strftime/1 requires a string format');
  budget.allocate(format.length * 8);
  return formatTime(typeof input === 'number' ? brokenDown(input) : timeOf(input, problem), format);
}

function timeOf(input: readonly Json[], problem: string): BrokenDown {
  const numbers = input.slice(0, 8).map((part) => {
    if (typeof part !== 'number') throw runtimeError(problem);
    return part;
  });
  const [year = 1900, month = 0, day = 0, hours = 0, minutes = 0, seconds = 0, weekday = 0, dayOfYear = 0] = numbers;
  return { year, month, day, hours, minutes, seconds, weekday, dayOfYear };
}

const arrayOf = ({ year, month, day, hours, minutes, seconds, weekday, dayOfYear }: BrokenDown): Json[] => [
  year,
  month,
  day,
  hours,
  minutes,
  seconds,
  weekday,
  dayOfYear,
];
