import type { MigrationInterface, QueryRunner } from 'typeorm';

export class DefinitionResources1764360000000 implements MigrationInterface {
  readonly name = 'DefinitionResources1764360000000';

  async up(runner: QueryRunner): Promise<void> {
    await runner.query(RESOURCE);
  }

  async down(runner: QueryRunner): Promise<void> {
    await runner.query('DROP TABLE definition_resource');
  }
}

/** What runs of a version go by: nobody may change or take it away, as the version itself. */
const RESOURCE = `
  CREATE TABLE definition_resource (
    org_id uuid NOT NULL,
    definition_hash text NOT NULL,
    what text NOT NULL,
    uri text NOT NULL,
    hash text NOT NULL,
    document json NOT NULL,
    created_at timestamptz(3) NOT NULL DEFAULT now(),
    PRIMARY KEY (org_id, definition_hash, what, uri)
  );
  ALTER TABLE definition_resource ENABLE ROW LEVEL SECURITY;
  ALTER TABLE definition_resource FORCE ROW LEVEL SECURITY;
  CREATE POLICY own_organisation ON definition_resource
    USING (org_id = nullif(current_setting('app.org', true), '')::uuid);
  GRANT SELECT, INSERT ON definition_resource TO brikk_app`;
