import type { Database, Tx } from './database.js';
import { NO_PART } from './find-run.js';
import { STATE_NOW } from './list-agents.js';

type Counts = Record<string, number>;

/** How many runs are where, by status: those that have not ended, and those that ended within the last five minutes. */
interface RunCounts {
  runs: Counts;
  ended: Counts;
}

/** The organisation's runs by status and its agents' instances by state, as the database's clock sees them. */
export async function countByState(tx: Tx): Promise<RunCounts & { agents: Counts }> {
  const agents = await tx<Counted>(
    `SELECT ${STATE_NOW} AS name, count(*)::int AS count FROM agent a JOIN agent_instance i ON i.agent_id = a.id GROUP BY 1`,
  );
  return { ...(await countRuns(tx)), agents: toCounts(agents) };
}

/** Runs of all organisations by status, for metrics. */
export const countRunsOfAll = (database: Database): Promise<RunCounts> => database.asDispatch(countRuns);

/** What ended before is not counted: that takes longer with every run. */
async function countRuns(tx: Tx): Promise<RunCounts> {
  const byStatus = (which: string) =>
    tx<Counted>(`SELECT status AS name, count(*)::int AS count FROM run WHERE ${which} AND ${NO_PART} GROUP BY status`);
  const [runs, ended] = await Promise.all([
    byStatus('finished_at IS NULL'),
    byStatus(`finished_at > now() - interval '5 minutes'`),
  ]);
  return { runs: toCounts(runs), ended: toCounts(ended) };
}

interface Counted {
  name: string;
  count: number;
}
const toCounts = (rows: Counted[]): Counts => Object.fromEntries(rows.map(({ name, count }) => [name, count]));
