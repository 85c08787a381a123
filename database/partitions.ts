import type pg from 'pg';
import { uuidFloor } from './uuid.js';

const PARTITIONED = ['run_event', 'call_journal'] as const;
/** This month and the next ones; the default partition takes what a longer absence leaves without a month. */
const MONTHS_AHEAD = 3;

/**
 * Makes the partitions of this month and the next three, and a default one. A UUIDv7 is ordered in time, so that a
 * month is a range of run ids. Rows that waited in the default partition move to their month. A repeat changes nothing.
 */
export async function ensurePartitions(client: pg.ClientBase, now: Date = new Date()): Promise<void> {
  for (const table of PARTITIONED) {
    await makePartition(client, table, `${table}_default`, 'DEFAULT');
    for (let ahead = 0; ahead <= MONTHS_AHEAD; ahead++) {
      const from = Date.UTC(now.getUTCFullYear(), now.getUTCMonth() + ahead);
      const to = Date.UTC(now.getUTCFullYear(), now.getUTCMonth() + ahead + 1);
      const name = `${table}_${new Date(from).toISOString().slice(0, 7).replace('-', '_')}`;
      await makePartition(client, table, name, { from: uuidFloor(from), to: uuidFloor(to) });
    }
  }
}

async function makePartition(
  client: pg.ClientBase,
  table: string,
  name: string,
  bounds: 'DEFAULT' | { from: string; to: string },
): Promise<void> {
  const { rows } = await client.query('SELECT to_regclass($1) AS found', [name]);
  if (rows[0]?.found) return;
  const range = bounds === 'DEFAULT' ? 'DEFAULT' : `FOR VALUES FROM ('${bounds.from}') TO ('${bounds.to}')`;
  await client.query('BEGIN');
  try {
    await client.query(`CREATE TABLE ${name} (LIKE ${table} INCLUDING DEFAULTS)`);
    if (bounds !== 'DEFAULT') await moveFromDefault(client, table, name, bounds);
    await client.query(`ALTER TABLE ${table} ATTACH PARTITION ${name} ${range}`);
    // Nobody reads a partition by its own name; without a policy there is nothing to see there either.
    await client.query(`ALTER TABLE ${name} ENABLE ROW LEVEL SECURITY, FORCE ROW LEVEL SECURITY`);
    await client.query('COMMIT');
  } catch (error) {
    await client.query('ROLLBACK');
    throw error;
  }
}

async function moveFromDefault(
  client: pg.ClientBase,
  table: string,
  name: string,
  { from, to }: { from: string; to: string },
): Promise<void> {
  const source = `${table}_default`;
  // The owner moves rows of all organisations, inside this transaction only.
  await client.query(`ALTER TABLE ${source} DISABLE ROW LEVEL SECURITY`);
  await client.query(
    `WITH moved AS (DELETE FROM ${source} WHERE run_id >= $1::uuid AND run_id < $2::uuid RETURNING *)
     INSERT INTO ${name} SELECT * FROM moved`,
    [from, to],
  );
  await client.query(`ALTER TABLE ${source} ENABLE ROW LEVEL SECURITY`);
}
