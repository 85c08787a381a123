import type { MigrationInterface, QueryRunner } from 'typeorm';

export class EventSchedules1764070000000 implements MigrationInterface {
  readonly name = 'EventSchedules1764070000000';

  async up(runner: QueryRunner): Promise<void> {
    await runner.query('GRANT SELECT (kind) ON schedule TO brikk_dispatch');
  }

  async down(runner: QueryRunner): Promise<void> {
    await runner.query('REVOKE SELECT (kind) ON schedule FROM brikk_dispatch');
  }
}
