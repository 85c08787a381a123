import type { MigrationInterface, QueryRunner } from 'typeorm';

export class AgentSessions1764060000000 implements MigrationInterface {
  readonly name = 'AgentSessions1764060000000';

  async up(runner: QueryRunner): Promise<void> {
    await runner.query(TABLE);
    await runner.query(POLICIES);
  }

  async down(runner: QueryRunner): Promise<void> {
    await runner.query('DROP TABLE agent_session');
  }
}

const TABLE = `
  CREATE TABLE agent_session (
    id uuid NOT NULL PRIMARY KEY,
    org_id uuid NOT NULL,
    agent_id uuid NOT NULL,
    instance_id uuid NOT NULL,
    key text NOT NULL,
    state json NOT NULL DEFAULT 'null',
    version integer NOT NULL DEFAULT 0,
    bytes integer NOT NULL DEFAULT 0,
    hand_overs integer NOT NULL DEFAULT 0,
    ttl_ms double precision NOT NULL,
    created_at timestamptz(3) NOT NULL DEFAULT clock_timestamp(),
    used_at timestamptz(3) NOT NULL DEFAULT clock_timestamp(),
    expires_at timestamptz(3) NOT NULL
  );
  CREATE UNIQUE INDEX agent_session_of_agent ON agent_session (agent_id, key);
  CREATE INDEX agent_session_expires ON agent_session (expires_at)`;

/** The sweeper sees and deletes what is over, and nothing else. */
const POLICIES = `
  ALTER TABLE agent_session ENABLE ROW LEVEL SECURITY;
  ALTER TABLE agent_session FORCE ROW LEVEL SECURITY;
  CREATE POLICY own_organisation ON agent_session
    USING (org_id = nullif(current_setting('app.org', true), '')::uuid);
  GRANT SELECT, INSERT, UPDATE, DELETE ON agent_session TO brikk_app;
  GRANT SELECT (expires_at), DELETE ON agent_session TO brikk_dispatch;
  CREATE POLICY dispatch ON agent_session TO brikk_dispatch USING (expires_at < now())`;
