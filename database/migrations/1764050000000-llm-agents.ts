import type { MigrationInterface, QueryRunner } from 'typeorm';

export class LlmAgents1764050000000 implements MigrationInterface {
  readonly name = 'LlmAgents1764050000000';

  async up(runner: QueryRunner): Promise<void> {
    await runner.query('ALTER TABLE agent ADD COLUMN settings json');
    await runner.query(LLM_TURNS);
    await runner.query('GRANT SELECT, INSERT, UPDATE, DELETE ON llm_turn TO brikk_app');
  }

  async down(runner: QueryRunner): Promise<void> {
    await runner.query('DROP TABLE llm_turn');
    await runner.query('ALTER TABLE agent DROP COLUMN settings');
  }
}

const LLM_TURNS = `
  CREATE TABLE llm_turn (
    run_id uuid NOT NULL,
    call_key text NOT NULL,
    agent_id uuid NOT NULL,
    turn integer NOT NULL,
    org_id uuid NOT NULL,
    content json NOT NULL,
    at timestamptz(3) NOT NULL DEFAULT now(),
    PRIMARY KEY (run_id, call_key, agent_id, turn)
  );
  CREATE INDEX llm_turn_by_org ON llm_turn (org_id, at);
  ALTER TABLE llm_turn ENABLE ROW LEVEL SECURITY;
  ALTER TABLE llm_turn FORCE ROW LEVEL SECURITY;
  CREATE POLICY own_organisation ON llm_turn
    USING (org_id = nullif(current_setting('app.org', true), '')::uuid)`;
