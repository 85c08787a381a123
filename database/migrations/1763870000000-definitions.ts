import type { MigrationInterface, QueryRunner } from 'typeorm';

export class Definitions1763870000000 implements MigrationInterface {
  readonly name = 'Definitions1763870000000';

  async up(runner: QueryRunner): Promise<void> {
    await runner.query(DEFINITION);
    await runner.query('ALTER TABLE run ADD COLUMN workflow text');
  }

  async down(runner: QueryRunner): Promise<void> {
    await runner.query('ALTER TABLE run DROP COLUMN workflow');
    await runner.query('DROP TABLE workflow_definition');
  }
}

/** A published version is what runs were started with: nobody may change or take it away. */
const DEFINITION = `
  CREATE TABLE workflow_definition (
    org_id uuid NOT NULL,
    namespace text NOT NULL,
    name text NOT NULL,
    version text NOT NULL,
    hash text NOT NULL,
    title text,
    summary text,
    definition json NOT NULL,
    yaml text,
    created_at timestamptz(3) NOT NULL DEFAULT now(),
    PRIMARY KEY (org_id, namespace, name, version)
  );
  ALTER TABLE workflow_definition ENABLE ROW LEVEL SECURITY;
  ALTER TABLE workflow_definition FORCE ROW LEVEL SECURITY;
  CREATE POLICY own_organisation ON workflow_definition
    USING (org_id = nullif(current_setting('app.org', true), '')::uuid);
  GRANT SELECT, INSERT ON workflow_definition TO brikk_app`;
