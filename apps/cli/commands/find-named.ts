import type { Page } from '../../../contracts/lists.js';
import { UserError } from '../user-error.js';

/** One of a list, by its name or id. Fails with a `UserError` that says where to look. */
export async function findNamed<Item extends { id: string; name: string }>(
  list: (page: { limit: number; cursor?: string }) => Promise<Page<Item>>,
  wanted: string,
  { what, see }: { what: string; see: string },
): Promise<Item> {
  for (let cursor: string | undefined; ;) {
    const page = await list({ limit: 200, ...(cursor !== undefined && { cursor }) });
    const found = page.items.find(({ id, name }) => id === wanted || name === wanted);
    if (found) return found;
    if (page.nextCursor === null) throw new UserError(`There is no ${what} ${wanted}; see ${see}.`);
    cursor = page.nextCursor;
  }
}
