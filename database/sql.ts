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

/** Statements on a plain connection. Prepared once per connection and text. */
export const sqlOn =
  (client: pg.ClientBase): Sql =>
  async <Row extends object>(text: string, values?: unknown[]) =>
    (await client.query<Row>(text, values)).rows;
