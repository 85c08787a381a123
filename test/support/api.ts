import type { INestApplication } from '@nestjs/common';
import { createApp } from '../../apps/api/app.js';
import { Settings } from '../../apps/api/env.js';
import { createApiKey } from '../../database/api-keys.repository.js';
import type { Database } from '../../database/database.js';
import { createOrganisation } from '../../database/organisations.repository.js';
import type { Role, Scope } from '../../contracts/permissions.js';
import { withDatabase } from './postgres.js';

export interface TestApi {
  app: INestApplication;
  database: Database;
  /** A superuser's. */
  ownerUrl: string;
  orgId: string;
  /** Of an owner with `platform:admin`. */
  key: string;
  makeKey(key: { orgId?: string; name?: string; role: Role; scopes?: Scope[]; expiresAt?: string }): Promise<string>;
  close(): Promise<void>;
}

/** The real API in this process, on a Postgres of its own; its Temporal is nowhere. */
export async function startTestApi(
  settings: Partial<Settings> = {},
  /** Another way to the same database. */
  routed: (appUrl: string) => Promise<string> = async (appUrl) => appUrl,
): Promise<TestApi> {
  const home = await withDatabase();
  const { database, appUrl, dispatchUrl } = home;
  const app = await createApp(
    new Settings({
      environment: 'development',
      host: '127.0.0.1',
      port: 0,
      rateLimit: 100_000,
      logLevel: 'silent',
      pools: true,
      databaseUrl: await routed(appUrl),
      dispatchUrl,
      temporal: { connection: { address: '127.0.0.1:1' }, namespace: 'brikk' },
      ...settings,
    }),
  );
  await app.init();
  const { id } = await database.outsideOrgs((tx) => createOrganisation(tx, 'tests'));
  const makeKey: TestApi['makeKey'] = async ({ orgId = id, name = 'test', role, scopes = [], expiresAt }) =>
    (await database.inOrg(orgId, (tx) => createApiKey(tx, { orgId, name, role, scopes, expiresAt, env: 'test' }))).key;
  const key = await makeKey({ role: 'owner', scopes: ['platform:admin'] });
  const close = async () => {
    await app.close();
    await home.close();
  };
  return { app, database, ownerUrl: home.ownerUrl, orgId: id, key, makeKey, close };
}
