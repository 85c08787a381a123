import type { MigrationInterface, QueryRunner } from 'typeorm';

const TABLES = ['agent_template', 'agent_pool', 'agent_pool_member', 'call_backlog'];

export class AgentPools1764111000000 implements MigrationInterface {
  readonly name = 'AgentPools1764111000000';

  async up(runner: QueryRunner): Promise<void> {
    await runner.query(POOLS);
    for (const table of TABLES) await runner.query(onlyOwnRows(table));
    await runner.query(GRANTS);
  }

  async down(runner: QueryRunner): Promise<void> {
    await runner.query(`DROP TABLE ${TABLES.join(', ')}`);
  }
}

const POOLS = `
  CREATE TABLE agent_template (
    org_id uuid NOT NULL,
    name text NOT NULL,
    version integer NOT NULL DEFAULT 1,
    settings json NOT NULL,
    created_at timestamptz(3) NOT NULL DEFAULT now(),
    updated_at timestamptz(3) NOT NULL DEFAULT now(),
    PRIMARY KEY (org_id, name)
  );
  CREATE TABLE agent_pool (
    id uuid PRIMARY KEY,
    org_id uuid NOT NULL,
    name text NOT NULL,
    template text NOT NULL,
    settings json NOT NULL,
    size integer NOT NULL,
    state text NOT NULL DEFAULT 'waiting',
    reason text,
    last_scale json,
    measured json,
    key_id uuid,
    host uuid,
    host_until timestamptz(3),
    created_at timestamptz(3) NOT NULL DEFAULT now(),
    updated_at timestamptz(3) NOT NULL DEFAULT now()
  );
  CREATE UNIQUE INDEX agent_pool_by_name ON agent_pool (org_id, name);
  CREATE TABLE agent_pool_member (
    id uuid PRIMARY KEY,
    org_id uuid NOT NULL,
    pool_id uuid NOT NULL,
    state text NOT NULL,
    pid integer,
    instance_id uuid,
    endpoint text,
    in_flight integer NOT NULL DEFAULT 0,
    template_version integer NOT NULL,
    started_at timestamptz(3) NOT NULL,
    ready_after_ms double precision
  );
  CREATE INDEX agent_pool_member_by_pool ON agent_pool_member (pool_id);
  CREATE TABLE call_backlog (
    worker uuid NOT NULL,
    org_id uuid NOT NULL,
    agent text NOT NULL,
    capability text NOT NULL,
    waiting integer NOT NULL,
    at timestamptz(3) NOT NULL DEFAULT now(),
    PRIMARY KEY (worker, org_id, agent, capability)
  );
  CREATE INDEX call_backlog_by_org ON call_backlog (org_id, at)`;

const onlyOwnRows = (table: string) => `
  ALTER TABLE ${table} ENABLE ROW LEVEL SECURITY;
  ALTER TABLE ${table} FORCE ROW LEVEL SECURITY;
  CREATE POLICY own_organisation ON ${table}
    USING (org_id = nullif(current_setting('app.org', true), '')::uuid)`;

/** Those who share out pools see which there are, and whose; never how their processes are started. */
const GRANTS = `
  GRANT SELECT, INSERT, UPDATE, DELETE ON ${TABLES.join(', ')} TO brikk_app;
  GRANT SELECT (id, org_id, host, host_until), UPDATE (host, host_until) ON agent_pool TO brikk_dispatch;
  CREATE POLICY dispatch ON agent_pool TO brikk_dispatch USING (true)`;
