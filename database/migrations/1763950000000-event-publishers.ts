import type { MigrationInterface, QueryRunner } from 'typeorm';

/** Who published an event stands with it: deliveries have rows of their own, no entry in the audit chain. */
export class EventPublishers1763950000000 implements MigrationInterface {
  readonly name = 'EventPublishers1763950000000';

  async up(runner: QueryRunner): Promise<void> {
    await runner.query('ALTER TABLE bus_event ADD COLUMN publisher json');
  }

  async down(runner: QueryRunner): Promise<void> {
    await runner.query('ALTER TABLE bus_event DROP COLUMN publisher');
  }
}
