import type { MigrationInterface, QueryRunner } from 'typeorm';

const TABLES = ['budget_ledger', 'budget_reservation'];

export class Budgets1763830000000 implements MigrationInterface {
  readonly name = 'Budgets1763830000000';

  async up(runner: QueryRunner): Promise<void> {
    await runner.query(LEDGERS);
    for (const table of TABLES) await runner.query(onlyOwnRows(table));
    await runner.query('ALTER TABLE run ADD COLUMN budget json');
    await runner.query(
      'ALTER TABLE capability_stat ADD COLUMN cost_buckets integer[], ADD COLUMN token_buckets integer[]',
    );
  }

  async down(runner: QueryRunner): Promise<void> {
    await runner.query(`DROP TABLE ${TABLES.join(', ')}; ALTER TABLE run DROP COLUMN budget;
      ALTER TABLE capability_stat DROP COLUMN cost_buckets, DROP COLUMN token_buckets`);
  }
}

const onlyOwnRows = (table: string) => `
  ALTER TABLE ${table} ENABLE ROW LEVEL SECURITY;
  ALTER TABLE ${table} FORCE ROW LEVEL SECURITY;
  CREATE POLICY own_organisation ON ${table}
    USING (org_id = nullif(current_setting('app.org', true), '')::uuid);
  GRANT SELECT, INSERT, UPDATE ON ${table} TO brikk_app`;

const LEDGERS = `
  CREATE TABLE budget_ledger (
    run_id uuid NOT NULL,
    place text NOT NULL,
    org_id uuid NOT NULL,
    state text NOT NULL DEFAULT 'new',
    limits json NOT NULL,
    used_tokens double precision NOT NULL DEFAULT 0,
    used_cost_usd double precision NOT NULL DEFAULT 0,
    used_calls double precision NOT NULL DEFAULT 0,
    reserved_tokens double precision NOT NULL DEFAULT 0,
    reserved_cost_usd double precision NOT NULL DEFAULT 0,
    reserved_calls double precision NOT NULL DEFAULT 0,
    agents text[] NOT NULL DEFAULT '{}',
    leases json NOT NULL DEFAULT '[]',
    PRIMARY KEY (run_id, place)
  );
  CREATE TABLE budget_reservation (
    run_id uuid NOT NULL,
    call_key text NOT NULL,
    place text NOT NULL,
    org_id uuid NOT NULL,
    tokens double precision,
    cost_usd double precision,
    calls double precision,
    is_settled boolean NOT NULL DEFAULT false,
    PRIMARY KEY (run_id, call_key, place)
  )`;
