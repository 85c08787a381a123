import type { MigrationInterface, QueryRunner } from 'typeorm';

const TABLES = ['org_key', 'secret'];

export class Secrets1763890000000 implements MigrationInterface {
  readonly name = 'Secrets1763890000000';

  async up(runner: QueryRunner): Promise<void> {
    await runner.query(SECRETS);
    for (const table of TABLES) await runner.query(onlyOwnRows(table));
    await runner.query(`GRANT SELECT, INSERT, UPDATE, DELETE ON ${TABLES.join(', ')} TO brikk_app`);
  }

  async down(runner: QueryRunner): Promise<void> {
    await runner.query(`DROP TABLE ${TABLES.join(', ')}`);
  }
}

const SECRETS = `
  CREATE TABLE org_key (
    org_id uuid NOT NULL,
    key_id text NOT NULL,
    wrapped text NOT NULL,
    master_key_id text NOT NULL,
    state text NOT NULL DEFAULT 'active',
    created_at timestamptz(3) NOT NULL DEFAULT now(),
    PRIMARY KEY (org_id, key_id)
  );
  CREATE UNIQUE INDEX org_key_active ON org_key (org_id) WHERE state = 'active';
  CREATE TABLE secret (
    id uuid PRIMARY KEY,
    org_id uuid NOT NULL,
    name text NOT NULL,
    value text NOT NULL,
    version integer NOT NULL,
    updated_at timestamptz(3) NOT NULL DEFAULT now(),
    updated_by json NOT NULL
  );
  CREATE UNIQUE INDEX secret_by_name ON secret (org_id, name)`;

const onlyOwnRows = (table: string) => `
  ALTER TABLE ${table} ENABLE ROW LEVEL SECURITY;
  ALTER TABLE ${table} FORCE ROW LEVEL SECURITY;
  CREATE POLICY own_organisation ON ${table}
    USING (org_id = nullif(current_setting('app.org', true), '')::uuid)`;
