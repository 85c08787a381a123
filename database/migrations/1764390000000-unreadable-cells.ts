import type { MigrationInterface, QueryRunner } from 'typeorm';

/** Whether a cell that does not open is on record already. */
export class UnreadableCells1764390000000 implements MigrationInterface {
  readonly name = 'UnreadableCells1764390000000';

  async up(runner: QueryRunner): Promise<void> {
    await runner.query(
      `CREATE INDEX audit_unreadable ON audit_event (org_id, target, request_id) WHERE action = 'secret.unreadable'`,
    );
  }

  async down(runner: QueryRunner): Promise<void> {
    await runner.query('DROP INDEX audit_unreadable');
  }
}
