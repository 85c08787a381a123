import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { type KeyObject, randomBytes } from 'node:crypto';
import { agentToRegister } from '../test/support/agent-to-register.js';
import { asOwner, type TestDatabase, withDatabase } from '../test/support/postgres.js';
import { keyless, newVault } from '../test/support/vaults.js';
import { findCandidates, registerAgent } from './agents.repository.js';
import { CallbackKeys } from './callback-keys.js';
import type { Database } from './database.js';
import { masterKeysSchema } from './master-key.js';
import { sealKept } from './seal-kept.js';
import { SigningSecrets } from './signing-secrets.js';
import { uuidv7 } from './uuid.js';
import { Vault } from './vault.js';

describe('secrets that Brikk makes itself', () => {
  const keys = masterKeysSchema.parse(randomBytes(32).toString('base64'));
  const vault = new Vault(keys);
  let test: TestDatabase;
  beforeAll(async () => {
    test = await withDatabase();
  }, 60_000);
  afterAll(() => test.close());

  const register = async (orgId: string, by: Vault, name = 'sorter') => {
    const agent = agentToRegister({ name, capabilities: [{ name: 'sort' }] });
    const { registered } = await test.database.inOrg(orgId, (tx) => registerAgent(tx, by, orgId, agent));
    return { id: registered.id, secret: registered.signingSecret as string };
  };
  const kept = async (orgId: string, agentId: string) => {
    const found = await test.database.inOrg(orgId, (tx) => findCandidates(tx, { agent: agentId }));
    return found[0]?.signingSecret as string;
  };
  /** Everything that the database holds of the organisation's agents and callback key. */
  const inTables = (orgId: string) =>
    asOwner(test.ownerUrl, async (owner) => {
      const { rows } = await owner.query<{ text: string }>(
        `SELECT row_to_json(a)::text AS text FROM agent a WHERE org_id = $1
         UNION ALL SELECT row_to_json(k)::text FROM callback_key k WHERE org_id = $1`,
        [orgId],
      );
      return rows.map(({ text }) => text).join('\n');
    });
  const textOf = (key: KeyObject | undefined) => (key as KeyObject).export().toString('base64');

  it('are sealed from the first, and every registration of the agent tells the same', async () => {
    const orgId = uuidv7();
    const { id, secret } = await register(orgId, vault);
    expect(secret).toMatch(/^whsec_/);
    expect(await register(orgId, vault)).toEqual({ id, secret });
    const key = textOf(await new CallbackKeys(test.database, vault).make(orgId));
    expect(textOf(await new CallbackKeys(test.database, vault).find(orgId))).toBe(key);
    const stored = await inTables(orgId);
    expect(stored.match(/"b1\./g)).toHaveLength(2);
    expect(stored).not.toContain(secret.slice('whsec_'.length));
    expect(stored).not.toContain(key);
    await expect(register(orgId, newVault())).rejects.toMatchObject({ code: 'dependency.unavailable' });
  });

  it('are sealed once there is a master key, while those who read them go on', async () => {
    const orgId = uuidv7();
    const before = await Promise.all(['a', 'b', 'c'].map((name) => register(orgId, keyless, name)));
    const key = textOf(await new CallbackKeys(test.database, keyless).make(orgId));
    expect(await inTables(orgId)).toContain(key);
    expect(await sealKept(test.database, keyless)).toBe(0);

    const plain = await Promise.all(before.map(({ id }) => kept(orgId, id)));
    const counts = await Promise.all([1, 2].map(() => sealKept(test.database, vault)));
    expect(counts[0]! + counts[1]!).toBe(4);
    expect(await sealKept(test.database, vault)).toBe(0);

    const stored = await inTables(orgId);
    for (const [place, { id, secret }] of before.entries()) {
      expect(stored).not.toContain(secret);
      expect((await register(orgId, vault, ['a', 'b', 'c'][place])).secret).toBe(secret);
      const signing = new SigningSecrets(test.database, vault);
      // What a worker had read before, and what it reads now.
      expect(await signing.open(orgId, id, plain[place]!)).toBe(secret);
      expect(await signing.open(orgId, id, await kept(orgId, id))).toBe(secret);
    }
    expect(stored).not.toContain(key);
    expect(textOf(await new CallbackKeys(test.database, vault).find(orgId))).toBe(key);
  });

  it('are not held up by an organisation whose key is not there', async () => {
    const [lost, other] = [uuidv7(), uuidv7()].sort() as [string, string];
    await register(lost, newVault(), 'sealed');
    const { id } = await register(lost, keyless, 'plain');
    await register(other, keyless);
    await expect(sealKept(test.database, vault)).rejects.toMatchObject({ code: 'dependency.unavailable' });
    expect(await kept(lost, id)).toMatch(/^whsec_/);
    expect(await inTables(other)).toContain('"b1.');
    await asOwner(test.ownerUrl, (owner) => owner.query('DELETE FROM agent WHERE org_id = $1', [lost]));
  });

  it('are opened with one reading of the key, however many agents are called at first', async () => {
    const orgId = uuidv7();
    const agents = [];
    for (const name of ['a', 'b', 'c', 'd']) agents.push(await register(orgId, vault, name));
    const texts = await Promise.all(agents.map(({ id }) => kept(orgId, id)));
    let readings = 0;
    const counting = {
      inOrg: (...[org, work]: Parameters<typeof test.database.inOrg>) => {
        readings += 1;
        return test.database.inOrg(org, work);
      },
    } as unknown as Database;
    const signing = new SigningSecrets(counting, new Vault(keys));
    const opened = await Promise.all(agents.map(async ({ id }, place) => signing.open(orgId, id, texts[place]!)));
    expect(opened).toEqual(agents.map(({ secret }) => secret));
    expect(readings).toBe(1);
  });

  it('open once in each process, and for the agent alone that they were made for', async () => {
    const orgId = uuidv7();
    const [one, two] = [await register(orgId, vault, 'one'), await register(orgId, vault, 'two')];
    const signing = new SigningSecrets(test.database, vault);
    const sealed = await kept(orgId, one.id);
    expect(await signing.open(orgId, one.id, sealed)).toBe(one.secret);
    expect(signing.open(orgId, one.id, sealed)).toBe(one.secret);
    const swapped = async (by: SigningSecrets) => by.open(orgId, two.id, sealed);
    await expect(swapped(signing)).rejects.toMatchObject({ code: 'agent.permanent' });
    await expect(swapped(new SigningSecrets(test.database, new Vault(keys)))).rejects.toMatchObject({
      code: 'agent.permanent',
    });
    const stranger = new SigningSecrets(test.database, newVault());
    await expect(stranger.open(orgId, one.id, sealed)).rejects.toMatchObject({ code: 'dependency.unavailable' });
  });
});
