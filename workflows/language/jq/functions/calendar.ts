import { runtimeError } from '../jq-error.js';

/** A time in UTC; months, weekdays (from Sunday) and days of the year count from 0. */
export interface BrokenDown {
  readonly year: number;
  readonly month: number;
  readonly day: number;
  readonly hours: number;
  readonly minutes: number;
  readonly seconds: number;
  readonly weekday: number;
  readonly dayOfYear: number;
}

const DAY_SECONDS = 86_400;
/** The range of JavaScript's dates. */
const LARGEST_SECONDS = 8_640_000_000_000;

export function brokenDown(seconds: number): BrokenDown {
  if (!(Math.abs(seconds) <= LARGEST_SECONDS))
    throw runtimeError('error converting number of seconds since epoch to datetime');
  const whole = Math.floor(seconds);
  const date = new Date(whole * 1_000);
  const year = date.getUTCFullYear();
  return {
    year,
    month: date.getUTCMonth(),
    day: date.getUTCDate(),
    hours: date.getUTCHours(),
    minutes: date.getUTCMinutes(),
    seconds: date.getUTCSeconds() + (seconds - whole),
    weekday: date.getUTCDay(),
    dayOfYear: Math.floor(whole / DAY_SECONDS) - daysUntil(year, 0, 1),
  };
}

/** Fields beyond their range carry over, as in C's timegm. */
export function secondsOf({ year, month, day, hours, minutes, seconds }: BrokenDown): number {
  const days = daysUntil(Math.trunc(year), Math.trunc(month), Math.trunc(day));
  return ((days * 24 + Math.trunc(hours)) * 60 + Math.trunc(minutes)) * 60 + Math.trunc(seconds);
}

/** Days from the epoch to a date. Years below 100 are meant as they stand. */
export function daysUntil(year: number, month: number, day: number): number {
  const date = new Date(0);
  date.setUTCFullYear(year, month, day);
  const days = Math.floor(date.getTime() / 1_000 / DAY_SECONDS);
  if (Number.isNaN(days)) throw runtimeError('invalid gmtime representation');
  return days;
}
