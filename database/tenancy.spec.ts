import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { endedTask } from '../test/support/a2a-task.js';
import { agentToRegister as agent } from '../test/support/agent-to-register.js';
import { askedApproval } from '../test/support/asked-approval.js';
import { acceptedBulk } from '../test/support/bulks.js';
import { asOwner, type TestDatabase, withDatabase } from '../test/support/postgres.js';
import { acceptedRun, finishedCall, sentEvents } from '../test/support/runs.js';
import { keptConnection } from '../test/support/connections.js';
import { heartbeat } from '../test/support/heartbeat.js';
import { hostedPool } from '../test/support/kept-pool.js';
import { keptResource } from '../test/support/kept-resource.js';
import { keptWebhooks } from '../test/support/kept-webhooks.js';
import { offeredUnits } from '../test/support/offered-units.js';
import { learnedChoice } from '../test/support/learned-choice.js';
import { openedCall } from '../test/support/pending-call.js';
import {
  drainInstance,
  findCandidates,
  listAgents,
  loadAgent,
  recordBreaker,
  recordCallStats,
  registerAgent,
  sweepLeases,
} from './agents.repository.js';
import { reserveBudget } from './budget.repository.js';
import { authenticate, createApiKey, listApiKeys, revokeApiKey } from './api-keys.repository.js';
import { audit, listAudit, verifyAudit } from './audit.repository.js';
import { giveFeedback } from './feedback.repository.js';
import { idempotently } from './idempotency.repository.js';
import { Journal } from './journal.js';
import { putMemory } from './memory.repository.js';
import { createOrganisation } from './organisations.repository.js';
import { storePayload } from './payloads.repository.js';
import { asOrg } from './sql.js';
import { openSession } from './sessions.repository.js';
import { putQuota } from './quotas.repository.js';
import { setSchedule } from './schedules.repository.js';
import { putSecret } from './secrets.repository.js';
import { keyless, newVault } from '../test/support/vaults.js';

/** They lead to the organisation, so that they are read before it is known. */
const WITHOUT_POLICY = ['api_key_index', 'source_index'];

let test: TestDatabase;
let mine: string;
let theirs: string;
beforeAll(async () => {
  test = await withDatabase();
  mine = (await test.database.outsideOrgs((tx) => createOrganisation(tx, 'mine'))).id;
  theirs = (await test.database.outsideOrgs((tx) => createOrganisation(tx, 'theirs'))).id;
}, 90_000);
afterAll(() => test.close());

const entry = (orgId: string, target: string) => ({
  orgId,
  action: 'api_key.created',
  target,
  outcome: 'ok' as const,
  requestId: 'r1',
  actor: { type: 'api-key' as const, id: 'k', via: 'api' },
});

describe('organisations', () => {
  it('see nothing of each other in any table, and nothing at all unset', async () => {
    const runId = await acceptedRun(test.database, theirs);
    const vault = newVault();
    await new Journal(test.database).record(theirs, runId, finishedCall('a'));
    await test.database.inOrg(theirs, async (tx) => {
      await storePayload(tx, runId, [1, 2]);
      await createApiKey(tx, { orgId: theirs, name: 'k', role: 'owner', scopes: [], env: 'test' });
      const levels = [{ place: '', limits: { calls: 1 } }];
      const estimate = { tokens: 1, costUsd: 1, calls: 1 };
      await reserveBudget(tx, theirs, runId, [{ callKey: 'a', levels, estimate, agentId: 'agent', isForced: false }]);
      const by = { type: 'api-key' as const, id: 'k' };
      await putSecret(tx, vault, { orgId: theirs, name: 's', by }, { value: 'x' });
      await offeredUnits(tx, theirs);
      await putQuota(tx, { windowMs: 60_000, calls: 1 });
      await audit(tx, entry(theirs, 't'));
      await putMemory(tx, { scope: 'session', scopeId: 's', key: 'k' }, { type: 'run', id: runId }, { value: 1 });
      const document = { dsl: '1.0.3', namespace: 'a', name: 'b', version: '1.0.0' };
      await keptResource(tx, theirs, { document, do: [] });
      await setSchedule(tx, { orgId: theirs, ...document }, { kind: 'every', periodMs: 1_000 });
      await idempotently(tx, { orgId: theirs, route: 'r', key: 'k', bodyHash: 'h' }, async () => ({
        status: 200,
        body: {},
      }));
    });
    await Promise.all([askedApproval(test.database, theirs, runId), acceptedBulk(test.database, theirs, [1])]);
    const { registered } = await test.database.inOrg(theirs, (tx) => registerAgent(tx, keyless, theirs, agent()));
    const { id: agentId, instanceId } = registered;
    await test.database.inOrg(theirs, (tx) => openSession(tx, { agentId, instanceId }, { key: 's', ttlMs: 60_000 }));
    const stat = { orgId: theirs, agentId, instanceId, capability: 'sort', succeeded: true, latencyMs: 9, costUsd: 0 };
    await learnedChoice(test.database, runId, stat);
    await new Journal(test.database).record(theirs, runId, { ...finishedCall('rated'), agentId });
    await test.database.inOrg(theirs, (tx) => giveFeedback(tx, runId, 'k', { score: 1, callKey: 'rated' }));
    await Promise.all([sentEvents(test.database, theirs), openedCall(test.database, theirs, runId)]);
    await hostedPool(test.database, theirs);
    await endedTask(test.database, theirs);
    await Promise.all([keptWebhooks(test.database, vault, theirs), keptConnection(test.database, vault, theirs)]);

    const tables = await asOwner(test.ownerUrl, async (owner) => {
      const { rows } = await owner.query<{ name: string; forced: boolean; isPartition: boolean }>(
        `SELECT relname AS name, relrowsecurity AND relforcerowsecurity AS forced, relispartition AS "isPartition"
         FROM pg_class c JOIN pg_attribute a ON a.attrelid = c.oid AND a.attname = 'org_id'
         WHERE relkind IN ('r', 'p') AND relnamespace = 'public'::regnamespace`,
      );
      return rows;
    });
    expect(tables.length).toBeGreaterThan(10);
    const unforced = tables.filter(({ forced }) => !forced).map(({ name }) => name);
    expect(unforced.sort()).toEqual(WITHOUT_POLICY);

    for (const { name } of tables.filter(({ forced, isPartition }) => forced && !isPartition)) {
      const [row] = await asOwner(
        test.ownerUrl,
        async (owner) =>
          (await owner.query(`SELECT row_to_json(t) AS row FROM ${name} t WHERE org_id = $1 LIMIT 1`, [theirs])).rows,
      );
      expect({ name, seeded: row !== undefined }).toEqual({ name, seeded: true });
      const attempt = (org: string, sql: string, values: unknown[] = []) =>
        test.database.outsideOrgs((tx) => asOrg(tx, org, async (own) => (await own(sql, values)).length));
      expect(await attempt(mine, `SELECT FROM ${name} WHERE org_id = $1`, [theirs])).toBe(0);
      expect(await attempt('', `SELECT FROM ${name}`)).toBe(0);
      expect(await attempt(theirs, `SELECT FROM ${name}`)).toBeGreaterThan(0);
      const copy = `INSERT INTO ${name} SELECT * FROM json_populate_record(NULL::${name}, $1)`;
      await expect(attempt(mine, copy, [JSON.stringify(row.row)])).rejects.toMatchObject({ code: '42501' });
      const change = attempt(mine, `UPDATE ${name} SET org_id = org_id RETURNING 1`).catch(
        (error: { code: string }) => error.code,
      );
      expect([0, '42501']).toContain(await change);
      const removal = attempt(mine, `DELETE FROM ${name} RETURNING 1`).catch((error: { code: string }) => error.code);
      expect([0, '42501']).toContain(await removal);
    }
  }, 30_000);
});

describe('an idempotency key', () => {
  const request = (extra: object = {}) => ({ orgId: mine, route: 'POST /v1/runs', key: 'a', bodyHash: 'h', ...extra });

  it('does the work once for parallel twins, and refuses another body', async () => {
    let done = 0;
    const send = () =>
      test.database.inOrg(mine, (tx) =>
        idempotently(tx, request(), async () => {
          await tx('SELECT pg_sleep(0.05)');
          done += 1;
          return { status: 202, body: { id: done } };
        }),
      );
    const answers = await Promise.all([send(), send(), send()]);
    expect(answers.map(({ body }) => body)).toEqual([{ id: 1 }, { id: 1 }, { id: 1 }]);
    expect(answers.filter(({ replayed }) => replayed)).toHaveLength(2);
    const other = test.database.inOrg(mine, (tx) =>
      idempotently(tx, request({ bodyHash: 'x' }), async () => ({ status: 1, body: 1 })),
    );
    await expect(other).rejects.toMatchObject({ code: 'idempotency.conflict' });
  });

  it('is free again when the work fails, and when its day is over', async () => {
    const work = (value: number) => async () => ({ status: 200, body: value });
    const send = (key: string, next: () => Promise<{ status: number; body: number }>) =>
      test.database.inOrg(mine, (tx) => idempotently(tx, request({ key, keepFor: 'day' }), next));
    await expect(send('b', () => Promise.reject(new Error('broken')))).rejects.toThrow('broken');
    expect(await send('b', work(2))).toEqual({ status: 200, body: 2, replayed: false });
    await asOwner(test.ownerUrl, (owner) =>
      owner.query(`UPDATE idempotency SET expires_at = now() - interval '1 s' WHERE key = 'b'`),
    );
    expect(await send('b', work(3))).toMatchObject({ body: 3, replayed: false });
  });
});

describe('the audit chain', () => {
  const verify = (orgId: string) => test.database.inOrg(orgId, verifyAudit);
  async function chain(): Promise<string> {
    const { id } = await test.database.outsideOrgs((tx) => createOrganisation(tx, 'audited'));
    await Promise.all([1, 2, 3, 4, 5].map((n) => test.database.inOrg(id, (tx) => audit(tx, entry(id, `t${n}`)))));
    return id;
  }
  const tamper = (sql: string, orgId: string) =>
    asOwner(test.ownerUrl, async (owner) => {
      await owner.query(`SET session_replication_role = 'replica'`);
      await owner.query(sql, [orgId]);
    });

  it('holds under concurrent writers', async () => {
    const id = await chain();
    expect(await verify(id)).toEqual({ ok: true, count: 5, firstBadSeq: null });
    expect((await test.database.inOrg(id, (tx) => listAudit(tx, { limit: 2 }))).items.map(({ seq }) => seq)).toEqual([
      5, 4,
    ]);
  });

  it.each([
    ['a changed', `UPDATE audit_event SET action = 'x' WHERE org_id = $1 AND seq = 3`, 3],
    ['a removed', `DELETE FROM audit_event WHERE org_id = $1 AND seq = 2`, 2],
    [
      'an inserted',
      `INSERT INTO audit_event SELECT org_id, 6, at, actor, action, target, outcome, request_id, ip, changed_fields, prev_hash, hash
       FROM audit_event WHERE org_id = $1 AND seq = 5`,
      6,
    ],
  ])('shows %s row', async (_what, sql, firstBadSeq) => {
    const id = await chain();
    await tamper(sql, id);
    expect(await verify(id)).toMatchObject({ ok: false, firstBadSeq });
  });

  it('lets nobody change it, not even the owner', async () => {
    await chain();
    const change = asOwner(test.ownerUrl, (owner) => owner.query(`UPDATE audit_event SET action = 'x'`));
    await expect(change).rejects.toThrow(/append-only/);
  });
});

describe('an API key', () => {
  const make = (extra: object = {}) =>
    test.database.inOrg(mine, (tx) =>
      createApiKey(tx, { orgId: mine, name: 'ci', role: 'viewer', scopes: [], env: 'test', ...extra }),
    );

  it('works until it is revoked, and is stored as a hash only', async () => {
    const { row, key } = await make();
    expect(key).toMatch(/^brk_test_[0-9A-Za-z]{43}_[0-9a-f]{8}$/);
    expect(await authenticate(test.database, key)).toMatchObject({ orgId: mine, keyId: row.id, role: 'viewer' });
    await test.database.inOrg(mine, (tx) => revokeApiKey(tx, row.id));
    await new Promise((resolve) => setTimeout(resolve, 1_000)); // as long as a key may be remembered
    await expect(authenticate(test.database, key)).rejects.toMatchObject({ code: 'auth.invalid' });
    const { items } = await test.database.inOrg(mine, (tx) => listApiKeys(tx, { limit: 10 }));
    expect(items[0]).toMatchObject({ id: row.id, revokedAt: expect.any(String), lastUsedAt: expect.any(String) });
    expect(JSON.stringify(items)).not.toContain(key);
  });

  it('is refused when mistyped, unknown or expired', async () => {
    const { key } = await make({ expiresAt: new Date(Date.now() - 1) });
    await expect(authenticate(test.database, key)).rejects.toMatchObject({ code: 'auth.expired' });
    await expect(authenticate(test.database, `${key.slice(0, -1)}x`)).rejects.toMatchObject({ code: 'auth.invalid' });
  });
});

describe('an agent', () => {
  const inMine = <T>(work: Parameters<typeof test.database.inOrg<T>>[1]) => test.database.inOrg(mine, work);

  it('is a candidate while its lease lives by the database clock', async () => {
    const first = await inMine((tx) => registerAgent(tx, keyless, mine, agent()));
    const again = await inMine((tx) => registerAgent(tx, keyless, mine, agent()));
    expect([first.created, again.created]).toEqual([true, false]);
    expect(again.registered.signingSecret).toBe(first.registered.signingSecret);
    expect(again.registered.instanceId).toBe(first.registered.instanceId);
    const { id, instanceId } = first.registered;
    const candidates = () => inMine((tx) => findCandidates(tx, { capability: 'sort', labels: { tier: 'gold' } }));
    expect(await candidates()).toMatchObject([
      { agentId: id, instanceId, costUsd: 0.1, breaker: 'closed', latencyMs: null },
    ]);
    await asOwner(test.ownerUrl, (owner) =>
      owner.query(`UPDATE agent_instance SET lease_expires_at = now() - interval '1 s'`),
    );
    expect(await candidates()).toEqual([]);
    expect(await sweepLeases(test.database)).toContainEqual({ id: instanceId, orgId: mine, agentId: id });
    expect(await inMine((tx) => loadAgent(tx, id))).toMatchObject({ state: 'shutdown' });
    await inMine((tx) => heartbeat(tx, { orgId: mine, agentId: id, instanceId }, { inFlight: 2, load: 0.5 }));
    expect(await candidates()).toMatchObject([{ inFlight: 2, load: 0.5 }]);
    expect((await inMine((tx) => listAgents(tx, { limit: 5 }))).items).toMatchObject([
      { id, state: 'working', instances: 1 },
    ]);
    await inMine((tx) => drainInstance(tx, { orgId: mine, agentId: id, instanceId }));
    expect(await candidates()).toEqual([]);
  });

  it('learns from its calls, and one worker wins the trial of an open breaker', async () => {
    const { registered } = await inMine((tx) => registerAgent(tx, keyless, mine, agent({ name: 'learner' })));
    const { id: agentId, instanceId } = registered;
    const stat = {
      orgId: mine,
      agentId,
      instanceId,
      capability: 'sort',
      succeeded: true,
      latencyMs: 100,
      costUsd: 0.1,
    };
    await Promise.all([
      recordCallStats(test.database, [stat, stat]),
      recordCallStats(test.database, [{ ...stat, succeeded: false }]),
    ]);
    const { statistics } = await inMine((tx) => loadAgent(tx, agentId));
    expect(statistics).toMatchObject([{ capability: 'sort', calls: 3, successRate: 2 / 3, latencyMs: { ewma: 100 } }]);

    const move = (to: 'open' | 'half-open' | 'closed') => recordBreaker(test.database, { orgId: mine, instanceId, to });
    const breaker = async () => (await inMine((tx) => findCandidates(tx, { agent: 'learner' })))[0]?.breaker;
    expect([await move('open'), await move('open'), await breaker()]).toEqual([true, false, 'open']);
    await asOwner(test.ownerUrl, (owner) =>
      owner.query('UPDATE agent_instance SET breaker_until = now() WHERE id = $1', [instanceId]),
    );
    expect(await breaker()).toBe('half-open');
    const won = await Promise.all([move('half-open'), move('half-open'), move('half-open')]);
    expect(won.filter(Boolean)).toHaveLength(1);
    expect([await move('closed'), await breaker()]).toEqual([true, 'closed']);
  });
});
