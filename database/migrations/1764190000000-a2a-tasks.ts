import type { MigrationInterface, QueryRunner } from 'typeorm';

export class A2aTasks1764190000000 implements MigrationInterface {
  readonly name = 'A2aTasks1764190000000';

  async up(runner: QueryRunner): Promise<void> {
    await runner.query(TASKS);
    await runner.query('GRANT SELECT, INSERT, UPDATE, DELETE ON a2a_task TO brikk_app');
  }

  async down(runner: QueryRunner): Promise<void> {
    await runner.query('DROP TABLE a2a_task');
  }
}

const TASKS = `
  CREATE TABLE a2a_task (
    run_id uuid NOT NULL PRIMARY KEY,
    org_id uuid NOT NULL,
    context_id text NOT NULL,
    skill text NOT NULL,
    messages jsonb NOT NULL DEFAULT '[]'
  );
  CREATE INDEX a2a_task_by_context ON a2a_task (org_id, context_id);
  ALTER TABLE a2a_task ENABLE ROW LEVEL SECURITY;
  ALTER TABLE a2a_task FORCE ROW LEVEL SECURITY;
  CREATE POLICY own_organisation ON a2a_task
    USING (org_id = nullif(current_setting('app.org', true), '')::uuid)`;
