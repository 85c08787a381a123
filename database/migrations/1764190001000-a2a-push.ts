import type { MigrationInterface, QueryRunner } from 'typeorm';

export class A2aPush1764190001000 implements MigrationInterface {
  readonly name = 'A2aPush1764190001000';

  async up(runner: QueryRunner): Promise<void> {
    await runner.query(`
      ALTER TABLE webhook_endpoint ADD COLUMN run_id uuid;
      CREATE INDEX webhook_endpoint_by_run ON webhook_endpoint (run_id) WHERE run_id IS NOT NULL`);
  }

  async down(runner: QueryRunner): Promise<void> {
    await runner.query('ALTER TABLE webhook_endpoint DROP COLUMN run_id');
  }
}
