import { readFileSync } from 'node:fs';
import path from 'node:path';
import { type NodeChild, startNodeChild } from '../../apps/cli/up/node-child.js';
import { ownerUrlOf } from '../../apps/cli/up/owner-url.js';
import type { LaunchedBrikk } from './brikk.js';

const dist = path.join(import.meta.dirname, '../../dist');
const STOP_WAIT_MS = 3_000;

/** What another API or worker beside a launched product is told; the port of an API is its own. */
export async function environmentBeside(brikk: LaunchedBrikk): Promise<NodeJS.ProcessEnv> {
  const { home } = brikk;
  const { api, temporal, devKey } = await brikk.status();
  const passwords = JSON.parse(readFileSync(path.join(home, 'db.json'), 'utf8')) as { app: string; dispatch: string };
  const as = (username: string, password: string) =>
    Object.assign(new URL(ownerUrlOf(home) as string), { username, password }).href;
  return {
    ...process.env,
    BRIKK_ENV: 'development',
    BRIKK_HOME: home,
    BRIKK_API_URL: api.url,
    BRIKK_API_KEY: devKey,
    BRIKK_RATE_LIMIT: '100000',
    BRIKK_MASTER_KEY: readFileSync(path.join(home, 'master-key'), 'utf8').trim(),
    DATABASE_APP_URL: as('brikk_app', passwords.app),
    DATABASE_DISPATCH_URL: as('brikk_dispatch', passwords.dispatch),
    TEMPORAL_ADDRESS: temporal.address,
    TEMPORAL_NAMESPACE: 'brikk',
  };
}

/** Starts `apps/<app>/main.js` of the build; resolves when it is ready. Its log stands in the product's home. */
export function startBeside(
  { home }: LaunchedBrikk,
  { name, app, env }: { name: string; app: 'api' | 'worker'; env: NodeJS.ProcessEnv },
): Promise<NodeChild> {
  const logFile = path.join(home, `${name.replace(' ', '-')}.log`);
  return startNodeChild({
    name,
    script: path.join(dist, 'apps', app, 'main.js'),
    env,
    logFile,
    stopWaitMs: STOP_WAIT_MS,
  });
}
