import type { MigrationInterface, QueryRunner } from 'typeorm';

export class Approvals1763820000000 implements MigrationInterface {
  readonly name = 'Approvals1763820000000';

  async up(runner: QueryRunner): Promise<void> {
    await runner.query(APPROVAL);
  }

  async down(runner: QueryRunner): Promise<void> {
    await runner.query('DROP TABLE approval');
  }
}

const APPROVAL = `
  CREATE TABLE approval (
    id uuid PRIMARY KEY,
    org_id uuid NOT NULL,
    run_id uuid NOT NULL,
    key text NOT NULL,
    path text NOT NULL,
    kind text NOT NULL,
    question text NOT NULL,
    subject json,
    subject_ref uuid,
    schema json,
    assignees text[] NOT NULL,
    level integer NOT NULL DEFAULT 0,
    status text NOT NULL DEFAULT 'pending',
    on_timeout text NOT NULL,
    decision text,
    data json,
    data_ref uuid,
    comment text,
    decided_by json,
    opened_at timestamptz(3) NOT NULL DEFAULT now(),
    due_at timestamptz(3) NOT NULL,
    closed_at timestamptz(3)
  );
  CREATE UNIQUE INDEX approval_by_key ON approval (run_id, key);
  CREATE INDEX approval_by_org ON approval (org_id, id);
  CREATE INDEX approval_pending ON approval (org_id, id) WHERE status = 'pending';
  ALTER TABLE approval ENABLE ROW LEVEL SECURITY;
  ALTER TABLE approval FORCE ROW LEVEL SECURITY;
  CREATE POLICY own_organisation ON approval
    USING (org_id = nullif(current_setting('app.org', true), '')::uuid);
  GRANT SELECT, INSERT, UPDATE ON approval TO brikk_app`;
