import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { randomBytes } from 'node:crypto';
import { createConnectionSchema } from '../contracts/connections.js';
import { agentToRegister } from '../test/support/agent-to-register.js';
import { asOwner, type TestDatabase, withDatabase } from '../test/support/postgres.js';
import { until } from '../test/support/until.js';
import { findCandidates, registerAgent } from './agents.repository.js';
import { listAudit, verifyAudit } from './audit.repository.js';
import { CallbackKeys } from './callback-keys.js';
import { createConnection, findConnection, openCredential } from './connections.repository.js';
import { masterKeysSchema } from './master-key.js';
import { SigningSecrets } from './signing-secrets.js';
import { UnreadableCells } from './unreadable-cells.js';
import { uuidv7 } from './uuid.js';
import { Vault } from './vault.js';

const TOKEN = 'the-token-that-nobody-sees';

describe('a sealed cell that does not open', () => {
  const newKeys = () => masterKeysSchema.parse(randomBytes(32).toString('base64'));
  const keys = newKeys();
  let test: TestDatabase;
  beforeAll(async () => {
    test = await withDatabase();
  }, 60_000);
  afterAll(() => test.close());

  const warned: Record<string, unknown>[] = [];
  /** How often a process has put on record what it found, or seen that it is there. */
  let recorded = 0;
  /** The vault of a process of its own. */
  const process = (master = keys) => {
    const counting = {
      inOrg: (...[org, work]: Parameters<typeof test.database.inOrg>) =>
        test.database.inOrg(org, work).finally(() => (recorded += 1)),
    } as unknown as typeof test.database;
    return new Vault(master, new UnreadableCells(counting, (fields) => void warned.push(fields)).tell);
  };
  const inAudit = async (orgId: string) => {
    const { items } = await test.database.inOrg(orgId, (tx) => listAudit(tx, { limit: 100 }));
    return items.filter(({ action }) => action === 'secret.unreadable');
  };
  const told = async (orgId: string, howMany: number) => {
    await until(async () => (await inAudit(orgId)).length >= howMany);
    return inAudit(orgId);
  };
  const change = (table: string, column: string, orgId: string) =>
    asOwner(test.ownerUrl, (owner) =>
      owner.query(`UPDATE ${table} SET ${column} = 'b1.' || reverse(substr(${column}, 4)) WHERE org_id = $1`, [orgId]),
    );
  const sealedIn = (table: string, column: string, orgId: string) =>
    asOwner(test.ownerUrl, async (owner) => {
      const { rows } = await owner.query<{ text: string }>(`SELECT ${column} AS text FROM ${table} WHERE org_id = $1`, [
        orgId,
      ]);
      return rows[0]!.text;
    });

  const connect = (orgId: string) => {
    const asked = { name: 'shop', provider: 'http', baseUrls: ['https://shop.example.com'] };
    const connection = createConnectionSchema.parse({ ...asked, auth: { kind: 'bearer', token: TOKEN } });
    return test.database.inOrg(orgId, (tx) => createConnection(tx, new Vault(keys), orgId, connection));
  };
  const credentialBy = (vault: Vault, orgId: string, id: string) =>
    test.database.inOrg(orgId, async (tx) => openCredential(tx, vault, orgId, await findConnection(tx, id)));
  const register = (orgId: string) =>
    test.database.inOrg(orgId, (tx) => registerAgent(tx, new Vault(keys), orgId, agentToRegister({ name: 'sorter' })));
  const signingBy = async (vault: Vault, orgId: string, agentId: string) => {
    const [found] = await test.database.inOrg(orgId, (tx) => findCandidates(tx, { agent: agentId }));
    return new SigningSecrets(test.database, vault).open(orgId, agentId, found!.signingSecret!);
  };
  const callbackBy = (vault: Vault, orgId: string) => new CallbackKeys(test.database, vault).find(orgId);

  it('is one entry of the audit chain and one warning, for all processes, until it is changed again', async () => {
    const orgId = uuidv7();
    const { id } = await connect(orgId);
    await change('credential', 'auth', orgId);
    const both = [process(), process()];
    for (const vault of [...both, ...both])
      await expect(credentialBy(vault, orgId, id)).rejects.toMatchObject({ code: 'secret.unreadable' });
    await until(() => recorded === 2);
    expect(await inAudit(orgId)).toHaveLength(1);
    // Back to what it was, and broken at another place.
    await change('credential', 'auth', orgId);
    await asOwner(test.ownerUrl, (owner) =>
      owner.query(`UPDATE credential SET auth = left(auth, -4) || 'AAAA' WHERE org_id = $1`, [orgId]),
    );
    for (const vault of both)
      await expect(credentialBy(vault, orgId, id)).rejects.toMatchObject({ code: 'secret.unreadable' });
    await until(() => recorded === 4);
    const entries = await inAudit(orgId);
    expect(entries).toHaveLength(2);
    const rowId = await asOwner(test.ownerUrl, async (owner) => {
      const { rows } = await owner.query<{ id: string }>('SELECT id FROM credential WHERE org_id = $1', [orgId]);
      return rows[0]!.id;
    });
    for (const entry of entries)
      expect(entry).toMatchObject({
        actor: { type: 'system', id: 'vault' },
        target: `credential.auth/${rowId}`,
        outcome: 'failed',
      });
    expect(new Set(entries.map(({ requestId }) => requestId)).size).toBe(2);
    const mine = warned.filter((fields) => fields['orgId'] === orgId);
    expect(mine).toEqual(Array(2).fill({ orgId, table: 'credential', column: 'auth', rowId }));
    const sealed = await sealedIn('credential', 'auth', orgId);
    for (const hidden of [TOKEN, sealed]) expect(JSON.stringify([entries, mine])).not.toContain(hidden);
    expect(await test.database.inOrg(orgId, (tx) => verifyAudit(tx))).toMatchObject({ ok: true });
  });

  it('may be a signing secret or a callback key; who asks fails as before', async () => {
    const orgId = uuidv7();
    const { registered } = await register(orgId);
    await new CallbackKeys(test.database, new Vault(keys)).make(orgId);
    await change('agent', 'signing_secret', orgId);
    await change('callback_key', 'secret', orgId);
    const vault = process();
    await expect(signingBy(vault, orgId, registered.id)).rejects.toMatchObject({ code: 'agent.permanent' });
    await expect(callbackBy(vault, orgId)).rejects.toMatchObject({ code: 'secret.unreadable' });
    // With the key in memory, too.
    await credentialBy(vault, orgId, (await connect(orgId)).id);
    await expect(async () => signingBy(vault, orgId, registered.id)).rejects.toMatchObject({ code: 'agent.permanent' });
    const entries = await told(orgId, 2);
    expect(entries.map(({ target }) => target).sort()).toEqual([
      `agent.signing_secret/${registered.id}`,
      `callback_key.secret/${orgId}`,
    ]);
  });

  it('may be the key of the organisation itself, under another master key or after a change', async () => {
    const orgId = uuidv7();
    const { id } = await connect(orgId);
    const stranger = process(newKeys());
    await expect(credentialBy(stranger, orgId, id)).rejects.toMatchObject({ code: 'dependency.unavailable' });
    expect(await told(orgId, 1)).toMatchObject([{ target: expect.stringMatching(/^org_key\.wrapped\/[0-9a-f]{8}$/) }]);
    await change('org_key', 'wrapped', orgId);
    await expect(credentialBy(process(), orgId, id)).rejects.toMatchObject({ code: 'secret.unreadable' });
    expect(await told(orgId, 2)).toHaveLength(2);
  });

  it('is told again when it could not be written down', async () => {
    const orgId = uuidv7();
    const { id } = await connect(orgId);
    await change('credential', 'auth', orgId);
    let isAway = true;
    let asked = 0;
    const flaky = {
      inOrg: (...[org, work]: Parameters<typeof test.database.inOrg>) => {
        asked += 1;
        return isAway ? Promise.reject(new Error('away')) : test.database.inOrg(org, work);
      },
    } as unknown as typeof test.database;
    const vault = new Vault(keys, new UnreadableCells(flaky, () => undefined).tell);
    await expect(credentialBy(vault, orgId, id)).rejects.toMatchObject({ code: 'secret.unreadable' });
    await until(() => asked === 1);
    isAway = false;
    await until(async () => {
      await expect(credentialBy(vault, orgId, id)).rejects.toMatchObject({ code: 'secret.unreadable' });
      return (await inAudit(orgId)).length === 1;
    });
    expect(asked).toBe(2);
  });
});
