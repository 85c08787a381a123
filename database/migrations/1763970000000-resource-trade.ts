import type { MigrationInterface, QueryRunner } from 'typeorm';

/** How turns are given, what holders and those who wait offer each other, and waits that can never end. */
export class ResourceTrade1763970000000 implements MigrationInterface {
  readonly name = 'ResourceTrade1763970000000';

  async up(runner: QueryRunner): Promise<void> {
    await runner.query(`
      ALTER TABLE resource ADD COLUMN grant_by text NOT NULL DEFAULT 'priority', ADD COLUMN notice_ms double precision;
      ALTER TABLE resource_lease ADD COLUMN work text, ADD COLUMN bid_usd double precision,
        ADD COLUMN price_usd double precision, ADD COLUMN preempted_by uuid, ADD COLUMN refusal json`);
    await runner.query(OFFERS);
    await runner.query(SWEEPERS);
  }

  async down(runner: QueryRunner): Promise<void> {
    await runner.query('DROP TABLE resource_offer');
    await runner.query(`
      DROP POLICY dispatch_waiting ON resource_lease;
      REVOKE SELECT (state) ON resource_lease FROM brikk_dispatch;
      ALTER TABLE resource_lease DROP COLUMN work, DROP COLUMN bid_usd, DROP COLUMN price_usd,
        DROP COLUMN preempted_by, DROP COLUMN refusal;
      ALTER TABLE resource DROP COLUMN grant_by, DROP COLUMN notice_ms`);
  }
}

const OFFERS = `
  CREATE TABLE resource_offer (
    org_id uuid NOT NULL,
    id uuid PRIMARY KEY,
    resource text NOT NULL,
    lease_id uuid NOT NULL,
    request_id uuid NOT NULL,
    giver_key_id text NOT NULL,
    taker_key_id text NOT NULL,
    state text NOT NULL DEFAULT 'open',
    turn text NOT NULL,
    terms json NOT NULL,
    created_at timestamptz(3) NOT NULL DEFAULT clock_timestamp(),
    updated_at timestamptz(3) NOT NULL DEFAULT clock_timestamp(),
    expires_at timestamptz(3) NOT NULL
  );
  CREATE INDEX resource_offer_of_org ON resource_offer (org_id, resource);
  ALTER TABLE resource_offer ENABLE ROW LEVEL SECURITY;
  ALTER TABLE resource_offer FORCE ROW LEVEL SECURITY;
  CREATE POLICY own_organisation ON resource_offer
    USING (org_id = nullif(current_setting('app.org', true), '')::uuid);
  GRANT SELECT, INSERT, UPDATE, DELETE ON resource_offer TO brikk_app`;

/** Sweepers see where somebody waits, too: some wait for each other. */
const SWEEPERS = `
  GRANT SELECT (state) ON resource_lease TO brikk_dispatch;
  CREATE POLICY dispatch_waiting ON resource_lease FOR SELECT TO brikk_dispatch USING (state = 'waiting')`;
