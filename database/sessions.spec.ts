import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { agentToRegister } from '../test/support/agent-to-register.js';
import { asOwner, type TestDatabase, withDatabase } from '../test/support/postgres.js';
import { registerAgent } from './agents.repository.js';
import { createOrganisation } from './organisations.repository.js';
import {
  endSession,
  listSessions,
  openSession,
  readSession,
  saveSession,
  sweepSessions,
} from './sessions.repository.js';
import { uuidv7 } from './uuid.js';
import { keyless } from '../test/support/vaults.js';

describe('sessions of agents', () => {
  let test: TestDatabase;
  let orgId: string;
  let agentId: string;
  let [one, two] = ['', ''];
  beforeAll(async () => {
    test = await withDatabase();
    orgId = (await test.database.outsideOrgs((tx) => createOrganisation(tx, 'browses'))).id;
    const register = async (port: number) => {
      const agent = { ...agentToRegister(), endpoint: `http://127.0.0.1:${port}` };
      return (await inOrg((tx) => registerAgent(tx, keyless, orgId, agent))).registered;
    };
    const [first, second] = [await register(1), await register(2)];
    [agentId, one, two] = [first.id, first.instanceId, second.instanceId];
  }, 90_000);
  afterAll(() => test.close());

  const inOrg = <T>(work: Parameters<typeof test.database.inOrg<T>>[1]) => test.database.inOrg(orgId, work);
  const open = (instanceId: string, key: string, ttlMs = 60_000) =>
    inOrg((tx) => openSession(tx, { agentId, instanceId }, { key, ttlMs }));
  const passed = (key: string) =>
    asOwner(test.ownerUrl, (owner) =>
      owner.query(`UPDATE agent_session SET expires_at = now() - interval '1 s' WHERE key = $1`, [key]),
    );

  it('go over to the instance that is called, with what was saved; the one before saves no more', async () => {
    const { session, what } = await open(one, 'shop');
    expect([what, session.state, session.handOvers]).toEqual(['created', null, 0]);
    const save = (handOvers: number, state: string) => inOrg((tx) => saveSession(tx, session.id, { state, handOvers }));
    expect(await save(0, 'cart')).toMatchObject({ version: 1, bytes: 6 });
    expect((await open(one, 'shop')).what).toBe('used');
    const taken = await open(two, 'shop');
    expect(taken).toMatchObject({ what: 'handed-over', session: { id: session.id, state: 'cart', handOvers: 1 } });
    await expect(save(0, 'late')).rejects.toMatchObject({ code: 'session.moved', violations: [{ allowed: 1 }] });
    await save(1, 'pay');
    expect(await inOrg((tx) => readSession(tx, session.id))).toMatchObject({ state: 'pay', instanceId: two });
  });

  it('are one for callers at the same time', async () => {
    const opened = await Promise.all(Array.from({ length: 10 }, (_, n) => open(n % 2 ? one : two, 'race')));
    expect(new Set(opened.map(({ session }) => session.id)).size).toBe(1);
    expect(opened.filter(({ what }) => what === 'created')).toHaveLength(1);
  });

  it('begin anew after their end and when their time is over, and are swept', async () => {
    const first = await open(one, 'brief');
    await inOrg((tx) => endSession(tx, first.session.id));
    await expect(inOrg((tx) => endSession(tx, first.session.id))).rejects.toMatchObject({ code: 'session.not_found' });
    const second = await open(one, 'brief');
    await inOrg((tx) => saveSession(tx, second.session.id, { state: 1, handOvers: 0 }));
    await passed('brief');
    await expect(inOrg((tx) => readSession(tx, second.session.id))).rejects.toMatchObject({
      code: 'session.not_found',
    });
    expect(await open(two, 'brief')).toMatchObject({ what: 'created', session: { state: null, handOvers: 0 } });
    await passed('brief');
    await sweepSessions(test.database);
    const left = await asOwner(test.ownerUrl, (owner) => owner.query(`SELECT FROM agent_session WHERE key = 'brief'`));
    expect(left.rows).toEqual([]);
  });

  it('are of instances that there are, bounded, and listed by agent and key', async () => {
    await expect(open(uuidv7(), 'x')).rejects.toMatchObject({ code: 'instance.not_found' });
    const { session } = await open(one, 'large');
    const large = { state: 'x'.repeat(1_024 * 1_024), handOvers: 0 };
    await expect(inOrg((tx) => saveSession(tx, session.id, large))).rejects.toMatchObject({
      code: 'session.too_large',
    });
    const list = (filter: object) => inOrg((tx) => listSessions(tx, { limit: 1, ...filter }));
    expect((await list({ key: 'large', agent: agentId })).items).toMatchObject([{ id: session.id, bytes: 0 }]);
    expect((await list({ agent: uuidv7() })).items).toEqual([]);
    const page = await list({});
    expect((await list({ cursor: page.nextCursor! })).items[0]?.id).not.toBe(page.items[0]?.id);
  });
});
