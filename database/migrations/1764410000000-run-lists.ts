import type { MigrationInterface, QueryRunner } from 'typeorm';

/** Lists of runs and their counts take as long as what they show, however many runs there are. */
export class RunLists1764410000000 implements MigrationInterface {
  readonly name = 'RunLists1764410000000';

  async up(runner: QueryRunner): Promise<void> {
    await runner.query(`
      CREATE INDEX run_by_status ON run (org_id, status, id);
      CREATE INDEX run_by_time ON run (org_id, accepted_at);
      CREATE INDEX run_by_pattern ON run (org_id, pattern, id);
      CREATE INDEX run_by_workflow ON run (org_id, split_part(workflow, ':', 1), id) WHERE workflow IS NOT NULL;
      CREATE INDEX run_ended ON run (finished_at) WHERE finished_at IS NOT NULL`);
  }

  async down(runner: QueryRunner): Promise<void> {
    await runner.query('DROP INDEX run_by_status, run_by_time, run_by_pattern, run_by_workflow, run_ended');
  }
}
