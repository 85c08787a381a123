import { memoryEntrySchema, memorySummarySchema } from '../../../contracts/memory.js';
import { pageSchema } from '../../../contracts/lists.js';
import type { Description } from '../common/describe.decorator.js';

const written = { 200: memorySummarySchema, 201: memorySummarySchema };

/** What the routes of every scope say of themselves. */
export const MEMORY_ROUTES = {
  list: { summary: 'List what is remembered, by key', answers: { 200: pageSchema(memorySummarySchema) } },
  get: {
    summary: 'Read a memory entry',
    description: 'The header ETag holds the version, for If-Match.',
    answers: { 200: memoryEntrySchema },
    errors: ['memory.not_found'],
  },
  put: {
    summary: 'Remember a value',
    description:
      'Compare-and-set with `ifVersion`, `If-Match: "<version>"` or `If-None-Match: *`: 409 with the version that stands. ' +
      '201 when the entry is new.',
    answers: written,
    errors: ['memory.conflict', 'memory.too_large'],
    examples: { set: { value: { owner: 'storage' }, ttlMs: 86_400_000 }, compareAndSet: { value: 8, ifVersion: 1 } },
    conditional: true,
  },
  append: {
    summary: 'Append an item to a remembered list',
    description: 'A list that is not there begins empty. Writers at the same time follow one another.',
    answers: written,
    errors: ['memory.not_a_list', 'memory.too_large'],
    examples: { note: { item: { at: '09:14', note: 'disk full again' }, maxItems: 100 } },
    idempotent: true,
  },
  remove: {
    summary: 'Forget a memory entry',
    answers: { 204: null },
    errors: ['memory.not_found', 'memory.conflict'],
    conditional: true,
  },
} as const satisfies Record<string, Description>;
