import type { MigrationInterface, QueryRunner } from 'typeorm';

const TENANT_TABLES = [
  'api_key',
  'idempotency',
  'agent',
  'agent_instance',
  'agent_capability',
  'capability_stat',
  'run',
  'run_event',
  'call_journal',
  'payload',
  'audit_event',
];

export class Foundation1763700000000 implements MigrationInterface {
  readonly name = 'Foundation1763700000000';

  async up(runner: QueryRunner): Promise<void> {
    await runner.query(IDENTITY);
    await runner.query(AGENTS);
    await runner.query(RUNS);
    await runner.query(AUDIT);
    for (const table of TENANT_TABLES) await runner.query(onlyOwnRows(table, 'org_id'));
    await runner.query(onlyOwnRows('organisation', 'id'));
    await runner.query(GRANTS);
  }

  async down(runner: QueryRunner): Promise<void> {
    const tables = [...TENANT_TABLES, 'api_key_index', 'organisation'];
    await runner.query(`DROP TABLE ${tables.join(', ')}; DROP FUNCTION refuse_change()`);
  }
}

/** Without `app.org` there are no rows; FORCE binds the owner, too. */
const onlyOwnRows = (table: string, column: string) => `
  ALTER TABLE ${table} ENABLE ROW LEVEL SECURITY;
  ALTER TABLE ${table} FORCE ROW LEVEL SECURITY;
  CREATE POLICY own_organisation ON ${table}
    USING (${column} = nullif(current_setting('app.org', true), '')::uuid)`;

const IDENTITY = `
  CREATE TABLE organisation (
    id uuid PRIMARY KEY,
    name text NOT NULL,
    created_at timestamptz(3) NOT NULL DEFAULT now()
  );
  CREATE TABLE api_key (
    id uuid PRIMARY KEY,
    org_id uuid NOT NULL,
    name text NOT NULL,
    prefix text NOT NULL,
    hash text NOT NULL,
    role text NOT NULL,
    scopes text[] NOT NULL,
    expires_at timestamptz(3),
    revoked_at timestamptz(3),
    last_used_at timestamptz(3),
    created_at timestamptz(3) NOT NULL DEFAULT now()
  );
  CREATE INDEX api_key_by_org ON api_key (org_id, id);
  CREATE TABLE api_key_index (hash text PRIMARY KEY, org_id uuid NOT NULL, key_id uuid NOT NULL);
  CREATE TABLE idempotency (
    org_id uuid NOT NULL,
    route text NOT NULL,
    key text NOT NULL,
    body_hash text NOT NULL,
    status integer,
    response json,
    expires_at timestamptz(3),
    PRIMARY KEY (org_id, route, key)
  )`;

const AGENTS = `
  CREATE TABLE agent (
    id uuid PRIMARY KEY,
    org_id uuid NOT NULL,
    name text NOT NULL,
    version text NOT NULL,
    description text,
    protocol text NOT NULL,
    role text NOT NULL,
    region text,
    limits json,
    defaults json,
    labels jsonb NOT NULL,
    signing_secret text NOT NULL,
    created_at timestamptz(3) NOT NULL DEFAULT now()
  );
  CREATE UNIQUE INDEX agent_by_name ON agent (org_id, name, version);
  CREATE TABLE agent_instance (
    id uuid PRIMARY KEY,
    org_id uuid NOT NULL,
    agent_id uuid NOT NULL,
    endpoint text NOT NULL,
    state text NOT NULL,
    draining boolean NOT NULL DEFAULT false,
    max_concurrency integer NOT NULL,
    in_flight integer NOT NULL DEFAULT 0,
    load double precision,
    health json,
    ttl_seconds integer NOT NULL,
    lease_expires_at timestamptz(3),
    breaker text NOT NULL DEFAULT 'closed',
    breaker_opened integer NOT NULL DEFAULT 0,
    breaker_until timestamptz(3),
    registered_at timestamptz(3) NOT NULL DEFAULT now()
  );
  CREATE UNIQUE INDEX agent_instance_by_endpoint ON agent_instance (agent_id, endpoint);
  CREATE INDEX agent_instance_by_lease ON agent_instance (lease_expires_at) WHERE state <> 'shutdown';
  CREATE TABLE agent_capability (
    agent_id uuid NOT NULL,
    name text NOT NULL,
    org_id uuid NOT NULL,
    ordinal integer NOT NULL,
    contract json NOT NULL,
    PRIMARY KEY (agent_id, name)
  );
  CREATE INDEX agent_capability_by_name ON agent_capability (org_id, name);
  CREATE TABLE capability_stat (
    instance_id uuid NOT NULL,
    capability text NOT NULL,
    org_id uuid NOT NULL,
    agent_id uuid NOT NULL,
    calls bigint NOT NULL,
    succeeded bigint NOT NULL,
    success_rate double precision NOT NULL,
    latency_ms double precision,
    latency_buckets integer[] NOT NULL,
    cost_usd double precision NOT NULL,
    PRIMARY KEY (instance_id, capability)
  );
  CREATE INDEX capability_stat_by_agent ON capability_stat (agent_id)`;

const RUNS = `
  CREATE TABLE run (
    id uuid PRIMARY KEY,
    org_id uuid NOT NULL,
    pattern text NOT NULL,
    "with" json NOT NULL,
    input json,
    input_ref uuid,
    output json,
    output_ref uuid,
    status text NOT NULL DEFAULT 'accepted',
    termination_reason text,
    error json,
    labels jsonb NOT NULL,
    priority text NOT NULL,
    correlation_id text,
    parent_run_id uuid,
    trace_id text,
    traceparent text,
    definition_hash text NOT NULL,
    resumed boolean NOT NULL DEFAULT false,
    deadline_at timestamptz(3) NOT NULL,
    usage json,
    warnings text[] NOT NULL DEFAULT '{}',
    degraded boolean NOT NULL DEFAULT false,
    rounds integer NOT NULL DEFAULT 0,
    last_position integer NOT NULL DEFAULT 0,
    pause_requested boolean NOT NULL DEFAULT false,
    cancel_requested boolean NOT NULL DEFAULT false,
    steering json,
    steering_requested_at timestamptz(3),
    next_check_at timestamptz(3) NOT NULL DEFAULT now(),
    accepted_at timestamptz(3) NOT NULL DEFAULT now(),
    started_at timestamptz(3),
    finished_at timestamptz(3)
  );
  CREATE INDEX run_by_org ON run (org_id, id);
  CREATE INDEX run_by_labels ON run USING gin (labels jsonb_path_ops);
  CREATE INDEX run_unfinished ON run (next_check_at) WHERE finished_at IS NULL;
  CREATE INDEX run_steered ON run (steering_requested_at) WHERE steering_requested_at IS NOT NULL;
  CREATE TABLE run_event (
    run_id uuid NOT NULL,
    position integer NOT NULL,
    org_id uuid NOT NULL,
    key text NOT NULL,
    at timestamptz(3) NOT NULL,
    type text NOT NULL,
    data json NOT NULL,
    PRIMARY KEY (run_id, position)
  ) PARTITION BY RANGE (run_id);
  CREATE UNIQUE INDEX run_event_by_key ON run_event (run_id, key);
  CREATE TABLE call_journal (
    run_id uuid NOT NULL,
    call_key text NOT NULL,
    org_id uuid NOT NULL,
    position integer NOT NULL,
    path text NOT NULL,
    status text NOT NULL,
    attempts integer NOT NULL,
    agent_id uuid,
    agent text,
    version text,
    instance_id uuid,
    role text,
    round integer,
    usage json NOT NULL,
    confidence double precision,
    output json,
    payload_ref uuid,
    payload_bytes integer,
    payload_length integer,
    error json,
    queue_ms double precision NOT NULL,
    exec_ms double precision NOT NULL,
    started_at timestamptz(3) NOT NULL,
    finished_at timestamptz(3) NOT NULL,
    PRIMARY KEY (run_id, call_key)
  ) PARTITION BY RANGE (run_id);
  CREATE UNIQUE INDEX call_journal_by_position ON call_journal (run_id, position);
  CREATE TABLE payload (
    id uuid PRIMARY KEY,
    org_id uuid NOT NULL,
    run_id uuid NOT NULL,
    bytes integer NOT NULL,
    content json NOT NULL
  );
  CREATE INDEX payload_by_run ON payload (run_id)`;

const AUDIT = `
  CREATE TABLE audit_event (
    org_id uuid NOT NULL,
    seq bigint NOT NULL,
    at timestamptz(3) NOT NULL,
    actor json NOT NULL,
    action text NOT NULL,
    target text NOT NULL,
    outcome text NOT NULL,
    request_id text NOT NULL,
    ip text,
    changed_fields text[] NOT NULL,
    prev_hash text NOT NULL,
    hash text NOT NULL,
    PRIMARY KEY (org_id, seq)
  );
  CREATE FUNCTION refuse_change() RETURNS trigger LANGUAGE plpgsql AS $$
    BEGIN RAISE EXCEPTION '% is append-only', TG_TABLE_NAME USING ERRCODE = 'insufficient_privilege'; END $$;
  CREATE TRIGGER append_only BEFORE UPDATE OR DELETE ON audit_event
    FOR EACH ROW EXECUTE FUNCTION refuse_change();
  CREATE TRIGGER never_empty BEFORE TRUNCATE ON audit_event EXECUTE FUNCTION refuse_change()`;

const GRANTS = `
  GRANT SELECT, INSERT ON organisation, api_key_index, run_event, call_journal, payload, audit_event TO brikk_app;
  GRANT SELECT, INSERT, UPDATE ON api_key, run, agent, agent_instance, capability_stat TO brikk_app;
  GRANT SELECT, INSERT, UPDATE, DELETE ON idempotency, agent_capability TO brikk_app;
  GRANT SELECT (id, org_id, status, accepted_at, started_at, finished_at, next_check_at, steering_requested_at),
    UPDATE (next_check_at) ON run TO brikk_dispatch;
  CREATE POLICY dispatch ON run TO brikk_dispatch USING (true);
  GRANT SELECT (id, org_id, agent_id, state, lease_expires_at), UPDATE (state) ON agent_instance TO brikk_dispatch;
  CREATE POLICY dispatch ON agent_instance TO brikk_dispatch USING (true)`;
