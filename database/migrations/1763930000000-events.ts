import type { MigrationInterface, QueryRunner } from 'typeorm';

const TABLES = ['bus_event', 'bus_listener', 'bus_subscription', 'bus_delivery', 'bus_outbox'];

export class Events1763930000000 implements MigrationInterface {
  readonly name = 'Events1763930000000';

  async up(runner: QueryRunner): Promise<void> {
    await runner.query(EVENTS);
    for (const table of TABLES) await runner.query(onlyOwnRows(table));
    await runner.query(GRANTS);
  }

  async down(runner: QueryRunner): Promise<void> {
    await runner.query(`DROP TABLE ${TABLES.join(', ')}`);
  }
}

const EVENTS = `
  CREATE TABLE bus_event (
    key uuid PRIMARY KEY,
    org_id uuid NOT NULL,
    source text NOT NULL,
    id text NOT NULL,
    type text NOT NULL,
    ordering_key text,
    hash text NOT NULL,
    event json NOT NULL,
    run_id uuid,
    hops integer NOT NULL DEFAULT 0,
    accepted_at timestamptz(3) NOT NULL DEFAULT now()
  );
  CREATE UNIQUE INDEX bus_event_by_id ON bus_event (org_id, source, id);
  CREATE INDEX bus_event_by_age ON bus_event (accepted_at);
  CREATE TABLE bus_listener (
    id uuid PRIMARY KEY,
    org_id uuid NOT NULL,
    workflow text,
    schedule json,
    heard json,
    last_number bigint NOT NULL DEFAULT 0
  );
  CREATE UNIQUE INDEX bus_listener_by_workflow ON bus_listener (org_id, workflow) WHERE workflow IS NOT NULL;
  CREATE TABLE bus_subscription (
    org_id uuid NOT NULL,
    type text NOT NULL,
    listener_id uuid NOT NULL,
    PRIMARY KEY (org_id, type, listener_id)
  );
  CREATE INDEX bus_subscription_by_listener ON bus_subscription (listener_id);
  CREATE TABLE bus_delivery (
    listener_id uuid NOT NULL,
    number bigint NOT NULL,
    org_id uuid NOT NULL,
    event_key uuid NOT NULL,
    status text NOT NULL DEFAULT 'pending',
    attempts integer NOT NULL DEFAULT 0,
    due_at timestamptz(3) NOT NULL DEFAULT now(),
    PRIMARY KEY (listener_id, number)
  );
  CREATE INDEX bus_delivery_by_event ON bus_delivery (event_key);
  CREATE INDEX bus_delivery_due ON bus_delivery (due_at) WHERE status = 'pending';
  CREATE TABLE bus_outbox (
    run_id uuid NOT NULL,
    position integer NOT NULL,
    org_id uuid NOT NULL,
    PRIMARY KEY (run_id, position)
  )`;

const onlyOwnRows = (table: string) => `
  ALTER TABLE ${table} ENABLE ROW LEVEL SECURITY;
  ALTER TABLE ${table} FORCE ROW LEVEL SECURITY;
  CREATE POLICY own_organisation ON ${table}
    USING (org_id = nullif(current_setting('app.org', true), '')::uuid)`;

/** Sweepers see whose turn it is, never an event. */
const GRANTS = `
  GRANT SELECT, INSERT, UPDATE, DELETE ON ${TABLES.join(', ')} TO brikk_app;
  GRANT SELECT (org_id, accepted_at) ON bus_event TO brikk_dispatch;
  CREATE POLICY dispatch ON bus_event TO brikk_dispatch USING (true);
  GRANT SELECT (id, org_id, workflow) ON bus_listener TO brikk_dispatch;
  CREATE POLICY dispatch ON bus_listener TO brikk_dispatch USING (true);
  GRANT SELECT (listener_id, number, org_id, status, attempts, due_at), UPDATE (attempts, due_at)
    ON bus_delivery TO brikk_dispatch;
  CREATE POLICY dispatch ON bus_delivery TO brikk_dispatch USING (true);
  GRANT SELECT (org_id, run_id, position) ON bus_outbox TO brikk_dispatch;
  CREATE POLICY dispatch ON bus_outbox TO brikk_dispatch USING (true)`;
