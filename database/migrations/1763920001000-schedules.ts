import type { MigrationInterface, QueryRunner } from 'typeorm';

export class Schedules1763920001000 implements MigrationInterface {
  readonly name = 'Schedules1763920001000';

  async up(runner: QueryRunner): Promise<void> {
    await runner.query(SCHEDULE);
  }

  async down(runner: QueryRunner): Promise<void> {
    await runner.query('DROP TABLE schedule');
  }
}

const SCHEDULE = `
  CREATE TABLE schedule (
    org_id uuid NOT NULL,
    namespace text NOT NULL,
    name text NOT NULL,
    version text NOT NULL,
    kind text NOT NULL,
    cron text,
    period_ms double precision,
    paused boolean NOT NULL DEFAULT false,
    next_due_at timestamptz(3),
    last_run_id uuid,
    last_due_at timestamptz(3),
    fires integer NOT NULL DEFAULT 0,
    skipped integer NOT NULL DEFAULT 0,
    missed integer NOT NULL DEFAULT 0,
    PRIMARY KEY (org_id, namespace, name)
  );
  CREATE INDEX schedule_due ON schedule (next_due_at) WHERE NOT paused;
  ALTER TABLE schedule ENABLE ROW LEVEL SECURITY;
  ALTER TABLE schedule FORCE ROW LEVEL SECURITY;
  CREATE POLICY own_organisation ON schedule
    USING (org_id = nullif(current_setting('app.org', true), '')::uuid);
  GRANT SELECT, INSERT, UPDATE, DELETE ON schedule TO brikk_app;
  GRANT SELECT (org_id, namespace, name, paused, next_due_at, last_run_id) ON schedule TO brikk_dispatch;
  CREATE POLICY dispatch ON schedule TO brikk_dispatch USING (true)`;
