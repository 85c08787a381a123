import type { MigrationInterface, QueryRunner } from 'typeorm';

export class ChildRuns1763920000000 implements MigrationInterface {
  readonly name = 'ChildRuns1763920000000';

  async up(runner: QueryRunner): Promise<void> {
    await runner.query('ALTER TABLE run ADD COLUMN parent_key text');
    await runner.query('CREATE UNIQUE INDEX run_child ON run (parent_run_id, parent_key) WHERE parent_key IS NOT NULL');
  }

  async down(runner: QueryRunner): Promise<void> {
    await runner.query('ALTER TABLE run DROP COLUMN parent_key');
  }
}
