import { BrikkError } from '../contracts/errors.js';
import type { Page } from '../contracts/lists.js';

/** Where the next page begins: an opaque text around the last row's id. */
export const encodeCursor = (lastId: string): string => Buffer.from(lastId).toString('base64url');

/** Fails `request.invalid` when the text was not given out as a cursor. */
export function decodeCursor(cursor: string, isId: (id: string) => boolean): string {
  const id = Buffer.from(cursor, 'base64url').toString();
  if (isId(id)) return id;
  throw new BrikkError('request.invalid', 'The cursor is not one of ours', {
    violations: [{ path: 'cursor', message: 'must be the nextCursor of an earlier page' }],
  });
}

/** Of lists in the order of names. */
export const isName = (text: string): boolean => /^[A-Za-z0-9._-]{1,128}$/.test(text);

/** Of `limit + 1` rows read, the page and whether there is another. */
export function toPage<Row, Item>(
  rows: Row[],
  limit: number,
  idOf: (row: Row) => string,
  show: (row: Row) => Item,
): Page<Item> {
  const shown = rows.slice(0, limit);
  const last = shown.at(-1);
  return {
    items: shown.map(show),
    nextCursor: rows.length > limit && last !== undefined ? encodeCursor(idOf(last)) : null,
  };
}
