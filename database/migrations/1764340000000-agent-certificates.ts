import type { MigrationInterface, QueryRunner } from 'typeorm';

export class AgentCertificates1764340000000 implements MigrationInterface {
  readonly name = 'AgentCertificates1764340000000';

  async up(runner: QueryRunner): Promise<void> {
    await runner.query('ALTER TABLE agent ADD COLUMN client_certificate text');
  }

  async down(runner: QueryRunner): Promise<void> {
    await runner.query('ALTER TABLE agent DROP COLUMN client_certificate');
  }
}
