import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import type { Json } from '../contracts/json.js';
import { type MemoryAddress, searchMemorySchema } from '../contracts/memory.js';
import { asOwner, type TestDatabase, withDatabase } from '../test/support/postgres.js';
import { acceptedRun } from '../test/support/runs.js';
import {
  appendMemory,
  deleteMemory,
  listMemory,
  putMemory,
  readMemory,
  searchMemory,
  sweepMemory,
} from './memory.repository.js';
import { createOrganisation } from './organisations.repository.js';
import { uuidv7 } from './uuid.js';

describe('shared memory', () => {
  const by = { type: 'api-key' as const, id: 'k' };
  let test: TestDatabase;
  let orgId: string;
  beforeAll(async () => {
    test = await withDatabase();
    orgId = (await test.database.outsideOrgs((tx) => createOrganisation(tx, 'remembers'))).id;
  }, 90_000);
  afterAll(() => test.close());

  const inOrg = <T>(work: Parameters<typeof test.database.inOrg<T>>[1]) => test.database.inOrg(orgId, work);
  const at = (key: string, scopeId = 's'): MemoryAddress => ({ scope: 'session', scopeId, key });
  const put = (key: string, value: Json, more: { ifVersion?: number; ttlMs?: number } = {}, scopeId?: string) =>
    inOrg((tx) => putMemory(tx, at(key, scopeId), by, { value, ...more }));
  const append = (key: string, item: Json, more: { maxItems?: number; ttlMs?: number } = {}) =>
    inOrg((tx) => appendMemory(tx, at(key), by, { item, ...more }));
  const read = (key: string) => inOrg((tx) => readMemory(tx, at(key)));
  const passed = (key: string, interval = '1 s') =>
    asOwner(test.ownerUrl, (owner) =>
      owner.query('UPDATE memory_entry SET expires_at = now() - $2::interval WHERE key = $1', [key, interval]),
    );

  it('keeps a value as it was given, key order and all, and counts its versions', async () => {
    expect(await put('plan', { b: 1, a: [null, 'ü'] })).toMatchObject({ version: 1, scopeId: 's', expiresAt: null });
    expect(await put('plan', { z: 1, y: 2 })).toMatchObject({ version: 2, bytes: 13, updatedBy: by });
    const { value, version } = await read('plan');
    expect([version, Object.keys(value as object)]).toEqual([2, ['z', 'y']]);
    await expect(read('nothing')).rejects.toMatchObject({ code: 'memory.not_found' });
  });

  it('lets one of many writers win a compare-and-set, and tells the others the version that stands', async () => {
    const made = await Promise.allSettled(Array.from({ length: 20 }, (_, n) => put('race', n, { ifVersion: 0 })));
    expect(made.filter(({ status }) => status === 'fulfilled')).toHaveLength(1);
    await expect(put('race', 'late', { ifVersion: 7 })).rejects.toMatchObject({
      code: 'memory.conflict',
      violations: [{ path: 'ifVersion', allowed: 1 }],
    });
    expect(await put('race', 'next', { ifVersion: 1 })).toMatchObject({ version: 2 });
  });

  it('loses no item of 50 writers that append at once', async () => {
    await Promise.all(Array.from({ length: 50 }, (_, n) => append('log', n)));
    const { value, version } = await read('log');
    expect((value as number[]).toSorted((a, b) => a - b)).toEqual(Array.from({ length: 50 }, (_, n) => n));
    expect(version).toBe(50);
    await append('log', 'last', { maxItems: 3 });
    expect((await read('log')).value).toHaveLength(3);
  });

  it('appends to lists only, and to no more than 10,000 items', async () => {
    await put('number', 7);
    await expect(append('number', 1)).rejects.toMatchObject({ code: 'memory.not_a_list' });
    await put(
      'long',
      Array.from({ length: 10_000 }, () => 0),
    );
    await expect(append('long', 1)).rejects.toMatchObject({ code: 'memory.too_large' });
    await expect(put('large', 'x'.repeat(1_024 * 1_024))).rejects.toMatchObject({ code: 'memory.too_large' });
  });

  it('shows nothing whose time is over, and goes on counting its versions', async () => {
    await put('brief', 'secret word', { ttlMs: 60_000 });
    await append('brief-list', 1, { ttlMs: 60_000 });
    const { expiresAt } = await append('brief-list', 2);
    expect(Date.parse(expiresAt!)).toBeGreaterThan(Date.now());
    await passed('brief');
    await passed('brief-list');
    await expect(read('brief')).rejects.toMatchObject({ code: 'memory.not_found' });
    await expect(put('brief', 'x', { ifVersion: 1 })).rejects.toMatchObject({ violations: [{ allowed: 0 }] });
    expect(await put('brief', 'again', { ifVersion: 0 })).toMatchObject({ version: 2, expiresAt: null });
    await append('brief-list', 3);
    expect((await read('brief-list')).value).toEqual([3]);
  });

  it('forgets what is deleted at once, once, and only in the version that was meant', async () => {
    await put('gone', 'hidden treasure');
    const remove = (ifVersion?: number) => inOrg((tx) => deleteMemory(tx, at('gone'), { ifVersion }));
    await expect(remove(3)).rejects.toMatchObject({ code: 'memory.conflict' });
    await remove(1);
    await expect(remove()).rejects.toMatchObject({ code: 'memory.not_found' });
    const { rows } = await asOwner(test.ownerUrl, (owner) =>
      owner.query("SELECT value::text, words::text FROM memory_entry WHERE key = 'gone'"),
    );
    expect(rows).toEqual([{ value: 'null', words: '' }]);
    expect(await put('gone', 1)).toMatchObject({ version: 2 });
  });

  it('sweeps what has been over for a day, of every organisation', async () => {
    await put('old', 1);
    await put('newer', 1);
    await passed('old', '25 hours');
    await passed('newer', '1 hour');
    await sweepMemory(test.database);
    const { rows } = await asOwner(test.ownerUrl, (owner) =>
      owner.query("SELECT key FROM memory_entry WHERE key IN ('old', 'newer')"),
    );
    expect(rows).toEqual([{ key: 'newer' }]);
  });

  it('lists keys by prefix, page by page, each scope for itself', async () => {
    for (const key of ['u.1', 'u.2', 'u.3', 'v.1']) await put(key, 1, {}, 'lists');
    await put('u.0', 1, {}, 'other');
    const page = (cursor?: string) =>
      inOrg((tx) => listMemory(tx, { scope: 'session', scopeId: 'lists' }, { prefix: 'u.', limit: 2, cursor }));
    const first = await page();
    const second = await page(first.nextCursor!);
    expect([...first.items, ...second.items].map(({ key }) => key)).toEqual(['u.1', 'u.2', 'u.3']);
    expect(second.nextCursor).toBeNull();
  });

  it('belongs to runs that exist', async () => {
    const address = { scope: 'run' as const, scopeId: await acceptedRun(test.database, orgId), key: 'note' };
    await inOrg((tx) => putMemory(tx, address, { type: 'run', id: address.scopeId }, { value: 1 }));
    await expect(inOrg((tx) => readMemory(tx, { ...address, scopeId: uuidv7() }))).rejects.toMatchObject({
      code: 'run.not_found',
    });
    await expect(inOrg((tx) => listMemory(tx, { scope: 'run', scopeId: 'x' }, { limit: 1 }))).rejects.toMatchObject({
      code: 'run.not_found',
    });
  });

  describe('searched by words', () => {
    const search = (query: string, more: object = {}) =>
      inOrg((tx) => searchMemory(tx, searchMemorySchema.parse({ query, ...more })));
    beforeAll(async () => {
      await put('incident.db-3', { text: 'The disk of db-3 was full; old logs were deleted.', hours: 42 }, {}, 'docs');
      await put('incident.web', { text: 'Certificates expired on the web servers', tags: ['tls', 'disk'] }, {}, 'docs');
      await put('disk', 'Replacing a drive', {}, 'docs');
    });

    it('ranks the best first, by key before text, and shows where the words stand', async () => {
      const hits = await search('disks', { scope: 'session', scopeId: 'docs' });
      expect(hits.map(({ key }) => key)).toEqual(['disk', 'incident.web', 'incident.db-3'].sort(byRank(hits)));
      expect(hits[0]?.key).toBe('disk');
      const [hit] = await search('"old logs" -certificates');
      expect(hit).toMatchObject({ key: 'incident.db-3', snippet: expect.stringContaining('**old** **logs**') });
      expect(hit?.rank).toBeGreaterThan(0);
      expect((await search('42')).map(({ key }) => key)).toEqual(['incident.db-3']);
    });

    it('keeps to its filters, and bears any text as a query', async () => {
      expect(await search('disk', { scope: 'organisation' })).toEqual([]);
      expect((await search('disk', { prefix: 'incident.', limit: 1 })).map(({ key }) => key)).toHaveLength(1);
      for (const odd of ["'", 'the', '& | !', '<-> (', '\\', '"unclosed']) expect(await search(odd)).toEqual([]);
    });

    it('is served by the index of words although rows are guarded', async () => {
      const plan = await asOwner(test.ownerUrl, async (owner) => {
        await owner.query(
          `INSERT INTO memory_entry SELECT $1, 'session', 'many', n::text, '1', 1, 1, memory_words(n::text, '1'), '{}', now(), now()
           FROM generate_series(1, 5000) n`,
          [orgId],
        );
        await owner.query('ANALYZE memory_entry; SET ROLE brikk_app');
        await owner.query(`SELECT set_config('app.org', $1, false)`, [orgId]);
        const { rows } = await owner.query<{ 'QUERY PLAN': string }>(
          `EXPLAIN SELECT FROM memory_entry WHERE words @@ websearch_to_tsquery('english', 'disk')`,
        );
        return rows.map((row) => row['QUERY PLAN']).join('\n');
      });
      expect(plan).toMatch('memory_entry_by_words');
    });

    it('finds a value of more words than can be indexed by its key', async () => {
      const text = Array.from({ length: 150_000 }, (_, n) => n.toString(36)).join(' ');
      await put('huge.inventory', { text }, {}, 'docs');
      expect((await search('inventory')).map(({ key }) => key)).toEqual(['huge.inventory']);
    });
  });
});

const byRank = (hits: { key: string }[]) => (one: string, other: string) =>
  hits.findIndex(({ key }) => key === one) - hits.findIndex(({ key }) => key === other);
