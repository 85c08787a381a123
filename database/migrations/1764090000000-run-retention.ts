import type { MigrationInterface, QueryRunner } from 'typeorm';

/** The record of runs, which is only added to otherwise. */
const RECORD = ['run_event', 'call_journal', 'payload'];
const OF_RUNS = [...RECORD, 'run', 'bulk_shard', 'bulk_item', 'approval', 'budget_ledger', 'budget_reservation'];

export class RunRetention1764090000000 implements MigrationInterface {
  readonly name = 'RunRetention1764090000000';

  async up(runner: QueryRunner): Promise<void> {
    await runner.query(COLUMNS);
    for (const table of RECORD)
      await runner.query(
        onlyWhatIsDue(table, `EXISTS (SELECT FROM run WHERE id = ${table}.run_id AND delete_at <= now())`),
      );
    await runner.query(onlyWhatIsDue('run', 'delete_at <= now()'));
    await runner.query(GRANTS);
  }

  async down(runner: QueryRunner): Promise<void> {
    for (const table of [...RECORD, 'run']) await runner.query(`DROP POLICY only_what_is_due ON ${table}`);
    await runner.query(`
      REVOKE DELETE ON ${OF_RUNS.join(', ')} FROM brikk_app;
      REVOKE UPDATE (run_id) ON payload FROM brikk_app;
      REVOKE SELECT (delete_at, parent_run_id) ON run FROM brikk_dispatch;
      DROP INDEX call_journal_by_payload;
      DROP INDEX run_by_input;
      DROP INDEX run_by_output;
      DROP INDEX run_to_delete;
      ALTER TABLE run DROP COLUMN retention_ms, DROP COLUMN delete_at`);
  }
}

/** The last three find who else has a stored value. */
const COLUMNS = `
  ALTER TABLE run ADD retention_ms double precision, ADD delete_at timestamptz(3);
  CREATE INDEX run_to_delete ON run (delete_at) WHERE delete_at IS NOT NULL;
  CREATE INDEX run_by_output ON run (output_ref) WHERE output_ref IS NOT NULL;
  CREATE INDEX run_by_input ON run (input_ref) WHERE input_ref IS NOT NULL;
  CREATE INDEX call_journal_by_payload ON call_journal (payload_ref) WHERE payload_ref IS NOT NULL`;

const onlyWhatIsDue = (table: string, condition: string) => `
  CREATE POLICY only_what_is_due ON ${table} AS RESTRICTIVE FOR DELETE TO brikk_app
    USING (${condition})`;

const GRANTS = `
  GRANT DELETE ON ${OF_RUNS.join(', ')} TO brikk_app;
  GRANT UPDATE (run_id) ON payload TO brikk_app;
  GRANT SELECT (delete_at, parent_run_id) ON run TO brikk_dispatch`;
