import type { MigrationInterface, QueryRunner } from 'typeorm';

const TABLES = ['selection_setting', 'selection_lesson', 'selection_choice'];

/** What calls with `select: learned` taught, and how each of them was chosen. */
export class LearnedSelection1763970001000 implements MigrationInterface {
  readonly name = 'LearnedSelection1763970001000';

  async up(runner: QueryRunner): Promise<void> {
    await runner.query(TABLE);
    for (const table of TABLES) await runner.query(onlyOwnRows(table));
    await runner.query(`GRANT SELECT, INSERT, UPDATE, DELETE ON ${TABLES.join(', ')} TO brikk_app`);
  }

  async down(runner: QueryRunner): Promise<void> {
    await runner.query(`DROP TABLE ${TABLES.join(', ')}`);
  }
}

const TABLE = `
  CREATE TABLE selection_setting (
    org_id uuid PRIMARY KEY,
    settings json NOT NULL
  );
  CREATE TABLE selection_lesson (
    org_id uuid NOT NULL,
    capability text NOT NULL,
    agent_id uuid NOT NULL,
    seen bigint NOT NULL,
    successes double precision NOT NULL,
    failures double precision NOT NULL,
    latency_ms double precision,
    cost_usd double precision NOT NULL,
    PRIMARY KEY (org_id, capability, agent_id)
  );
  CREATE TABLE selection_choice (
    org_id uuid NOT NULL,
    run_id uuid NOT NULL,
    call_key text NOT NULL,
    attempt integer NOT NULL,
    at timestamptz(3) NOT NULL DEFAULT clock_timestamp(),
    capability text NOT NULL,
    agent_id uuid NOT NULL,
    base_agent_id uuid NOT NULL,
    propensities json NOT NULL,
    succeeded boolean NOT NULL,
    latency_ms double precision NOT NULL,
    cost_usd double precision NOT NULL,
    PRIMARY KEY (run_id, call_key, attempt)
  );
  CREATE INDEX selection_choice_of_capability ON selection_choice (org_id, capability, at)`;

const onlyOwnRows = (table: string) => `
  ALTER TABLE ${table} ENABLE ROW LEVEL SECURITY;
  ALTER TABLE ${table} FORCE ROW LEVEL SECURITY;
  CREATE POLICY own_organisation ON ${table}
    USING (org_id = nullif(current_setting('app.org', true), '')::uuid)`;
