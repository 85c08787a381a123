import { afterAll, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import type { Entry } from '../../contracts/connector-effects.js';
import type { Connection } from '../../contracts/connections.js';
import { breakerMovesOfAll } from '../../database/breaker-changes.js';
import { listBreakers, resetBreaker } from '../../database/breakers.repository.js';
import { findConnection } from '../../database/connections.repository.js';
import { Database } from '../../database/database.js';
import { createOrganisation } from '../../database/organisations.repository.js';
import { uuidv7 } from '../../database/uuid.js';
import { ConnectorHouse, OutsideSystem, says } from '../../test/support/connections.js';
import { asOwner, type TestDatabase, withDatabase } from '../../test/support/postgres.js';
import { inLanes } from './wakeful-loop.js';

/** Two workers, as two processes have them: connections to Postgres of their own. */
describe('two workers that share a connection', () => {
  let test: TestDatabase;
  let houses: [ConnectorHouse, ConnectorHouse];
  let second: Database;
  let system: OutsideSystem;
  beforeAll(async () => {
    test = await withDatabase();
    second = await Database.open({ appUrl: test.appUrl });
    const { id } = await test.database.outsideOrgs((tx) => createOrganisation(tx, 'mine'));
    const first = new ConnectorHouse(test.database, id);
    houses = [first, new ConnectorHouse(second, id, first.vault)];
    system = await OutsideSystem.start();
  }, 90_000);
  afterAll(async () => {
    system.stop();
    await Promise.all(houses.map((house) => house.close()));
    await second.close();
    await test.close();
  });
  beforeEach(() => void system.seen.splice(0));

  const owner = (sql: string, values: unknown[]) => asOwner(test.ownerUrl, (client) => client.query(sql, values));
  const inOrg = <T>(work: Parameters<typeof test.database.inOrg<T>>[1]) => test.database.inOrg(houses[0].orgId, work);
  const call = (connection: Connection, runId = uuidv7(), at = 0) =>
    (houses[at] as ConnectorHouse).attempt('http.request', { connection: connection.name, method: 'POST' }, { runId });

  it('let exactly as many calls pass as its limit says, and send the others away in their order', async () => {
    const rateLimit = { points: 10, durationMs: 600_000 };
    const connection = await houses[0].connect({ name: 'limited', baseUrls: [system.origin], rateLimit });
    const entries: Entry[] = [];
    const calls = Array.from({ length: 500 }, (_, n) => n);
    await inLanes(calls, 20, async (n) => {
      const { options, orgId } = houses[n % 2] as ConnectorHouse;
      const effect = { key: `k${n}`, callKey: `k${n}`, function: 'f', requestHash: 'h', holdMs: 60_000 };
      entries.push(await options.connections.enter({ orgId, runId: uuidv7() }, connection, effect));
    });
    expect(entries.filter(({ isOpen }) => isOpen)).toHaveLength(10);
    const waits = entries.flatMap((entry) => (entry.isOpen ? [] : [Math.floor(entry.waitMs / 600_000)]));
    // Ten more for each of the windows that follow.
    const perWindow = Array.from({ length: 49 }, (_, window) => waits.filter((wait) => wait === window).length);
    expect(perWindow).toEqual(Array.from({ length: 49 }, () => 10));
    const asked = { connection: connection.name };
    expect(await houses[0].attempt('http.request', asked, { runId: uuidv7(), deadlineMs: 86_400_000 })).toMatchObject({
      type: 'connector.rate_limited',
      laterMs: expect.any(Number),
    });
    expect(system.seen).toEqual([]);
  }, 120_000);

  it('stop asking a system that does not answer, and let one call of all try', async () => {
    const connection = await houses[0].connect({ name: 'broken', baseUrls: [system.origin] });
    const target = `connector:${connection.id}`;
    const breaker = async () =>
      (await inOrg((tx) => listBreakers(tx, { limit: 10 }))).items.find((one) => one.target === target);
    for (let n = 0; n < 12; n++) {
      system.script.push(says(422));
      await call(connection);
    }
    expect(await breaker()).toBeUndefined();
    for (let n = 0; n < 10; n++) {
      expect((await breaker())?.state ?? 'closed').toBe('closed');
      system.script.push(says(503));
      await call(connection, uuidv7(), n % 2);
    }
    expect(await breaker()).toMatchObject({ state: 'open', timesOpened: 1 });
    const sent = system.seen.length;
    const refused = (await call(connection)) as { laterMs: number };
    expect(refused).toMatchObject({ type: 'connector.circuit_open' });
    expect(refused.laterMs).toBeGreaterThan(20_000);
    const tryAll = async (answer: number) => {
      await owner('UPDATE circuit_breaker SET open_until = now() WHERE target = $1', [target]);
      system.script.push(says(answer));
      return Promise.all(Array.from({ length: 20 }, (_, n) => call(connection, uuidv7(), n % 2)));
    };
    await tryAll(503);
    expect(system.seen).toHaveLength(sent + 1);
    expect(await breaker()).toMatchObject({ state: 'open', timesOpened: 2 });
    await tryAll(200);
    expect(system.seen.length).toBeGreaterThan(sent + 1);
    expect(await breaker()).toMatchObject({ state: 'closed', timesOpened: 0 });
    const told = async () => (await owner(`SELECT type, event->'data' AS data FROM bus_event ORDER BY key`, [])).rows;
    const toBeTold = (...types: string[]) =>
      types.map((type) => ({ type: `breaker.${type}`, data: { target, connection: 'broken' } }));
    expect(await told()).toEqual(toBeTold('opened', 'opened', 'closed'));
    expect(await breakerMovesOfAll(test.database)).toEqual(
      expect.arrayContaining([
        { kind: 'connector', state: 'open', count: 2 },
        { kind: 'connector', state: 'closed', count: 1 },
      ]),
    );
    await inOrg((tx) => resetBreaker(tx, houses[0].orgId, target));
    expect(await breaker()).toBeUndefined();
    // It was closed already.
    expect(await told()).toHaveLength(3);
    for (let n = 0; n < 10; n++) {
      system.script.push(says(503));
      await call(connection);
    }
    expect(await breaker()).toMatchObject({ state: 'open' });
    await inOrg((tx) => resetBreaker(tx, houses[0].orgId, target));
    expect(await breaker()).toBeUndefined();
    expect((await told()).slice(3)).toEqual(toBeTold('opened', 'closed'));
  }, 120_000);

  describe('with tokens of an authority', () => {
    let authority: OutsideSystem;
    beforeAll(async () => {
      authority = await OutsideSystem.start();
    });
    afterAll(() => authority.stop());
    beforeEach(() => void authority.seen.splice(0));

    const connect = (name: string) =>
      houses[0].connect({
        name,
        baseUrls: [system.origin],
        auth: {
          kind: 'oauth2',
          grant: 'refresh_token',
          tokenUrl: `${authority.origin}/token`,
          clientId: 'brikk',
          clientSecret: 'the-secret-of-the-client',
          clientAuthentication: 'post',
          scopes: ['orders'],
          refreshToken: 'refresh-0',
        },
      });
    const gives = (n: number) =>
      says(200, { access_token: `access-${n}`, refresh_token: `refresh-${n}`, expires_in: 3_600 });
    const outdated = (connection: Connection) =>
      owner(`UPDATE credential SET tokens_usable_until = now() WHERE connection_id = $1`, [connection.id]);
    const bearers = () => system.seen.map(({ headers }) => headers.authorization);

    it('ask for one once, however many calls want it, and keep the rotated one', async () => {
      const connection = await connect('crowded');
      authority.script.push(gives(1));
      const all = await Promise.all(Array.from({ length: 50 }, (_, n) => call(connection, uuidv7(), n % 2)));
      expect(all.filter((one) => 'outcome' in one && 'output' in one.outcome)).toHaveLength(50);
      expect(authority.seen.map(({ body }) => new URLSearchParams(body).get('refresh_token'))).toEqual(['refresh-0']);
      expect(new Set(bearers())).toEqual(new Set(['Bearer access-1']));
      await outdated(connection);
      authority.script.push(gives(2));
      await call(connection, uuidv7(), 1);
      expect(new URLSearchParams(authority.seen.at(-1)?.body).get('refresh_token')).toBe('refresh-1');
      expect(bearers().at(-1)).toBe('Bearer access-2');
    }, 120_000);

    it('go on with the one they have while the authority is away, and leave that alone for a while', async () => {
      const connection = await connect('patient');
      authority.script.push(gives(1));
      await call(connection);
      await outdated(connection);
      authority.script.push(says(503));
      expect(await call(connection)).toMatchObject({ outcome: { output: { ok: true } } });
      expect(await call(connection, uuidv7(), 1)).toMatchObject({ outcome: { output: { ok: true } } });
      expect(authority.seen).toHaveLength(2);
      expect(new Set(bearers())).toEqual(new Set(['Bearer access-1']));
    });

    it('renew one that was taken back, and close the connection when the grant is gone', async () => {
      const connection = await connect('taken-back');
      authority.script.push(gives(1));
      await call(connection);
      await new Promise((resolve) => setTimeout(resolve, 1_100)); // no longer a fresh one
      const runId = uuidv7();
      system.script.push(says(401));
      expect(await call(connection, runId)).toMatchObject({ type: 'connector.auth', laterMs: 1 });
      authority.script.push(says(400, { error: 'invalid_grant' }));
      const ended = await call(connection, runId);
      expect(ended).toMatchObject({ outcome: { error: { code: 'connector.auth', message: /invalid_grant/ } } });
      expect(await inOrg((tx) => findConnection(tx, connection.id))).toMatchObject({ status: 'needs_reauth' });
      const before = [system.seen.length, authority.seen.length];
      expect(await call(connection)).toMatchObject({ outcome: { error: { code: 'connection.not_usable' } } });
      expect([system.seen.length, authority.seen.length]).toEqual(before);
      expect(JSON.stringify(ended)).not.toMatch(/access-|refresh-|the-secret/);
    });
  });
});
