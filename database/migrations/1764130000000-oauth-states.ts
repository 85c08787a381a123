import type { MigrationInterface, QueryRunner } from 'typeorm';

export class OAuthStates1764130000000 implements MigrationInterface {
  readonly name = 'OAuthStates1764130000000';

  async up(runner: QueryRunner): Promise<void> {
    await runner.query(STATES);
  }

  async down(runner: QueryRunner): Promise<void> {
    await runner.query('DROP TABLE oauth_state');
  }
}

const STATES = `
  CREATE TABLE oauth_state (
    state_hash text PRIMARY KEY,
    org_id uuid NOT NULL,
    connection_id uuid NOT NULL,
    credential_version integer NOT NULL,
    asked_by uuid NOT NULL,
    redirect_uri text NOT NULL,
    verifier text NOT NULL,
    code text,
    expires_at timestamptz(3) NOT NULL,
    used_at timestamptz(3)
  );
  CREATE INDEX oauth_state_by_connection ON oauth_state (connection_id);
  ALTER TABLE oauth_state ENABLE ROW LEVEL SECURITY;
  ALTER TABLE oauth_state FORCE ROW LEVEL SECURITY;
  CREATE POLICY own_organisation ON oauth_state
    USING (org_id = nullif(current_setting('app.org', true), '')::uuid);
  GRANT SELECT, INSERT, UPDATE, DELETE ON oauth_state TO brikk_app`;
