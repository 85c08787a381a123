import type { MigrationInterface, QueryRunner } from 'typeorm';

export class ConnectionCredentials1764311000000 implements MigrationInterface {
  readonly name = 'ConnectionCredentials1764311000000';

  async up(runner: QueryRunner): Promise<void> {
    await runner.query(UP);
  }

  async down(runner: QueryRunner): Promise<void> {
    await runner.query(`
      DROP POLICY dispatch ON connection;
      REVOKE SELECT (id, org_id) ON connection FROM brikk_dispatch;
      ALTER TABLE connection DROP COLUMN previous_until, DROP COLUMN expires_at, DROP COLUMN warn_at`);
  }
}

/** Sweepers see when something of a connection ends, not what it is. */
const UP = `
  ALTER TABLE connection
    ADD COLUMN previous_until timestamptz(3),
    ADD COLUMN expires_at timestamptz(3),
    ADD COLUMN warn_at timestamptz(3);
  GRANT SELECT (id, org_id, previous_until, expires_at, warn_at) ON connection TO brikk_dispatch;
  CREATE POLICY dispatch ON connection TO brikk_dispatch USING (true)`;
