type Statistic = 'mean' | 'median' | 'trimmed' | 'min' | 'max';

/**
 * One number for several, at least one. `trimmed` is the mean without the lowest and the highest tenth, at least one of
 * each from three values on.
 */
export function statistic(kind: Statistic, values: readonly number[]): number {
  const sorted = values.toSorted((one, other) => one - other);
  const last = sorted.length - 1;
  switch (kind) {
    case 'min':
      return sorted[0] as number;
    case 'max':
      return sorted[last] as number;
    case 'mean':
      return mean(sorted);
    case 'median':
      return mean([sorted[Math.floor(last / 2)] as number, sorted[Math.ceil(last / 2)] as number]);
    case 'trimmed':
      return mean(trim(sorted));
  }
}

function trim(sorted: number[]): number[] {
  if (sorted.length < 3) return sorted;
  const cut = Math.max(1, Math.floor(sorted.length / 10));
  return sorted.slice(cut, sorted.length - cut);
}

/** Halves first when the sum would overflow. */
function mean(values: number[]): number {
  const sum = values.reduce((total, value) => total + value, 0);
  if (Number.isFinite(sum)) return sum / values.length;
  return values.reduce((total, value) => total + value / values.length, 0);
}
