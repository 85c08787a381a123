import type { Value } from '../../contracts/values.js';
import { isTruthy } from '../language/jq/index.js';
import { plain } from './values.js';

/** Whether a condition holds, by jq's rule: all but null and false. A reference stands for a large value, which is true. */
export function holds(value: Value): boolean {
  const json = plain(value);
  return json === undefined || isTruthy(json);
}
