import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { DataSource } from 'typeorm';
import { asOwner, type TestDatabase, withDatabase } from '../test/support/postgres.js';
import { Database } from './database.js';
import { migrate } from './migrate.js';
import { typeormOptions } from './typeorm-options.js';

describe('migrate', () => {
  let test: TestDatabase;
  beforeAll(async () => {
    test = await withDatabase();
  }, 90_000);
  afterAll(() => test.close());

  it('lets processes that start together wait for each other, and changes nothing on a repeat', async () => {
    const { ownerUrl, appUrl, dispatchUrl } = test;
    const urls = await Promise.all([1, 2, 3].map(() => migrate({ ownerUrl, appUrl, dispatchUrl })));
    expect(urls[0]).toEqual({ appUrl, dispatchUrl });
  });

  it('makes an empty database ready when several begin at once', async () => {
    const name = `${new URL(test.ownerUrl).pathname.slice(1)}_empty`;
    const on = (url: string) => Object.assign(new URL(url), { pathname: `/${name}` }).href;
    const [ownerUrl, appUrl, dispatchUrl] = [on(test.ownerUrl), on(test.appUrl), on(test.dispatchUrl)];
    await asOwner(test.ownerUrl, (owner) => owner.query(`CREATE DATABASE ${name}`));
    try {
      await Promise.all([1, 2, 3].map(() => migrate({ ownerUrl, appUrl, dispatchUrl })));
      const { rows } = await asOwner(ownerUrl, (owner) => owner.query<{ name: string }>('SELECT name FROM migration'));
      expect(rows).toHaveLength(typeormOptions(ownerUrl).migrations?.length as number);
    } finally {
      await asOwner(test.ownerUrl, (owner) => owner.query(`DROP DATABASE ${name} WITH (FORCE)`));
    }
  }, 30_000);

  it('makes what the entities say: nothing is left for a further migration', async () => {
    const source = await new DataSource(typeormOptions(test.ownerUrl)).initialize();
    const { upQueries } = await source.driver.createSchemaBuilder().log();
    await source.destroy();
    expect(upQueries.map(({ query }) => query)).toEqual([]);
  });

  it('refuses to open as a superuser', async () => {
    await expect(Database.open({ appUrl: test.ownerUrl })).rejects.toThrow(/bypasses row-level security/);
  });
});
