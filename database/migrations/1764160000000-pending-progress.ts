import type { MigrationInterface, QueryRunner } from 'typeorm';

export class PendingProgress1764160000000 implements MigrationInterface {
  readonly name = 'PendingProgress1764160000000';

  async up(runner: QueryRunner): Promise<void> {
    await runner.query(`
      ALTER TABLE pending_call
        ADD COLUMN idle_ms bigint,
        ADD COLUMN silent_at timestamptz(3),
        ADD COLUMN told integer NOT NULL DEFAULT 0,
        ADD COLUMN told_at timestamptz(3),
        ADD COLUMN untold json;
      CREATE INDEX pending_call_silent ON pending_call (silent_at) WHERE silent_at IS NOT NULL;
      GRANT SELECT (org_id, run_id, call_key, silent_at) ON pending_call TO brikk_dispatch;
      CREATE POLICY dispatch ON pending_call FOR SELECT TO brikk_dispatch USING (silent_at <= clock_timestamp())`);
  }

  async down(runner: QueryRunner): Promise<void> {
    await runner.query(`
      DROP POLICY dispatch ON pending_call;
      REVOKE SELECT (org_id, run_id, call_key, silent_at) ON pending_call FROM brikk_dispatch;
      ALTER TABLE pending_call
        DROP COLUMN idle_ms, DROP COLUMN silent_at, DROP COLUMN told, DROP COLUMN told_at, DROP COLUMN untold`);
  }
}
