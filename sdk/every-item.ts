import type { Page } from '../contracts/lists.js';

/** The items of a list, a page at a time. Fails as `list` does. */
export async function* everyItem<Item>(
  list: (page: { limit: number; cursor?: string }) => Promise<Page<Item>>,
  limit = 200,
): AsyncGenerator<Item> {
  for (let cursor: string | null | undefined; cursor !== null;) {
    const page: Page<Item> = await list({ ...(cursor !== undefined && { cursor }), limit });
    yield* page.items;
    cursor = page.nextCursor;
  }
}
