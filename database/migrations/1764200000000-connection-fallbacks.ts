import type { MigrationInterface, QueryRunner } from 'typeorm';

export class ConnectionFallbacks1764200000000 implements MigrationInterface {
  readonly name = 'ConnectionFallbacks1764200000000';

  async up(runner: QueryRunner): Promise<void> {
    await runner.query(UP);
  }

  async down(runner: QueryRunner): Promise<void> {
    await runner.query(`
      ALTER TABLE call_journal DROP COLUMN degraded;
      ALTER TABLE connector_call DROP COLUMN base_url;
      DROP TABLE connection_health`);
  }
}

const UP = `
  CREATE TABLE connection_health (
    connection_id uuid PRIMARY KEY,
    org_id uuid NOT NULL,
    urls json NOT NULL
  );
  ALTER TABLE connection_health ENABLE ROW LEVEL SECURITY;
  ALTER TABLE connection_health FORCE ROW LEVEL SECURITY;
  CREATE POLICY own_organisation ON connection_health
    USING (org_id = nullif(current_setting('app.org', true), '')::uuid);
  GRANT SELECT, INSERT, UPDATE, DELETE ON connection_health TO brikk_app;
  ALTER TABLE connector_call ADD COLUMN base_url text;
  ALTER TABLE call_journal ADD COLUMN degraded boolean`;
