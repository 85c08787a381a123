import pg from 'pg';
import { UserError } from '../user-error.js';

/**
 * Fails with a `UserError` that names `variable` when nobody answers at the URL, or refuses. Returns the server's
 * version and clock.
 */
export async function checkDatabase(url: string, variable = 'DATABASE_URL'): Promise<{ version: string; now: Date }> {
  const client = new pg.Client({ connectionString: url, connectionTimeoutMillis: 5_000 });
  client.on('error', () => undefined); // A later failure shows in the query below.
  try {
    await client.connect();
    const { rows } = await client.query<{ version: string; now: Date }>(
      `SELECT current_setting('server_version') AS version, clock_timestamp() AS now`,
    );
    return rows[0] as { version: string; now: Date };
  } catch (error) {
    const reason = error instanceof Error && error.message ? error.message : 'no answer';
    throw new UserError(`The Postgres of ${variable} cannot be used (${reason}): start it, or correct the URL.`, {
      cause: error,
    });
  } finally {
    await client.end().catch(() => undefined);
  }
}
