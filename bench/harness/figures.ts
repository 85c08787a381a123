/** One number that is worth keeping, with what it is compared with and what was promised. */
export interface Figure {
  what: string;
  unit:
    'ms' | 'statements' | 'µs' | 'runs/s' | 'runs' | 'calls/s' | 'calls' | 'deliveries' | 'deliveries/s' | '%' | 'MB';
  brikk: number;
  reference?: { name: string; value: number };
  /** Brikk divided by the reference, each round by itself, then the median. */
  ratio?: number;
  target?: { text: string; met: boolean };
}

/** Figures as rows of a table, all cells filled. */
export function rowsOf(figures: readonly Figure[]): Record<string, string>[] {
  return figures.map(({ what, unit, brikk, reference, ratio, target }) => ({
    measured: what,
    Brikk: `${shown(brikk)} ${unit}`,
    reference: reference ? `${shown(reference.value)} ${unit} (${reference.name})` : '–',
    ratio: ratio === undefined ? '–' : `${ratio.toFixed(2)} ×`,
    target: target?.text ?? '–',
    met: target === undefined ? '–' : target.met ? 'yes' : 'no',
  }));
}

/** What was not measured is null in a file. */
const shown = (value: number): string => (Number.isFinite(value) ? value.toLocaleString('en-US') : 'none');
