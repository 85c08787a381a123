import type { MigrationInterface, QueryRunner } from 'typeorm';

const TABLES = ['run_feedback', 'agent_score', 'agent_reputation'];

export class Feedback1763840000000 implements MigrationInterface {
  readonly name = 'Feedback1763840000000';

  async up(runner: QueryRunner): Promise<void> {
    await runner.query(FEEDBACK);
    for (const table of TABLES) await runner.query(onlyOwnRows(table));
    await runner.query(`GRANT SELECT, INSERT, UPDATE, DELETE ON ${TABLES.join(', ')} TO brikk_app`);
  }

  async down(runner: QueryRunner): Promise<void> {
    await runner.query(`DROP TABLE ${TABLES.join(', ')}`);
  }
}

const FEEDBACK = `
  CREATE TABLE run_feedback (
    run_id uuid NOT NULL,
    call_key text NOT NULL,
    actor_id text NOT NULL,
    org_id uuid NOT NULL,
    score double precision NOT NULL,
    comment text,
    at timestamptz(3) NOT NULL,
    PRIMARY KEY (run_id, call_key, actor_id)
  );
  CREATE TABLE agent_score (
    run_id uuid NOT NULL,
    call_key text NOT NULL,
    actor_id text NOT NULL,
    agent_id uuid NOT NULL,
    capability text NOT NULL,
    org_id uuid NOT NULL,
    score double precision NOT NULL,
    at timestamptz(3) NOT NULL,
    PRIMARY KEY (run_id, call_key, actor_id, agent_id, capability)
  );
  CREATE INDEX agent_score_by_agent ON agent_score (agent_id, capability, at);
  CREATE TABLE agent_reputation (
    agent_id uuid NOT NULL,
    capability text NOT NULL,
    org_id uuid NOT NULL,
    reputation double precision NOT NULL,
    PRIMARY KEY (agent_id, capability)
  )`;

const onlyOwnRows = (table: string) => `
  ALTER TABLE ${table} ENABLE ROW LEVEL SECURITY;
  ALTER TABLE ${table} FORCE ROW LEVEL SECURITY;
  CREATE POLICY own_organisation ON ${table}
    USING (org_id = nullif(current_setting('app.org', true), '')::uuid)`;
