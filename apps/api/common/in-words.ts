import type { Violation } from '../../../contracts/errors.js';

/** One sentence for whoever reads no list: the first violation, and how many more there are. */
export function inWords(what: string, violations: readonly Violation[]): string {
  const [first, ...others] = violations;
  if (!first) return what;
  const { path, message, didYouMean } = first;
  const place = path === 'body' || path === 'query' ? '' : ` at ${path}`;
  const hint = didYouMean === undefined ? '' : ` (did you mean ${didYouMean}?)`;
  const rest = others.length === 0 ? '' : `, and ${others.length} more`;
  return `${what}${place}: ${message}${hint}${rest}`;
}
