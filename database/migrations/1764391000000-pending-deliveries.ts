import type { MigrationInterface, QueryRunner } from 'typeorm';

/** What a listener has not heard yet, however much it has heard. */
export class PendingDeliveries1764391000000 implements MigrationInterface {
  readonly name = 'PendingDeliveries1764391000000';

  async up(runner: QueryRunner): Promise<void> {
    await runner.query(
      `CREATE INDEX bus_delivery_pending ON bus_delivery (listener_id, number) WHERE status = 'pending'`,
    );
  }

  async down(runner: QueryRunner): Promise<void> {
    await runner.query('DROP INDEX bus_delivery_pending');
  }
}
