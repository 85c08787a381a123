import { invalidField } from '../common/invalid-field.js';
import type { ArdEntry } from './ard-entry.js';
import type { ArdSearch } from './ard-search.js';

const TERMS = ['identifier', 'displayName', 'type', 'version', 'tags', 'capabilities'] as const;
const ALLOWED = [...TERMS, 'publisher', 'metadata.<label>'].join(', ');

/** Whether an entry keeps to all constraints: one of the values for each term (ARD 0.91, 5.3.1). Fails for other terms. */
export function keepsTo(filter: NonNullable<ArdSearch['query']['filter']>): (entry: ArdEntry) => boolean {
  const constraints = Object.entries(filter).map(([term, values]) => ({
    read: readerOf(term),
    wanted: [values].flat(),
  }));
  return (entry) => constraints.every(({ read, wanted }) => read(entry).some((value) => wanted.includes(value)));
}

function readerOf(term: string): (entry: ArdEntry) => string[] {
  const known = TERMS.find((one) => one === term);
  if (known) return (entry) => [entry[known] ?? []].flat();
  if (term === 'publisher') return ({ identifier }) => identifier.split(':').slice(2, 3);
  const label = /^metadata\.(.+)$/s.exec(term)?.[1];
  if (label === undefined)
    throw invalidField('query.filter', `names ${term}, by which nothing is found here: ${ALLOWED}`);
  return ({ metadata = {} }) => (Object.hasOwn(metadata, label) ? [metadata[label]!] : []);
}
