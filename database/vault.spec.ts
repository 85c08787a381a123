import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { randomBytes } from 'node:crypto';
import { mkdtempSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { asOwner, type TestDatabase, withDatabase } from '../test/support/postgres.js';
import { keepMasterKey, type KeyProvider, masterKeysSchema } from './master-key.js';
import { openSecrets, putSecret } from './secrets.repository.js';
import { uuidv7 } from './uuid.js';
import { Vault } from './vault.js';

const newKey = () => randomBytes(32).toString('base64');
const keysOf = (...keys: string[]) => masterKeysSchema.parse(keys.join(',')) as KeyProvider;

describe('the vault', () => {
  const master = newKey();
  let test: TestDatabase;
  beforeAll(async () => {
    test = await withDatabase();
  }, 60_000);
  afterAll(() => test.close());

  const by = { type: 'api-key' as const, id: 'k' };
  const put = (vault: Vault, orgId: string, name: string, value: string) =>
    test.database.inOrg(orgId, (tx) => putSecret(tx, vault, { orgId, name, by }, { value }));
  const open = async (vault: Vault, orgId: string, name: string) =>
    (await test.database.inOrg(orgId, (tx) => openSecrets(tx, vault, orgId, [name]))).get(name);
  const keys = (orgId: string) =>
    test.database.inOrg(orgId, (tx) =>
      tx<{ keyId: string; state: string; masterKeyId: string }>(
        'SELECT key_id AS "keyId", state, master_key_id AS "masterKeyId" FROM org_key ORDER BY created_at',
      ),
    );
  const inTable = (sql: string, values: unknown[] = []) =>
    asOwner(test.ownerUrl, async (owner) => (await owner.query(sql, values)).rows as Record<string, string>[]);

  it('opens what it sealed, also in another process, and leaves no trace of it in the table', async () => {
    const orgId = uuidv7();
    await put(new Vault(keysOf(master)), orgId, 'pager', 'hunter-2');
    expect(await open(new Vault(keysOf(master)), orgId, 'pager')).toBe('hunter-2');
    const [row] = await inTable('SELECT row_to_json(s)::text AS text FROM secret s WHERE org_id = $1', [orgId]);
    expect(row?.['text']).toMatch(/"b1\.[0-9a-f]{8}\./);
    expect(row?.['text']).not.toMatch(/hunter/);
  });

  it('gives an organisation one key, however many ask for it first', async () => {
    const orgId = uuidv7();
    const names = Array.from({ length: 8 }, (_, place) => `s${place}`);
    await Promise.all(names.map((name) => put(new Vault(keysOf(master)), orgId, name, name)));
    expect(await keys(orgId)).toHaveLength(1);
    const vault = new Vault(keysOf(master));
    for (const name of names) expect(await open(vault, orgId, name)).toBe(name);
  });

  it.each<[string, string]>([
    [
      'copied to another row',
      `UPDATE secret SET value = (SELECT value FROM secret WHERE org_id = $1 AND name = 'a') WHERE org_id = $1 AND name = 'b'`,
    ],
    [
      'changed',
      `UPDATE secret SET value = left(value, -1) || CASE right(value, 1) WHEN 'A' THEN 'B' ELSE 'A' END WHERE org_id = $1 AND name = 'b'`,
    ],
    ['not sealed at all', `UPDATE secret SET value = '"plain"' WHERE org_id = $1 AND name = 'b'`],
  ])('does not open what was %s', async (_, change) => {
    const orgId = uuidv7();
    const vault = new Vault(keysOf(master));
    await put(vault, orgId, 'a', 'one');
    await put(vault, orgId, 'b', 'two');
    await inTable(change, [orgId]);
    await expect(open(vault, orgId, 'b')).rejects.toMatchObject({ code: 'secret.unreadable' });
    expect(await open(vault, orgId, 'a')).toBe('one');
  });

  it('seals with a new key after thirty days, and still opens what the old one sealed', async () => {
    const orgId = uuidv7();
    await put(new Vault(keysOf(master)), orgId, 'old', 'one');
    await inTable(`UPDATE org_key SET created_at = now() - interval '31 days' WHERE org_id = $1`, [orgId]);
    const vault = new Vault(keysOf(master));
    await put(vault, orgId, 'new', 'two');
    expect((await keys(orgId)).map(({ state }) => state)).toEqual(['retired', 'active']);
    expect([await open(vault, orgId, 'old'), await open(vault, orgId, 'new')]).toEqual(['one', 'two']);
  });

  it('wraps its keys anew under a newer master key, after which the older one is not needed', async () => {
    const orgId = uuidv7();
    const newer = newKey();
    await put(new Vault(keysOf(master)), orgId, 'a', 'one');
    expect(await open(new Vault(keysOf(newer, master)), orgId, 'a')).toBe('one');
    expect(await keys(orgId)).toEqual([expect.objectContaining({ masterKeyId: keysOf(newer).keyId })]);
    expect(await open(new Vault(keysOf(newer)), orgId, 'a')).toBe('one');
    const stranger = new Vault(keysOf(newKey()));
    const missing = {
      code: 'dependency.unavailable',
      message: expect.stringMatching(/master key [0-9a-f]{8} is not among/),
    };
    await expect(open(stranger, orgId, 'a')).rejects.toMatchObject(missing);
    await expect(put(stranger, orgId, 'b', 'two')).rejects.toMatchObject(missing);
  });

  it('says what is missing where there is no master key', async () => {
    const nothing = put(new Vault(undefined), uuidv7(), 'a', 'one');
    await expect(nothing).rejects.toMatchObject({ code: 'dependency.unavailable', message: /BRIKK_MASTER_KEY/ });
  });
});

describe('the master key', () => {
  it('of a data folder is made once, for this user alone', () => {
    const home = mkdtempSync(join(tmpdir(), 'brikk-master-'));
    try {
      const first = keepMasterKey(home);
      expect(first.isNew).toBe(true);
      expect(keepMasterKey(home)).toEqual({ key: first.key, isNew: false });
      expect(statSync(join(home, 'master-key')).mode & 0o777).toBe(0o600);
      expect(masterKeysSchema.parse(first.key)?.keyId).toMatch(/^[0-9a-f]{8}$/);
    } finally {
      rmSync(home, { recursive: true });
    }
  });

  it.each(['short', `${newKey()},short`, randomBytes(31).toString('base64')])(
    'is refused when it has not 32 bytes',
    (text) => {
      const { error } = masterKeysSchema.safeParse(text);
      expect(error?.issues[0]?.message).toMatch(/32 bytes/);
      expect(JSON.stringify(error?.issues)).not.toContain(text);
    },
  );

  it('may be absent', () => {
    expect([masterKeysSchema.parse(undefined), masterKeysSchema.parse('')]).toEqual([undefined, undefined]);
  });
});
