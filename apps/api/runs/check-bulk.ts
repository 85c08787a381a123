import { MAX_ITEM_BYTES, MAX_WITH_BYTES } from '../../../contracts/bulk.js';
import { BrikkError, type Violation } from '../../../contracts/errors.js';
import type { AcceptableBulk } from '../../../contracts/start-bulk.js';
import { inWords } from '../common/in-words.js';
import type { Need } from './check-needs.js';
import { checkRun } from './check-run.js';
import { definitionNeeds } from './definition-needs.js';

const MAX_VIOLATIONS = 100;

/**
 * What no schema can say of a bulk run: what holds for the parameters of every run, and how large items and parameters
 * may be. Fails `request.invalid` with every place, or `expression.invalid`.
 */
export function checkBulk(start: AcceptableBulk): Need[] {
  const violations: Violation[] = [];
  const check = (path: string, value: unknown, maxBytes: number) => {
    if (violations.length >= MAX_VIOLATIONS || bytesOf(value) <= maxBytes) return;
    violations.push({ path, message: `must be at most ${maxBytes / 1_024} KiB`, allowed: { maxBytes } });
  };
  if (start.pattern !== 'workflow') check('with', start.with, MAX_WITH_BYTES);
  for (const [index, input] of start.inputs.entries()) check(`inputs[${index}]`, input, MAX_ITEM_BYTES);
  if (violations.length > 0)
    throw new BrikkError('request.invalid', inWords('The bulk run breaks a limit', violations), { violations });
  return start.pattern === 'workflow' ? definitionNeeds(start.with.definition) : checkRun(start);
}

const bytesOf = (value: unknown): number => Buffer.byteLength(JSON.stringify(value));
