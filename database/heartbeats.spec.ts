import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { agentToRegister } from '../test/support/agent-to-register.js';
import { asOwner, type TestDatabase, withDatabase } from '../test/support/postgres.js';
import { keyless } from '../test/support/vaults.js';
import { loadAgent, registerAgent } from './agents.repository.js';
import { Heartbeats, renewLeases } from './heartbeats.js';
import { uuidv7 } from './uuid.js';

describe('heartbeats that come together', () => {
  const orgId = uuidv7();
  let test: TestDatabase;
  beforeAll(async () => {
    test = await withDatabase();
  }, 60_000);
  afterAll(() => test?.close());

  const register = async (name: string, org = orgId) => {
    const agent = agentToRegister({ name, endpoint: `http://127.0.0.1:9/${name}` });
    const { registered } = await test.database.inOrg(org, (tx) => registerAgent(tx, keyless, org, agent));
    return { orgId: org, agentId: registered.id, instanceId: registered.instanceId };
  };
  const instanceOf = async ({ orgId: org, agentId }: { orgId: string; agentId: string }) =>
    (await test.database.inOrg(org, (tx) => loadAgent(tx, agentId))).instances[0]!;

  it('are written in one transaction, each for its own instance', async () => {
    const refs = await Promise.all(Array.from({ length: 30 }, (_, place) => register(`beating-${place}`)));
    const heartbeats = new Heartbeats(test.database);
    const answers = await Promise.all(
      refs.map((ref, place) => heartbeats.take(ref, { inFlight: place, load: place / 100, health: { cpu: place } })),
    );
    const states = await Promise.all(refs.map(instanceOf));
    expect(states.map(({ inFlight, load, state }) => ({ inFlight, load, state }))).toEqual(
      refs.map((_, place) => ({ inFlight: place, load: place / 100, state: place > 0 ? 'working' : 'ready' })),
    );
    expect(states.map(({ lease }) => lease)).toEqual(answers.map(({ lease }) => lease));
    const written = await asOwner(test.ownerUrl, (owner) =>
      owner.query('SELECT count(DISTINCT xmin::text)::int AS count FROM agent_instance WHERE org_id = $1', [orgId]),
    );
    expect(written.rows).toEqual([{ count: 1 }]);
  });

  it('say what was not said later, fail alone for an instance that is not there, and never reach another organisation', async () => {
    const [ref, foreign] = [await register('twice'), await register('foreign', uuidv7())];
    const heartbeats = new Heartbeats(test.database);
    const [first, second, unknown, others, nonsense] = await Promise.allSettled([
      heartbeats.take(ref, { inFlight: 3, load: 0.5 }),
      heartbeats.take(ref, { load: 0.25, inFlight: Number.MAX_SAFE_INTEGER }),
      heartbeats.take({ ...ref, agentId: uuidv7() }, {}),
      heartbeats.take({ ...foreign, orgId }, { inFlight: 9 }),
      heartbeats.take({ ...ref, instanceId: 'none' }, {}),
    ]);
    expect([first.status, second.status]).toEqual(['fulfilled', 'fulfilled']);
    for (const refused of [unknown, others, nonsense])
      expect(refused).toMatchObject({ status: 'rejected', reason: { code: 'instance.not_found' } });
    expect(await instanceOf(ref)).toMatchObject({ load: 0.25, inFlight: 2_147_483_647 });
    expect(await instanceOf(foreign)).toMatchObject({ inFlight: 0 });
  });

  it('keep what they leave out', async () => {
    const ref = await register('quiet');
    const beat = (said: object) => test.database.inOrg(orgId, (tx) => renewLeases(tx, orgId, [{ ...ref, beat: said }]));
    await beat({ inFlight: 2, load: 0.5, draining: true });
    await beat({});
    expect(await instanceOf(ref)).toMatchObject({ inFlight: 2, load: 0.5, draining: true });
  });
});
