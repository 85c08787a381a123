import type { MigrationInterface, QueryRunner } from 'typeorm';

const TABLES = ['bulk_shard', 'bulk_item'];

export class Bulk1763810000000 implements MigrationInterface {
  readonly name = 'Bulk1763810000000';

  async up(runner: QueryRunner): Promise<void> {
    await runner.query(SCHEMA);
    for (const table of TABLES) await runner.query(onlyOwnRows(table));
  }

  async down(runner: QueryRunner): Promise<void> {
    await runner.query(`DROP TABLE ${TABLES.join(', ')}; DROP INDEX run_by_parent;
      ALTER TABLE run DROP COLUMN kind, DROP COLUMN max_concurrency`);
  }
}

const onlyOwnRows = (table: string) => `
  ALTER TABLE ${table} ENABLE ROW LEVEL SECURITY;
  ALTER TABLE ${table} FORCE ROW LEVEL SECURITY;
  CREATE POLICY own_organisation ON ${table}
    USING (org_id = nullif(current_setting('app.org', true), '')::uuid);
  GRANT SELECT, INSERT, UPDATE ON ${table} TO brikk_app`;

// Items are updated twice each: room in the page keeps their index as it is.
const SCHEMA = `
  ALTER TABLE run ADD COLUMN kind text NOT NULL DEFAULT 'single', ADD COLUMN max_concurrency integer;
  CREATE INDEX run_by_parent ON run (parent_run_id) WHERE parent_run_id IS NOT NULL;
  GRANT SELECT (kind) ON run TO brikk_dispatch;
  CREATE TABLE bulk_shard (
    run_id uuid NOT NULL,
    shard integer NOT NULL,
    org_id uuid NOT NULL,
    shard_run_id uuid NOT NULL,
    first_item integer NOT NULL,
    items integer NOT NULL,
    counts json NOT NULL,
    PRIMARY KEY (run_id, shard)
  );
  CREATE TABLE bulk_item (
    run_id uuid NOT NULL,
    index integer NOT NULL,
    org_id uuid NOT NULL,
    status text NOT NULL DEFAULT 'accepted',
    input json,
    input_ref uuid,
    output json,
    output_ref uuid,
    termination_reason text,
    error json,
    degraded boolean NOT NULL DEFAULT false,
    warnings text[] NOT NULL DEFAULT '{}',
    started_at timestamptz(3),
    finished_at timestamptz(3),
    PRIMARY KEY (run_id, index)
  ) WITH (fillfactor = 60)`;
