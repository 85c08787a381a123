import type pg from 'pg';

/** Of the days before now: as many as lie in a partition of their own at the end of a month. */
const DAYS = 20;
/** With each of them the columns that differ from run to run; `i` is the run that a copy is of. */
const COPIED: Record<string, Record<string, string>> = {
  run: {
    id: 'i.id',
    accepted_at: 'i.at',
    started_at: 'i.at',
    finished_at: "i.at + interval '1 second'",
    delete_at: 'NULL',
    correlation_id: "'order-' || i.n % 100000",
    status: "CASE WHEN i.n % 100 = 0 THEN 'failed' ELSE 'completed' END",
  },
  run_event: { run_id: 'i.id', at: 'i.at' },
  call_journal: { run_id: 'i.id', at: 'i.at' },
};

/**
 * Copies a run that has ended `runs` times, with its events and calls, as if it had been started at even distances over
 * the last days, and has the planner know. Resolves with the number of rows in each table.
 */
export async function copyRun(owner: pg.Client, runId: string, runs: number): Promise<Record<string, number>> {
  await owner.query(
    `CREATE TEMP TABLE copies AS
     SELECT n, at, (lpad(to_hex((extract(epoch FROM at) * 1000)::bigint), 12, '0') || '7' || left(md5(n::text), 3) || '8' ||
       right(md5(n::text), 15))::uuid AS id
     FROM (SELECT n, now() - n * (interval '${DAYS} days' / $1::int) AS at FROM generate_series(1, $1::int) AS n) AS s`,
    [runs],
  );
  await owner.query(`SET session_replication_role = 'replica'`);
  const rows: Record<string, number> = {};
  for (const [table, differing] of Object.entries(COPIED)) {
    const columns = await columnsOf(owner, table);
    const values = columns.map((column) => differing[column] ?? `t."${column}"`);
    const key = table === 'run' ? 'id' : 'run_id';
    await owner.query(
      `INSERT INTO "${table}" (${columns.map((column) => `"${column}"`).join(', ')})
       SELECT ${values.join(', ')} FROM copies i, "${table}" t WHERE t."${key}" = $1`,
      [runId],
    );
    const counted = await owner.query<{ rows: number }>(`SELECT count(*)::int AS rows FROM "${table}"`);
    rows[table] = counted.rows[0]?.rows ?? 0;
  }
  await owner.query(`SET session_replication_role = 'origin'`);
  await owner.query('VACUUM ANALYZE');
  return rows;
}

async function columnsOf(owner: pg.Client, table: string): Promise<string[]> {
  const { rows } = await owner.query<{ name: string }>(
    `SELECT column_name AS name FROM information_schema.columns
     WHERE table_schema = 'public' AND table_name = $1 AND is_identity = 'NO' AND is_generated = 'NEVER'`,
    [table],
  );
  return rows.map(({ name }) => name);
}
