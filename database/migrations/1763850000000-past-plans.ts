import type { MigrationInterface, QueryRunner } from 'typeorm';

/** An organisation's last plans, which planners are told of. */
export class PastPlans1763850000000 implements MigrationInterface {
  readonly name = 'PastPlans1763850000000';

  async up(runner: QueryRunner): Promise<void> {
    await runner.query(`CREATE INDEX run_plans ON run (org_id, finished_at DESC)
      WHERE pattern = 'plan' AND kind = 'single' AND finished_at IS NOT NULL`);
  }

  async down(runner: QueryRunner): Promise<void> {
    await runner.query('DROP INDEX run_plans');
  }
}
