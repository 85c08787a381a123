/**
 * Reads what a decision or an event of a newer platform holds: what is missing or of another kind is empty, so that a
 * story never fails on what it does not know.
 */
export type Loose = Record<string, unknown>;

export const recordOf = (value: unknown): Loose =>
  typeof value === 'object' && value !== null && !Array.isArray(value) ? (value as Loose) : {};

export const listOf = (value: unknown): unknown[] => (Array.isArray(value) ? value : []);

export const namesOf = (value: unknown): string[] => listOf(value).map(textOf);

export const numberOf = (value: unknown): number | undefined => (typeof value === 'number' ? value : undefined);

/** A text as it is, anything else as JSON; empty for nothing. */
export function textOf(value: unknown): string {
  if (typeof value === 'string') return value;
  return value === null || value === undefined ? '' : (JSON.stringify(value) ?? '');
}
