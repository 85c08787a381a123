import type { MigrationInterface, QueryRunner } from 'typeorm';

/** The rows that are there are sealed by a worker: no statement of a migration knows the master key. */
export class SealedAgentSecrets1764320000000 implements MigrationInterface {
  readonly name = 'SealedAgentSecrets1764320000000';

  async up(runner: QueryRunner): Promise<void> {
    await runner.query(`
      ALTER TABLE agent ADD COLUMN is_sealed boolean NOT NULL DEFAULT false,
        ADD CONSTRAINT agent_seal CHECK (is_sealed = (signing_secret LIKE 'b1.%'));
      ALTER TABLE callback_key ADD COLUMN is_sealed boolean NOT NULL DEFAULT false,
        ADD CONSTRAINT callback_key_seal CHECK (is_sealed = (secret LIKE 'b1.%'));
      CREATE INDEX agent_unsealed ON agent (org_id) WHERE NOT is_sealed;
      GRANT SELECT (is_sealed) ON agent TO brikk_dispatch;
      GRANT SELECT (org_id, is_sealed) ON callback_key TO brikk_dispatch;
      CREATE POLICY dispatch ON callback_key TO brikk_dispatch USING (true)`);
  }

  async down(runner: QueryRunner): Promise<void> {
    await runner.query(`
      DROP POLICY dispatch ON callback_key;
      REVOKE SELECT (org_id, is_sealed) ON callback_key FROM brikk_dispatch;
      REVOKE SELECT (is_sealed) ON agent FROM brikk_dispatch;
      DROP INDEX agent_unsealed;
      ALTER TABLE callback_key DROP COLUMN is_sealed;
      ALTER TABLE agent DROP COLUMN is_sealed`);
  }
}
