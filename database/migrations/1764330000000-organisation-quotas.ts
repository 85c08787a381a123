import type { MigrationInterface, QueryRunner } from 'typeorm';

export class OrganisationQuotas1764330000000 implements MigrationInterface {
  readonly name = 'OrganisationQuotas1764330000000';

  async up(runner: QueryRunner): Promise<void> {
    await runner.query(TABLE);
  }

  async down(runner: QueryRunner): Promise<void> {
    await runner.query('DROP TABLE organisation_quota');
  }
}

/** `window_from` is the beginning of the window that was counted in, milliseconds since the epoch. */
const TABLE = `
  CREATE TABLE organisation_quota (
    org_id uuid PRIMARY KEY,
    window_ms double precision NOT NULL,
    calls double precision,
    tokens double precision,
    cost_usd double precision,
    window_from double precision NOT NULL DEFAULT -1,
    used_calls double precision NOT NULL DEFAULT 0,
    used_tokens double precision NOT NULL DEFAULT 0,
    used_cost_usd double precision NOT NULL DEFAULT 0
  );
  ALTER TABLE organisation_quota ENABLE ROW LEVEL SECURITY;
  ALTER TABLE organisation_quota FORCE ROW LEVEL SECURITY;
  CREATE POLICY own_organisation ON organisation_quota
    USING (org_id = nullif(current_setting('app.org', true), '')::uuid);
  GRANT SELECT, INSERT, UPDATE, DELETE ON organisation_quota TO brikk_app`;
