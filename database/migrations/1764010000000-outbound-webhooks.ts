import type { MigrationInterface, QueryRunner } from 'typeorm';

const TABLES = ['webhook_endpoint', 'webhook_secret', 'webhook_delivery', 'webhook_attempt'];

export class OutboundWebhooks1764010000000 implements MigrationInterface {
  readonly name = 'OutboundWebhooks1764010000000';

  async up(runner: QueryRunner): Promise<void> {
    await runner.query(OUTBOUND);
    for (const table of TABLES) await runner.query(onlyOwnRows(table));
    await runner.query(GRANTS);
  }

  async down(runner: QueryRunner): Promise<void> {
    await runner.query(`DELETE FROM bus_listener WHERE is_endpoint`);
    await runner.query(`ALTER TABLE bus_listener DROP COLUMN is_endpoint`);
    await runner.query(`DROP TABLE ${TABLES.join(', ')}`);
  }
}

const OUTBOUND = `
  ALTER TABLE bus_listener ADD COLUMN is_endpoint boolean NOT NULL DEFAULT false;
  CREATE TABLE webhook_endpoint (
    id uuid PRIMARY KEY,
    org_id uuid NOT NULL,
    name text NOT NULL,
    types text[] NOT NULL,
    settings json NOT NULL,
    credentials text,
    health json NOT NULL,
    state text NOT NULL DEFAULT 'active',
    disabled_reason text,
    held_until timestamptz(3),
    breaker text NOT NULL DEFAULT 'closed',
    timeout_ms integer NOT NULL,
    max_in_flight integer NOT NULL,
    ordering text NOT NULL,
    rate_points integer,
    rate_ms integer,
    window_until timestamptz(3),
    window_used integer NOT NULL DEFAULT 0,
    created_at timestamptz(3) NOT NULL DEFAULT now(),
    updated_at timestamptz(3) NOT NULL DEFAULT now()
  );
  CREATE UNIQUE INDEX webhook_endpoint_by_name ON webhook_endpoint (org_id, name);
  CREATE TABLE webhook_secret (
    id uuid PRIMARY KEY,
    org_id uuid NOT NULL,
    endpoint_id uuid NOT NULL,
    kind text NOT NULL,
    secret text NOT NULL,
    public_key text,
    created_at timestamptz(3) NOT NULL DEFAULT now(),
    expires_at timestamptz(3)
  );
  CREATE INDEX webhook_secret_by_endpoint ON webhook_secret (endpoint_id);
  CREATE TABLE webhook_delivery (
    id uuid PRIMARY KEY,
    org_id uuid NOT NULL,
    endpoint_id uuid NOT NULL,
    event_key uuid NOT NULL,
    part integer NOT NULL DEFAULT 0,
    number bigint NOT NULL,
    type text NOT NULL,
    ordering_key text,
    body text,
    to_render boolean NOT NULL DEFAULT false,
    trigger text NOT NULL DEFAULT 'schedule',
    status text NOT NULL DEFAULT 'pending',
    reason text,
    error text,
    generation integer NOT NULL DEFAULT 0,
    attempts integer NOT NULL DEFAULT 0,
    claims integer NOT NULL DEFAULT 0,
    last_url text,
    priority integer NOT NULL DEFAULT 0,
    due_at timestamptz(3) NOT NULL DEFAULT now(),
    created_at timestamptz(3) NOT NULL DEFAULT now(),
    expires_at timestamptz(3) NOT NULL,
    settled_at timestamptz(3)
  );
  CREATE INDEX webhook_delivery_due ON webhook_delivery (endpoint_id, priority, due_at)
    WHERE status IN ('pending', 'sending', 'retrying');
  CREATE INDEX webhook_delivery_in_order ON webhook_delivery (endpoint_id, ordering_key, number, part)
    WHERE status IN ('pending', 'sending', 'retrying') AND ordering_key IS NOT NULL;
  CREATE INDEX webhook_delivery_by_endpoint ON webhook_delivery (endpoint_id, status, id);
  CREATE INDEX webhook_delivery_by_org ON webhook_delivery (org_id, id);
  CREATE INDEX webhook_delivery_by_event ON webhook_delivery (event_key);
  CREATE INDEX webhook_delivery_by_age ON webhook_delivery (created_at);
  CREATE INDEX webhook_delivery_expiring ON webhook_delivery (expires_at)
    WHERE status IN ('pending', 'sending', 'retrying');
  CREATE TABLE webhook_attempt (
    delivery_id uuid NOT NULL,
    org_id uuid NOT NULL,
    generation integer NOT NULL,
    n integer NOT NULL,
    trigger text NOT NULL,
    url text NOT NULL,
    started_at timestamptz(3) NOT NULL,
    latency_ms integer NOT NULL,
    outcome text NOT NULL,
    status_code integer,
    response text,
    truncated boolean NOT NULL DEFAULT false,
    next_at timestamptz(3),
    PRIMARY KEY (delivery_id, generation, n)
  )`;

const onlyOwnRows = (table: string) => `
  ALTER TABLE ${table} ENABLE ROW LEVEL SECURITY;
  ALTER TABLE ${table} FORCE ROW LEVEL SECURITY;
  CREATE POLICY own_organisation ON ${table}
    USING (org_id = nullif(current_setting('app.org', true), '')::uuid)`;

/** Those who hand out deliveries see whose turn it is, never what is sent. */
const GRANTS = `
  GRANT SELECT, INSERT, UPDATE, DELETE ON ${TABLES.join(', ')} TO brikk_app;
  GRANT SELECT (is_endpoint) ON bus_listener TO brikk_dispatch;
  GRANT SELECT (id, org_id, state, held_until, breaker, timeout_ms, max_in_flight, ordering, rate_points, rate_ms,
    window_until, window_used), UPDATE (held_until, breaker, window_until, window_used)
    ON webhook_endpoint TO brikk_dispatch;
  CREATE POLICY dispatch ON webhook_endpoint TO brikk_dispatch USING (true);
  GRANT SELECT (id, org_id, endpoint_id, part, number, ordering_key, status, attempts, claims, priority, due_at,
    created_at, expires_at), UPDATE (status, claims, due_at)
    ON webhook_delivery TO brikk_dispatch;
  CREATE POLICY dispatch ON webhook_delivery TO brikk_dispatch USING (true)`;
