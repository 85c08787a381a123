import type { MigrationInterface, QueryRunner } from 'typeorm';

export class AgentLifecycle1764110000000 implements MigrationInterface {
  readonly name = 'AgentLifecycle1764110000000';

  async up(runner: QueryRunner): Promise<void> {
    await runner.query(`
      ALTER TABLE agent_instance ADD COLUMN standby boolean NOT NULL DEFAULT false,
        ADD COLUMN probe_at timestamptz(3) NOT NULL DEFAULT now();
      CREATE INDEX agent_instance_to_probe ON agent_instance (probe_at) WHERE state = 'initializing';
      GRANT SELECT (probe_at, registered_at), UPDATE (probe_at) ON agent_instance TO brikk_dispatch`);
  }

  async down(runner: QueryRunner): Promise<void> {
    await runner.query('ALTER TABLE agent_instance DROP COLUMN standby, DROP COLUMN probe_at');
  }
}
