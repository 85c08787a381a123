import type { MigrationInterface, QueryRunner } from 'typeorm';

/** Each capability of an instance has a circuit breaker of its own. */
export class CapabilityBreakers1764350000000 implements MigrationInterface {
  readonly name = 'CapabilityBreakers1764350000000';

  async up(runner: QueryRunner): Promise<void> {
    await runner.query(`ALTER TABLE capability_stat ADD COLUMN breaker text NOT NULL DEFAULT 'closed',
      ADD COLUMN breaker_opened integer NOT NULL DEFAULT 0, ADD COLUMN breaker_until timestamptz(3)`);
  }

  async down(runner: QueryRunner): Promise<void> {
    await runner.query(
      'ALTER TABLE capability_stat DROP COLUMN breaker, DROP COLUMN breaker_opened, DROP COLUMN breaker_until',
    );
  }
}
