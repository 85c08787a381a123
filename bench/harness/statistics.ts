/** The value below which the share `q` of the values lies (nearest rank); NaN without values. */
export function quantile(values: readonly number[], q: number): number {
  const sorted = [...values].sort((a, b) => a - b);
  return sorted[Math.min(sorted.length - 1, Math.max(0, Math.ceil(q * sorted.length) - 1))] ?? NaN;
}

export function median(values: readonly number[]): number {
  return quantile(values, 0.5);
}

/** One decimal below 1,000, none above: enough for milliseconds and rates. */
export function rounded(value: number): number {
  return Math.abs(value) >= 1_000 ? Math.round(value) : Number(value.toFixed(Math.abs(value) < 10 ? 2 : 1));
}

/** Each number of the rows by its median over the rows. */
export function medianOfRows<Row extends Record<string, number>>(rows: readonly Row[]): Row {
  const names = Object.keys(rows[0] ?? {});
  return Object.fromEntries(
    names.map((name) => [name, rounded(median(rows.map((row) => row[name] as number)))]),
  ) as Row;
}

/** The order in which `subjects` take their turn in a round: rotated, so that none always goes first. */
export function rotated<T>(subjects: readonly T[], round: number): T[] {
  const first = round % subjects.length;
  return [...subjects.slice(first), ...subjects.slice(0, first)];
}
