import { MAX_ITEM_BYTES, type StartBulk } from '../../../contracts/bulk.js';
import { BrikkError, type Violation } from '../../../contracts/errors.js';
import { inWords } from '../common/in-words.js';
import { checkRun } from './check-run.js';

const MAX_VIOLATIONS = 100;

/**
 * What no schema can say of a bulk run: what holds for the parameters of every run, and that no item is larger than a
 * run of its own may be. Fails `request.invalid` with every place, or `expression.invalid`.
 */
export function checkBulk(start: StartBulk): void {
  const violations: Violation[] = [];
  const check = (path: string, value: unknown) => {
    if (violations.length >= MAX_VIOLATIONS || bytesOf(value) <= MAX_ITEM_BYTES) return;
    const message = `must be at most ${MAX_ITEM_BYTES / 1_024} KiB`;
    violations.push({ path, message, allowed: { maxBytes: MAX_ITEM_BYTES } });
  };
  check('with', start.with);
  for (const [index, input] of start.inputs.entries()) check(`inputs[${index}]`, input);
  if (violations.length > 0)
    throw new BrikkError('request.invalid', inWords('The bulk run breaks a limit', violations), { violations });
  checkRun(start);
}

const bytesOf = (value: unknown): number => Buffer.byteLength(JSON.stringify(value));
