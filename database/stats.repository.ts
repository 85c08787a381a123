import type { Database, Tx } from './database.js';
import { NO_PART } from './find-run.js';
import { STATE_NOW } from './list-agents.js';

type Counts = Record<string, number>;

/** The organisation's runs by status and its agents' instances by state, as the database's clock sees them. */
export async function countByState(tx: Tx): Promise<{ runs: Counts; agents: Counts }> {
  const runs = await tx<Counted>(
    `SELECT status AS name, count(*)::int AS count FROM run WHERE ${NO_PART} GROUP BY status`,
  );
  const agents = await tx<Counted>(
    `SELECT ${STATE_NOW} AS name, count(*)::int AS count FROM agent a JOIN agent_instance i ON i.agent_id = a.id GROUP BY 1`,
  );
  return { runs: toCounts(runs), agents: toCounts(agents) };
}

/** Runs of all organisations by status, for metrics. */
export async function countRunsOfAll(database: Database): Promise<Counts> {
  const rows = await database.asDispatch((tx) =>
    tx<Counted>(`SELECT status AS name, count(*)::int AS count FROM run WHERE ${NO_PART} GROUP BY status`),
  );
  return toCounts(rows);
}

interface Counted {
  name: string;
  count: number;
}
const toCounts = (rows: Counted[]): Counts => Object.fromEntries(rows.map(({ name, count }) => [name, count]));
