import { z } from 'zod';

/** `?limit=&cursor=` of every list; filters extend it, unknown fields are refused. */
export const pageQuerySchema = z.strictObject({
  limit: z.coerce.number().int().min(1).max(200).default(50),
  cursor: z.string().max(512).optional(),
});
export type PageQuery = z.infer<typeof pageQuerySchema>;

/** One page of a list; `nextCursor` asks for the next one, null: this is the last. */
export interface Page<Item> {
  items: Item[];
  nextCursor: string | null;
}
export const pageSchema = <Item extends z.ZodType>(item: Item) =>
  z.object({ items: z.array(item), nextCursor: z.string().nullable() });
