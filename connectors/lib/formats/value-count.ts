import { FormatError } from './format-error.js';

const MAX_VALUES = 100_000;

/** Counts what a text gives, so that a small one cannot become a large value. Fails with a FormatError beyond 100,000. */
export class ValueCount {
  private values = 0;

  add(count: number): void {
    this.values += count;
    if (this.values > MAX_VALUES) throw new FormatError(`it holds more than ${MAX_VALUES} values`);
  }
}
