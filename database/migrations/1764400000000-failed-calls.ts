import type { MigrationInterface, QueryRunner } from 'typeorm';

/** Calls that failed for good are found over all runs, by what was asked for; those that completed cost the index nothing. */
export class FailedCalls1764400000000 implements MigrationInterface {
  readonly name = 'FailedCalls1764400000000';

  async up(runner: QueryRunner): Promise<void> {
    await runner.query(`
      ALTER TABLE call_journal ADD COLUMN capability text;
      CREATE INDEX call_journal_failed ON call_journal (org_id, finished_at, run_id, call_key) WHERE status = 'failed'`);
  }

  async down(runner: QueryRunner): Promise<void> {
    await runner.query(`
      DROP INDEX call_journal_failed;
      ALTER TABLE call_journal DROP COLUMN capability`);
  }
}
