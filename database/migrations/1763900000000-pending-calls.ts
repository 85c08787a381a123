import type { MigrationInterface, QueryRunner } from 'typeorm';

const TABLES = ['callback_key', 'pending_call'];

export class PendingCalls1763900000000 implements MigrationInterface {
  readonly name = 'PendingCalls1763900000000';

  async up(runner: QueryRunner): Promise<void> {
    await runner.query(PENDING_CALLS);
    for (const table of TABLES) await runner.query(onlyOwnRows(table));
    await runner.query(`GRANT SELECT, INSERT, UPDATE, DELETE ON ${TABLES.join(', ')} TO brikk_app`);
  }

  async down(runner: QueryRunner): Promise<void> {
    await runner.query(`DROP TABLE ${TABLES.join(', ')}`);
  }
}

const PENDING_CALLS = `
  CREATE TABLE callback_key (org_id uuid PRIMARY KEY, secret text NOT NULL);
  CREATE TABLE pending_call (
    run_id uuid NOT NULL,
    call_key text NOT NULL,
    org_id uuid NOT NULL,
    attempt integer NOT NULL,
    instance_id uuid NOT NULL,
    sent_at timestamptz(3) NOT NULL,
    progress json,
    answer json,
    answer_hash text,
    answered_at timestamptz(3),
    opened_at timestamptz(3) NOT NULL DEFAULT now(),
    PRIMARY KEY (run_id, call_key)
  );
  CREATE INDEX pending_call_by_org ON pending_call (org_id, opened_at)`;

const onlyOwnRows = (table: string) => `
  ALTER TABLE ${table} ENABLE ROW LEVEL SECURITY;
  ALTER TABLE ${table} FORCE ROW LEVEL SECURITY;
  CREATE POLICY own_organisation ON ${table}
    USING (org_id = nullif(current_setting('app.org', true), '')::uuid)`;
