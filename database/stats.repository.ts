import type { Database, Tx } from './database.js';
import { sqlOf } from './sql.js';

type Counts = Record<string, number>;
interface Counted {
  name: string;
  count: string;
}

/** Runs by status and agent instances by state, of the transaction's organisation. */
export async function countByState(tx: Tx): Promise<{ runs: Counts; agents: Counts }> {
  const runs = await sqlOf(tx)<Counted>('SELECT status AS name, count(*) AS count FROM run GROUP BY status');
  const agents = await sqlOf(tx)<Counted>('SELECT state AS name, count(*) AS count FROM agent_instance GROUP BY state');
  return { runs: toCounts(runs), agents: toCounts(agents) };
}

/** Runs by status over all organisations. */
export async function countRunsOfAll(database: Database): Promise<Counts> {
  const count = 'SELECT status AS name, count(*) AS count FROM run GROUP BY status';
  return toCounts(await database.asDispatch((tx) => sqlOf(tx)<Counted>(count)));
}

const toCounts = (rows: Counted[]): Counts => Object.fromEntries(rows.map(({ name, count }) => [name, Number(count)]));
