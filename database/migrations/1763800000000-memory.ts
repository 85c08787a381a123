import type { MigrationInterface, QueryRunner } from 'typeorm';

export class Memory1763800000000 implements MigrationInterface {
  readonly name = 'Memory1763800000000';

  async up(runner: QueryRunner): Promise<void> {
    await runner.query(TABLE);
    await runner.query(WORDS);
    await runner.query(POLICIES);
    await runner.query(USE_THE_INDEX);
  }

  async down(runner: QueryRunner): Promise<void> {
    await runner.query('DROP TABLE memory_entry; DROP FUNCTION memory_words(text, json)');
  }
}

const TABLE = `
  CREATE TABLE memory_entry (
    org_id uuid NOT NULL,
    scope text NOT NULL,
    scope_id text NOT NULL,
    key text NOT NULL,
    value json NOT NULL,
    version integer NOT NULL,
    bytes integer NOT NULL,
    words tsvector NOT NULL,
    updated_by json NOT NULL,
    created_at timestamptz(3) NOT NULL,
    updated_at timestamptz(3) NOT NULL,
    expires_at timestamptz(3),
    PRIMARY KEY (org_id, scope, scope_id, key)
  );
  CREATE INDEX memory_entry_by_words ON memory_entry USING gin (words);
  CREATE INDEX memory_entry_expired ON memory_entry (expires_at) WHERE expires_at IS NOT NULL`;

/** A value with more words than a tsvector holds (1 MiB) is found by its key. */
const WORDS = `
  CREATE FUNCTION memory_words(key text, value json) RETURNS tsvector LANGUAGE plpgsql IMMUTABLE AS $$
    DECLARE named tsvector := setweight(to_tsvector('english', translate(key, '._-', '   ')), 'A');
    BEGIN
      RETURN named || jsonb_to_tsvector('english', value::jsonb, '["string", "numeric"]');
    EXCEPTION WHEN program_limit_exceeded THEN
      RETURN named;
    END $$`;

/** The sweeper sees and deletes what has been over for a day, and nothing else. */
const POLICIES = `
  ALTER TABLE memory_entry ENABLE ROW LEVEL SECURITY;
  ALTER TABLE memory_entry FORCE ROW LEVEL SECURITY;
  CREATE POLICY own_organisation ON memory_entry
    USING (org_id = nullif(current_setting('app.org', true), '')::uuid);
  GRANT SELECT, INSERT, UPDATE, DELETE ON memory_entry TO brikk_app;
  GRANT SELECT (expires_at), DELETE ON memory_entry TO brikk_dispatch;
  CREATE POLICY dispatch ON memory_entry TO brikk_dispatch USING (expires_at < now() - interval '1 day')`;

/**
 * Under row-level security an index serves only operators that are leakproof, and the word match is not declared so,
 * though it neither fails nor tells anything by its arguments. Only a superuser may say it: elsewhere a search reads the
 * entries of its organisation one by one.
 */
const USE_THE_INDEX = `
  DO $$ BEGIN
    ALTER FUNCTION pg_catalog.ts_match_vq(tsvector, tsquery) LEAKPROOF;
  EXCEPTION WHEN insufficient_privilege THEN NULL;
  END $$`;
