import type { MigrationInterface, QueryRunner } from 'typeorm';

const TABLES = ['connection', 'credential', 'connector_call'];

export class Connections1764020000000 implements MigrationInterface {
  readonly name = 'Connections1764020000000';

  async up(runner: QueryRunner): Promise<void> {
    await runner.query(CONNECTIONS);
    for (const table of TABLES) await runner.query(onlyOwnRows(table));
    await runner.query(GRANTS);
  }

  async down(runner: QueryRunner): Promise<void> {
    await runner.query(`DROP TABLE ${TABLES.join(', ')}`);
  }
}

const CONNECTIONS = `
  CREATE TABLE connection (
    id uuid PRIMARY KEY,
    org_id uuid NOT NULL,
    name text NOT NULL,
    provider text NOT NULL,
    auth_kind text NOT NULL,
    status text NOT NULL,
    settings json NOT NULL,
    credential_version integer NOT NULL DEFAULT 1,
    last_error text,
    created_at timestamptz(3) NOT NULL DEFAULT now(),
    updated_at timestamptz(3) NOT NULL DEFAULT now()
  );
  CREATE UNIQUE INDEX connection_by_name ON connection (org_id, name);
  CREATE TABLE credential (
    id uuid PRIMARY KEY,
    org_id uuid NOT NULL,
    connection_id uuid NOT NULL,
    version integer NOT NULL,
    auth text NOT NULL,
    tokens text,
    tokens_usable_until timestamptz(3),
    cool_down_until timestamptz(3),
    created_at timestamptz(3) NOT NULL DEFAULT now()
  );
  CREATE UNIQUE INDEX credential_by_version ON credential (connection_id, version);
  CREATE TABLE connector_call (
    connection_id uuid NOT NULL,
    key text NOT NULL,
    org_id uuid NOT NULL,
    function text NOT NULL,
    request_hash text NOT NULL,
    run_id uuid NOT NULL,
    call_key text NOT NULL,
    state text NOT NULL,
    sends integer NOT NULL DEFAULT 0,
    held_until timestamptz(3) NOT NULL,
    output json,
    external_id text,
    error_class text,
    started_at timestamptz(3) NOT NULL DEFAULT now(),
    updated_at timestamptz(3) NOT NULL DEFAULT now(),
    PRIMARY KEY (connection_id, key)
  );
  CREATE INDEX connector_call_by_age ON connector_call (updated_at)`;

const onlyOwnRows = (table: string) => `
  ALTER TABLE ${table} ENABLE ROW LEVEL SECURITY;
  ALTER TABLE ${table} FORCE ROW LEVEL SECURITY;
  CREATE POLICY own_organisation ON ${table}
    USING (org_id = nullif(current_setting('app.org', true), '')::uuid)`;

/** Sweepers see the age of calls, nothing else. */
const GRANTS = `
  GRANT SELECT, INSERT, UPDATE, DELETE ON ${TABLES.join(', ')} TO brikk_app;
  GRANT SELECT (org_id, updated_at) ON connector_call TO brikk_dispatch;
  CREATE POLICY dispatch ON connector_call TO brikk_dispatch USING (true)`;
