import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { type TestDatabase, withDatabase } from '../test/support/postgres.js';
import { Database } from './database.js';
import { migrate } from './migrate.js';

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

  it('refuses to open as a superuser', async () => {
    await expect(Database.open({ appUrl: test.ownerUrl })).rejects.toThrow(/bypasses row-level security/);
  });
});
