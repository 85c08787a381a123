import { z } from 'zod';

const UNITS = { days: 86_400_000, hours: 3_600_000, minutes: 60_000, seconds: 1_000, milliseconds: 1 } as const;
const ISO_8601 =
  /^P(?=.)(?:(\d+(?:\.\d+)?)D)?(?:T(?=.)(?:(\d+(?:\.\d+)?)H)?(?:(\d+(?:\.\d+)?)M)?(?:(\d+(?:\.\d+)?)S)?)?$/;
const MAX_MS = 365 * UNITS.days;

/** Milliseconds of an ISO 8601 duration of days, hours, minutes and seconds; undefined when it is none. */
export function parseDuration(text: string): number | undefined {
  const match = ISO_8601.exec(text);
  if (!match) return undefined;
  const [, days, hours, minutes, seconds] = match;
  return Math.round(
    Number(days ?? 0) * UNITS.days +
      Number(hours ?? 0) * UNITS.hours +
      Number(minutes ?? 0) * UNITS.minutes +
      Number(seconds ?? 0) * UNITS.seconds,
  );
}

const amount = z.number().nonnegative().optional();

/**
 * A duration as documents write it: ISO 8601 (`PT30S`) or an object (`{seconds: 30}`); at most a year.
 * Parsing gives milliseconds.
 */
export const durationSchema = z
  .union([
    z.string().max(64),
    z.strictObject({ days: amount, hours: amount, minutes: amount, seconds: amount, milliseconds: amount }),
  ])
  .transform((value, context): number => {
    const ms = typeof value === 'string' ? parseDuration(value) : totalMs(value);
    if (ms !== undefined && ms > 0 && ms <= MAX_MS) return ms;
    context.addIssue({
      code: 'custom',
      message: 'must be a positive duration of at most 365 days, such as PT30S or {seconds: 30}',
    });
    return z.NEVER;
  });

function totalMs(parts: Partial<Record<keyof typeof UNITS, number>>): number {
  return Math.round(
    Object.entries(UNITS).reduce((sum, [unit, ms]) => sum + (parts[unit as keyof typeof UNITS] ?? 0) * ms, 0),
  );
}
