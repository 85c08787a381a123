import type { MigrationInterface, QueryRunner } from 'typeorm';

const TABLES = ['resource', 'resource_lease'];

export class Resources1763910000000 implements MigrationInterface {
  readonly name = 'Resources1763910000000';

  async up(runner: QueryRunner): Promise<void> {
    await runner.query(RESOURCES);
    for (const table of TABLES) await runner.query(onlyOwnRows(table));
    await runner.query(`GRANT SELECT, INSERT, UPDATE, DELETE ON ${TABLES.join(', ')} TO brikk_app`);
    await runner.query(SWEEPERS);
  }

  async down(runner: QueryRunner): Promise<void> {
    await runner.query(`DROP TABLE ${TABLES.join(', ')}`);
  }
}

const RESOURCES = `
  CREATE TABLE resource (
    org_id uuid NOT NULL,
    name text NOT NULL,
    capacity integer NOT NULL,
    unit text,
    created_at timestamptz(3) NOT NULL DEFAULT now(),
    updated_at timestamptz(3) NOT NULL DEFAULT now(),
    PRIMARY KEY (org_id, name)
  );
  CREATE TABLE resource_lease (
    org_id uuid NOT NULL,
    request_id uuid NOT NULL,
    resource text NOT NULL,
    amount integer NOT NULL,
    priority smallint NOT NULL,
    state text NOT NULL DEFAULT 'waiting',
    run_id uuid,
    call_key text,
    key_id text,
    ttl_ms double precision NOT NULL,
    requested_at timestamptz(3) NOT NULL,
    granted_at timestamptz(3),
    expires_at timestamptz(3) NOT NULL,
    PRIMARY KEY (request_id, resource)
  );
  CREATE UNIQUE INDEX resource_lease_of_call ON resource_lease (run_id, call_key, resource) WHERE run_id IS NOT NULL;
  CREATE INDEX resource_lease_of_org ON resource_lease (org_id, resource);
  CREATE INDEX resource_lease_expires ON resource_lease (expires_at)`;

const onlyOwnRows = (table: string) => `
  ALTER TABLE ${table} ENABLE ROW LEVEL SECURITY;
  ALTER TABLE ${table} FORCE ROW LEVEL SECURITY;
  CREATE POLICY own_organisation ON ${table}
    USING (org_id = nullif(current_setting('app.org', true), '')::uuid)`;

/** Sweepers see whose leases are over, and nothing else. */
const SWEEPERS = `
  GRANT SELECT (org_id, expires_at) ON resource_lease TO brikk_dispatch;
  CREATE POLICY dispatch ON resource_lease FOR SELECT TO brikk_dispatch USING (expires_at <= now())`;
