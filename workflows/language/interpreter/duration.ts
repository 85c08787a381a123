import type { Json } from '../../../contracts/json.js';

const UNITS = { days: 86_400_000, hours: 3_600_000, minutes: 60_000, seconds: 1_000, milliseconds: 1 } as const;
const NUMBER = String.raw`(\d+(?:\.\d+)?)`;
const ISO_8601 = new RegExp(
  `^P(?=.)(?:${NUMBER}Y)?(?:${NUMBER}M)?(?:${NUMBER}W)?(?:${NUMBER}D)?(?:T(?=.)(?:${NUMBER}H)?(?:${NUMBER}M)?(?:${NUMBER}S)?)?$`,
);
/** Milliseconds of the parts in their order. A year has 365 days, a month 30: what is waited for has no calendar. */
const PARTS = [365 * 86_400_000, 30 * 86_400_000, 7 * 86_400_000, 86_400_000, 3_600_000, 60_000, 1_000];

/** Milliseconds of a duration as definitions write it, ISO 8601 or an object of units; undefined when it is none. */
export function durationMs(value: Json): number | undefined {
  if (typeof value === 'string') {
    const match = ISO_8601.exec(value.trim());
    return match ? Math.round(PARTS.reduce((sum, ms, at) => sum + Number(match[at + 1] ?? 0) * ms, 0)) : undefined;
  }
  if (value === null || typeof value !== 'object' || Array.isArray(value)) return undefined;
  const parts = Object.entries(value);
  const isKnown = ([unit, amount]: [string, Json]) =>
    Object.hasOwn(UNITS, unit) && typeof amount === 'number' && amount >= 0;
  if (parts.length === 0 || !parts.every(isKnown)) return undefined;
  return Math.round(parts.reduce((sum, [unit, amount]) => sum + UNITS[unit as keyof typeof UNITS] * Number(amount), 0));
}
