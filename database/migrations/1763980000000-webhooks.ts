import type { MigrationInterface, QueryRunner } from 'typeorm';

const TABLES = ['webhook_source', 'inbound_event', 'inbound_dedup'];

export class Webhooks1763980000000 implements MigrationInterface {
  readonly name = 'Webhooks1763980000000';

  async up(runner: QueryRunner): Promise<void> {
    await runner.query(WEBHOOKS);
    for (const table of TABLES) await runner.query(onlyOwnRows(table));
    await runner.query(GRANTS);
  }

  async down(runner: QueryRunner): Promise<void> {
    await runner.query(`DROP INDEX run_by_correlation`);
    await runner.query(`DROP TABLE ${TABLES.join(', ')}, source_index`);
  }
}

const WEBHOOKS = `
  CREATE TABLE webhook_source (
    id uuid PRIMARY KEY,
    org_id uuid NOT NULL,
    name text NOT NULL,
    provider text NOT NULL,
    path_id text NOT NULL,
    settings json NOT NULL,
    routes json NOT NULL,
    state text NOT NULL,
    secret text NOT NULL,
    previous_secret text,
    previous_until timestamptz(3),
    created_at timestamptz(3) NOT NULL DEFAULT now(),
    updated_at timestamptz(3) NOT NULL DEFAULT now()
  );
  CREATE UNIQUE INDEX webhook_source_by_name ON webhook_source (org_id, name);
  CREATE TABLE source_index (
    path_id text PRIMARY KEY,
    org_id uuid NOT NULL,
    source_id uuid NOT NULL
  );
  CREATE TABLE inbound_event (
    id uuid PRIMARY KEY,
    org_id uuid NOT NULL,
    source_id uuid NOT NULL,
    delivery_id text,
    body_sha256 text NOT NULL,
    bytes integer NOT NULL,
    headers text NOT NULL,
    body text NOT NULL,
    status text NOT NULL DEFAULT 'received',
    outcome json,
    error text,
    duplicates integer NOT NULL DEFAULT 0,
    generation integer NOT NULL DEFAULT 0,
    attempts integer NOT NULL DEFAULT 0,
    due_at timestamptz(3) NOT NULL DEFAULT now(),
    received_at timestamptz(3) NOT NULL DEFAULT now(),
    settled_at timestamptz(3)
  );
  CREATE INDEX inbound_event_by_source ON inbound_event (source_id, id);
  CREATE INDEX inbound_event_by_age ON inbound_event (received_at);
  CREATE INDEX inbound_event_due ON inbound_event (due_at) WHERE status = 'received';
  CREATE TABLE inbound_dedup (
    source_id uuid NOT NULL,
    key text NOT NULL,
    org_id uuid NOT NULL,
    event_id uuid NOT NULL,
    expires_at timestamptz(3) NOT NULL,
    PRIMARY KEY (source_id, key)
  );
  CREATE INDEX inbound_dedup_by_event ON inbound_dedup (event_id);
  CREATE INDEX inbound_dedup_by_age ON inbound_dedup (expires_at);
  CREATE INDEX run_by_correlation ON run (org_id, correlation_id) WHERE correlation_id IS NOT NULL`;

const onlyOwnRows = (table: string) => `
  ALTER TABLE ${table} ENABLE ROW LEVEL SECURITY;
  ALTER TABLE ${table} FORCE ROW LEVEL SECURITY;
  CREATE POLICY own_organisation ON ${table}
    USING (org_id = nullif(current_setting('app.org', true), '')::uuid)`;

/** Sweepers see whose turn it is, never what came. The index leads to the organisation. */
const GRANTS = `
  GRANT SELECT, INSERT, UPDATE, DELETE ON ${TABLES.join(', ')} TO brikk_app;
  GRANT SELECT, INSERT, DELETE ON source_index TO brikk_app;
  GRANT SELECT (id, org_id, status, attempts, due_at, received_at), UPDATE (attempts, due_at)
    ON inbound_event TO brikk_dispatch;
  CREATE POLICY dispatch ON inbound_event TO brikk_dispatch USING (true);
  GRANT SELECT (org_id, expires_at) ON inbound_dedup TO brikk_dispatch;
  CREATE POLICY dispatch ON inbound_dedup TO brikk_dispatch USING (true)`;
