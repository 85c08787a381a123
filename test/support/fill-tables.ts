import type pg from 'pg';

/** Nothing is due and nothing waits to be swept: times are to come, and what can be true is. By type; others are numbers. */
const VALUES: Record<string, string> = {
  uuid: 'gen_random_uuid()',
  text: 'md5(n::text)',
  boolean: 'true',
  'timestamp with time zone': "now() + interval '1 year' + n * interval '1 second'",
  json: "'{}'",
  jsonb: "'{}'",
  ARRAY: "'{}'",
  bytea: "''",
  tsvector: "''",
};
/** Of this month: rows lie in partitions by the times in the ids of their runs. */
const RUN_ID = `overlay(gen_random_uuid()::text PLACING lpad(to_hex((extract(epoch FROM now()) * 1000)::bigint >> 16), 8, '0')
  FROM 1 FOR 8)::uuid`;

interface Table {
  name: string;
  columns: { name: string; type: string }[];
}

/**
 * Puts rows of as many other organisations into each table of organisations, past all rules but those of unique keys, and has
 * the planner know of them. Resolves with the names of the tables.
 */
export async function fillTables(
  owner: pg.Client,
  { rows, but }: { rows: number; but: readonly string[] },
): Promise<string[]> {
  const checks = await owner.query<{ drop: string }>(
    `SELECT format('ALTER TABLE %s DROP CONSTRAINT %I', conrelid::regclass, conname) AS drop FROM pg_constraint
     WHERE contype = 'c' AND connamespace = 'public'::regnamespace AND conislocal`,
  );
  for (const { drop } of checks.rows) await owner.query(drop);
  const tables = await owner.query<Table>(
    `SELECT c.table_name AS name, json_agg(json_build_object('name', c.column_name, 'type', c.data_type)) AS columns
     FROM information_schema.columns c JOIN pg_class t ON t.oid = format('public.%I', c.table_name)::regclass
     WHERE t.relkind IN ('r', 'p') AND NOT t.relispartition AND c.table_name <> ALL ($1)
       AND c.table_schema = 'public' AND c.is_identity = 'NO' AND c.is_generated = 'NEVER'
     GROUP BY 1 HAVING bool_or(c.column_name = 'org_id')`,
    [but],
  );
  await owner.query(`SET session_replication_role = 'replica'`);
  for (const { name, columns } of tables.rows) {
    const values = columns.map((column) => (column.name === 'run_id' ? RUN_ID : (VALUES[column.type] ?? 'n')));
    await owner.query(
      `INSERT INTO "${name}" (${columns.map((column) => `"${column.name}"`).join(', ')})
       SELECT ${values.join(', ')} FROM generate_series(1, $1) AS n`,
      [rows],
    );
  }
  await owner.query('ANALYZE');
  return tables.rows.map(({ name }) => name);
}
