import type { MigrationInterface, QueryRunner } from 'typeorm';

/** For statements that read tables of all organisations whole. */
export class SweepIndexes1764370000000 implements MigrationInterface {
  readonly name = 'SweepIndexes1764370000000';

  async up(runner: QueryRunner): Promise<void> {
    await runner.query(INDEXES);
  }

  async down(runner: QueryRunner): Promise<void> {
    await runner.query(
      `DROP INDEX resource_lease_waiting, agent_pool_by_host, agent_pool_by_host_until, agent_session_of_org, bus_listener_left,
       connection_rotated, connection_warned, callback_key_plain`,
    );
  }
}

const INDEXES = `
  CREATE INDEX resource_lease_waiting ON resource_lease (org_id) WHERE state = 'waiting';
  CREATE INDEX agent_pool_by_host ON agent_pool (host);
  CREATE INDEX agent_pool_by_host_until ON agent_pool (coalesce(host_until, '-infinity'));
  CREATE INDEX agent_session_of_org ON agent_session (org_id, id);
  CREATE INDEX bus_listener_left ON bus_listener (org_id) WHERE workflow IS NULL AND NOT is_endpoint;
  CREATE INDEX connection_rotated ON connection (previous_until) WHERE previous_until IS NOT NULL;
  CREATE INDEX connection_warned ON connection (warn_at) WHERE warn_at IS NOT NULL;
  CREATE INDEX callback_key_plain ON callback_key (org_id) WHERE NOT is_sealed`;
