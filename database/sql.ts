import type pg from 'pg';
import type { Tx } from './database.js';

/** One statement and its rows, whichever connection it runs on. */
export type Sql = <Row extends object>(text: string, values?: unknown[]) => Promise<Row[]>;

/** Statements inside a transaction of TypeORM; UPDATE … RETURNING gives its rows, too. */
export const sqlOf =
  (tx: Tx): Sql =>
  async <Row>(text: string, values?: unknown[]) => {
    const runner = tx.queryRunner;
    if (!runner) throw new Error('needs a transaction');
    const { records } = (await runner.query(text, values, true)) as { records: Row[] };
    return records ?? [];
  };

/**
 * Statements on a plain connection. `prepared`: planned once per connection and text, which saves two thirds of a small
 * flush; a large one is better off with a plan for its own size.
 */
export const sqlOn =
  (client: pg.ClientBase, { prepared }: { prepared: boolean }): Sql =>
  async <Row extends object>(text: string, values?: unknown[]) =>
    (await client.query<Row>({ text, values, ...(prepared && { name: nameOf(text) }) })).rows;

const names = new Map<string, string>();

/** Statement texts are constants of the code, so the names are few. */
function nameOf(text: string): string {
  const known = names.get(text);
  if (known) return known;
  const name = `brikk_${names.size}`;
  names.set(text, name);
  return name;
}
