import type { MigrationInterface, QueryRunner } from 'typeorm';

export class ConnectionQueue1764310000000 implements MigrationInterface {
  readonly name = 'ConnectionQueue1764310000000';

  async up(runner: QueryRunner): Promise<void> {
    await runner.query(QUEUE);
  }

  async down(runner: QueryRunner): Promise<void> {
    await runner.query('DROP TABLE connection_queue');
  }
}

/** Metrics and sweepers see how long calls wait, not what they are. */
const QUEUE = `
  CREATE TABLE connection_queue (
    connection_id uuid NOT NULL,
    run_id uuid NOT NULL,
    call_key text NOT NULL,
    org_id uuid NOT NULL,
    state text NOT NULL,
    turn_at timestamptz NOT NULL,
    requested_at timestamptz NOT NULL DEFAULT clock_timestamp(),
    until timestamptz NOT NULL,
    PRIMARY KEY (connection_id, run_id, call_key)
  );
  CREATE INDEX connection_queue_by_turn ON connection_queue (connection_id, turn_at);
  CREATE INDEX connection_queue_by_run ON connection_queue (run_id);
  ALTER TABLE connection_queue ENABLE ROW LEVEL SECURITY;
  ALTER TABLE connection_queue FORCE ROW LEVEL SECURITY;
  CREATE POLICY own_organisation ON connection_queue
    USING (org_id = nullif(current_setting('app.org', true), '')::uuid);
  GRANT SELECT, INSERT, UPDATE, DELETE ON connection_queue TO brikk_app;
  GRANT SELECT (org_id, connection_id, run_id, state, requested_at, until) ON connection_queue TO brikk_dispatch;
  CREATE POLICY dispatch ON connection_queue TO brikk_dispatch USING (true)`;
