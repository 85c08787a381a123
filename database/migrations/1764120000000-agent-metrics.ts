import type { MigrationInterface, QueryRunner } from 'typeorm';

/** Tokens that each capability of an instance has used, and since when the instance is up. */
export class AgentMetrics1764120000000 implements MigrationInterface {
  readonly name = 'AgentMetrics1764120000000';

  async up(runner: QueryRunner): Promise<void> {
    await runner.query('ALTER TABLE capability_stat ADD COLUMN tokens bigint NOT NULL DEFAULT 0');
    await runner.query('ALTER TABLE agent_instance ADD COLUMN up_since timestamptz(3) NOT NULL DEFAULT now()');
    await runner.query('UPDATE agent_instance SET up_since = registered_at');
  }

  async down(runner: QueryRunner): Promise<void> {
    await runner.query('ALTER TABLE capability_stat DROP COLUMN tokens');
    await runner.query('ALTER TABLE agent_instance DROP COLUMN up_since');
  }
}
