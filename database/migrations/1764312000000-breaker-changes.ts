import type { MigrationInterface, QueryRunner } from 'typeorm';

export class BreakerChanges1764312000000 implements MigrationInterface {
  readonly name = 'BreakerChanges1764312000000';

  async up(runner: QueryRunner): Promise<void> {
    await runner.query(COUNTS);
  }

  async down(runner: QueryRunner): Promise<void> {
    await runner.query('DROP TABLE breaker_change');
  }
}

const COUNTS = `
  CREATE TABLE breaker_change (
    org_id uuid NOT NULL,
    kind text NOT NULL,
    state text NOT NULL,
    count bigint NOT NULL,
    PRIMARY KEY (org_id, kind, state)
  );
  ALTER TABLE breaker_change ENABLE ROW LEVEL SECURITY;
  ALTER TABLE breaker_change FORCE ROW LEVEL SECURITY;
  CREATE POLICY own_organisation ON breaker_change
    USING (org_id = nullif(current_setting('app.org', true), '')::uuid);
  GRANT SELECT, INSERT, UPDATE ON breaker_change TO brikk_app;
  GRANT SELECT (kind, state, count) ON breaker_change TO brikk_dispatch;
  CREATE POLICY dispatch ON breaker_change TO brikk_dispatch USING (true)`;
