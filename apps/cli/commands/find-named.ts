import type { Page } from '../../../contracts/lists.js';
import { everyItem } from '../../../sdk/every-item.js';
import { UserError } from '../user-error.js';

/** One of a list, by its name or id. Fails with a `UserError` that says where to look. */
export async function findNamed<Item extends { id: string; name: string }>(
  list: (page: { limit: number; cursor?: string }) => Promise<Page<Item>>,
  wanted: string,
  { what, see }: { what: string; see: string },
): Promise<Item> {
  for await (const item of everyItem(list)) if (item.id === wanted || item.name === wanted) return item;
  throw new UserError(`There is no ${what} ${wanted}; see ${see}.`);
}
