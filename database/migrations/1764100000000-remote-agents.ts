import type { MigrationInterface, QueryRunner } from 'typeorm';

export class RemoteAgents1764100000000 implements MigrationInterface {
  readonly name = 'RemoteAgents1764100000000';

  async up(runner: QueryRunner): Promise<void> {
    await runner.query(`
      ALTER TABLE agent ADD COLUMN names json, ADD COLUMN refresh_at timestamptz(3), ADD COLUMN discovery json;
      CREATE INDEX agent_by_refresh ON agent (refresh_at) WHERE refresh_at IS NOT NULL;
      GRANT SELECT (id, org_id, refresh_at), UPDATE (refresh_at) ON agent TO brikk_dispatch;
      CREATE POLICY dispatch ON agent TO brikk_dispatch USING (true)`);
  }

  async down(runner: QueryRunner): Promise<void> {
    await runner.query(`
      DROP POLICY dispatch ON agent;
      REVOKE SELECT (id, org_id, refresh_at), UPDATE (refresh_at) ON agent FROM brikk_dispatch;
      DROP INDEX agent_by_refresh;
      ALTER TABLE agent DROP COLUMN names, DROP COLUMN refresh_at, DROP COLUMN discovery`);
  }
}
