import type { MigrationInterface, QueryRunner } from 'typeorm';

/** Workers and what they have in hand: no longer than a worker lives, so that a crash of Postgres may forget it. */
export class WorkerLeases1764380000000 implements MigrationInterface {
  readonly name = 'WorkerLeases1764380000000';

  async up(runner: QueryRunner): Promise<void> {
    await runner.query(TABLES);
  }

  async down(runner: QueryRunner): Promise<void> {
    await runner.query('DROP TABLE worker_activity, worker');
  }
}

const TABLES = `
  CREATE UNLOGGED TABLE worker (
    id uuid PRIMARY KEY,
    server_started_at timestamptz NOT NULL DEFAULT pg_postmaster_start_time()
  );

  CREATE UNLOGGED TABLE worker_activity (
    worker_id uuid NOT NULL,
    id bigint NOT NULL,
    workflow_id text NOT NULL,
    execution_id uuid NOT NULL,
    activity_id text NOT NULL,
    PRIMARY KEY (worker_id, id)
  );

  GRANT SELECT, INSERT, UPDATE, DELETE ON worker TO brikk_dispatch;
  GRANT SELECT, INSERT, DELETE ON worker_activity TO brikk_dispatch`;
