import type { MigrationInterface, QueryRunner } from 'typeorm';

export class ConsolidatedCalls1764121000000 implements MigrationInterface {
  readonly name = 'ConsolidatedCalls1764121000000';

  async up(runner: QueryRunner): Promise<void> {
    await runner.query(TABLE);
  }

  async down(runner: QueryRunner): Promise<void> {
    await runner.query('DROP TABLE consolidated_call');
  }
}

/** Each call with the one that is sent for it, which is itself where it leads. */
const TABLE = `
  CREATE TABLE consolidated_call (
    run_id uuid NOT NULL,
    call_key text NOT NULL,
    org_id uuid NOT NULL,
    fingerprint text NOT NULL,
    lead_run_id uuid NOT NULL,
    lead_call_key text NOT NULL,
    asked_at timestamptz(3) NOT NULL DEFAULT clock_timestamp(),
    open_until timestamptz(3),
    PRIMARY KEY (run_id, call_key)
  );
  CREATE INDEX consolidated_call_open ON consolidated_call (org_id, fingerprint) WHERE open_until IS NOT NULL;
  CREATE INDEX consolidated_call_asked ON consolidated_call (org_id, asked_at);
  ALTER TABLE consolidated_call ENABLE ROW LEVEL SECURITY;
  ALTER TABLE consolidated_call FORCE ROW LEVEL SECURITY;
  CREATE POLICY own_organisation ON consolidated_call
    USING (org_id = nullif(current_setting('app.org', true), '')::uuid);
  GRANT SELECT, INSERT, UPDATE, DELETE ON consolidated_call TO brikk_app`;
