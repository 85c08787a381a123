// One Postgres with a migrated database to copy, one Temporal and one workflow bundle for the whole jest run. They come
// from the build, because jest transforms no imports of its global setup.
import { existsSync } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import pg from 'pg';

const dist = path.join(import.meta.dirname, '../../dist');
const TEMPLATE = 'brikk_template';
/** Roles are shared by all databases of the server, so that all specs use one password. */
const PASSWORD = 'brikk-test';

export default async function globalSetup() {
  if (!existsSync(path.join(dist, 'workflow-bundle.js'))) {
    throw new Error('The tests run against the build: npm run build first.');
  }
  const { startPostgres } = await import(path.join(dist, 'apps/cli/up/postgres.js'));
  const { startTemporal } = await import(path.join(dist, 'apps/cli/up/temporal.js'));
  const { findTemporal } = await import(path.join(dist, 'apps/cli/up/find-temporal.js'));
  const folder = await mkdtemp(path.join(tmpdir(), 'brikk-suite-'));
  const { path: binary } = await findTemporal(() => undefined);
  const [postgres, temporal] = await Promise.all([
    startPostgres({ dataDir: path.join(folder, 'postgres') }),
    startTemporal({ binary, dbFile: path.join(folder, 'temporal.db'), headless: true, ephemeral: true }),
  ]);
  await makeTemplate(postgres.url);
  process.env.BRIKK_TEST_DATABASE_URL = postgres.url;
  process.env.BRIKK_TEST_DATABASE_TEMPLATE = TEMPLATE;
  process.env.BRIKK_TEST_DATABASE_PASSWORD = PASSWORD;
  process.env.BRIKK_TEST_TEMPORAL_ADDRESS = temporal.address;
  process.env.BRIKK_TEST_WORKFLOW_BUNDLE = path.join(dist, 'workflow-bundle.js');
  globalThis.stopBrikkTestServers = async () => {
    await Promise.all([postgres.stop(), temporal.stop()]);
    await rm(folder, { recursive: true, force: true });
  };
}

async function makeTemplate(url) {
  const client = new pg.Client({ connectionString: url });
  await client.connect();
  await client.query(`CREATE DATABASE ${TEMPLATE}`);
  await client.end();
  const { migrate } = await import(path.join(dist, 'database/migrate.js'));
  const of = (role) => Object.assign(new URL(url), { pathname: `/${TEMPLATE}`, ...role }).href;
  await migrate({
    ownerUrl: of({}),
    appUrl: of({ username: 'brikk_app', password: PASSWORD }),
    dispatchUrl: of({ username: 'brikk_dispatch', password: PASSWORD }),
  });
}
