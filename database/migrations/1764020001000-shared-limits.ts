import type { MigrationInterface, QueryRunner } from 'typeorm';

export class SharedLimits1764020001000 implements MigrationInterface {
  readonly name = 'SharedLimits1764020001000';

  async up(runner: QueryRunner): Promise<void> {
    await runner.query(LIMITS);
  }

  async down(runner: QueryRunner): Promise<void> {
    await runner.query('ALTER TABLE credential DROP COLUMN tokens_issued_at; DROP TABLE circuit_breaker, rate_limit');
  }
}

/** Counts of limits belong to ids that nobody else has, and tell of nothing else; their table is the library's. */
const LIMITS = `
  ALTER TABLE credential ADD COLUMN tokens_issued_at timestamptz(3);
  CREATE TABLE rate_limit (
    key varchar(255) PRIMARY KEY,
    points integer NOT NULL DEFAULT 0,
    expire bigint
  );
  GRANT SELECT, INSERT, UPDATE, DELETE ON rate_limit TO brikk_app;
  CREATE TABLE circuit_breaker (
    org_id uuid NOT NULL,
    target text NOT NULL,
    state text NOT NULL DEFAULT 'closed',
    window_start timestamptz(3) NOT NULL DEFAULT now(),
    ok_count integer NOT NULL DEFAULT 0,
    fail_count integer NOT NULL DEFAULT 0,
    open_until timestamptz(3),
    times_opened integer NOT NULL DEFAULT 0,
    PRIMARY KEY (org_id, target)
  );
  ALTER TABLE circuit_breaker ENABLE ROW LEVEL SECURITY;
  ALTER TABLE circuit_breaker FORCE ROW LEVEL SECURITY;
  CREATE POLICY own_organisation ON circuit_breaker
    USING (org_id = nullif(current_setting('app.org', true), '')::uuid);
  GRANT SELECT, INSERT, UPDATE, DELETE ON circuit_breaker TO brikk_app`;
