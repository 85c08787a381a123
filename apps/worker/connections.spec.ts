import { afterAll, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import { listAudit } from '../../database/audit.repository.js';
import { findConnection, putCredential } from '../../database/connections.repository.js';
import { createOrganisation } from '../../database/organisations.repository.js';
import { uuidv7 } from '../../database/uuid.js';
import { ConnectorHouse, dropped, OutsideSystem, says } from '../../test/support/connections.js';
import { type TestDatabase, withDatabase } from '../../test/support/postgres.js';

const POST = { method: 'POST', path: '/orders', body: { item: 42 } } as const;

describe('a call of a connector', () => {
  let test: TestDatabase;
  let house: ConnectorHouse;
  let system: OutsideSystem;
  let name: string;
  let id: string;
  beforeAll(async () => {
    test = await withDatabase();
    const { id: orgId } = await test.database.outsideOrgs((tx) => createOrganisation(tx, 'mine'));
    house = new ConnectorHouse(test.database, orgId);
    system = await OutsideSystem.start();
  }, 90_000);
  afterAll(async () => {
    system.stop();
    await house.close();
    await test.close();
  });
  beforeEach(async () => {
    system.seen.length = 0;
    name = `c-${uuidv7()}`;
    ({ id } = await house.connect({ name, baseUrls: [`${system.origin}/v1`] }));
  });

  const inOrg = <T>(work: Parameters<typeof test.database.inOrg<T>>[1]) => test.database.inOrg(house.orgId, work);
  const send = (runId: string, more: object = {}, options: object = {}) =>
    house.attempt('http.request', { connection: name, ...POST, ...more }, { runId, ...options });

  it('goes out once with the credential and its key, and its repeat is answered from the record', async () => {
    const runId = uuidv7();
    expect(await send(runId)).toEqual({ outcome: { output: { ok: true } } });
    expect(await send(runId)).toEqual({ outcome: { output: { ok: true } } });
    expect(system.seen).toMatchObject([
      {
        method: 'POST',
        url: '/v1/orders',
        body: '{"item":42}',
        headers: { authorization: 'Bearer the-token-of-all', 'idempotency-key': `${runId}/a` },
      },
    ]);
    const { items } = await inOrg((tx) => listAudit(tx, { limit: 1 }));
    expect(items).toMatchObject([
      { action: 'connection.used', target: name, actor: { type: 'run', id: runId, via: '/a' } },
    ]);
  });

  it('shares its effect with all calls of a key of its own, and refuses that key for anything else', async () => {
    const options = { idempotencyKey: 'order-42' };
    system.script.push(says(200, { id: 7 }));
    expect(await send(uuidv7(), {}, options)).toEqual({ outcome: { output: { id: 7 } } });
    expect(await send(uuidv7(), {}, options)).toEqual({ outcome: { output: { id: 7 } } });
    expect(system.seen).toHaveLength(1);
    expect(await send(uuidv7(), { body: { item: 43 } }, options)).toMatchObject({
      outcome: { error: { code: 'connector.conflict', retryable: false } },
    });
  });

  it('waits outside of the worker as long as the system asks', async () => {
    const runId = uuidv7();
    system.script.push(says(429, {}, { 'retry-after': '7' }));
    const tried = await send(runId);
    expect(tried).toMatchObject({ type: 'connector.rate_limited' });
    expect((tried as { laterMs: number }).laterMs).toBeGreaterThanOrEqual(7_000);
    expect(await send(runId)).toEqual({ outcome: { output: { ok: true } } });
    system.script.push(says(403, {}, { 'retry-after': '1' }));
    expect(await send(uuidv7())).toMatchObject({ type: 'connector.rate_limited' });
    const inTenSeconds = String(Math.floor(Date.now() / 1_000) + 10);
    system.script.push(says(403, {}, { 'x-ratelimit-remaining': '0', 'x-ratelimit-reset': inTenSeconds }));
    expect(await send(uuidv7())).toMatchObject({ type: 'connector.rate_limited', laterMs: expect.any(Number) });
  });

  it('is sent again with the same key when nobody knows what came of it, at most five times', async () => {
    const runId = uuidv7();
    const waits: number[] = [];
    for (let sends = 1; sends <= 4; sends++) {
      system.script.push(sends % 2 ? says(503) : dropped);
      waits.push(((await send(runId)) as { laterMs: number }).laterMs);
    }
    expect(waits).toEqual([1_000, 2_000, 4_000, 8_000]);
    system.script.push(says(503));
    expect(await send(runId)).toMatchObject({ outcome: { error: { code: 'connector.unavailable' } } });
    expect(new Set(system.seen.map(({ headers }) => headers['idempotency-key']))).toEqual(new Set([`${runId}/a`]));
  });

  it('gives up in time for its run', async () => {
    system.script.push(says(503), says(429, {}, { 'retry-after': '60' }));
    const soon = { deadlineMs: 500 };
    expect(await send(uuidv7(), {}, soon)).toMatchObject({ outcome: { error: { code: 'connector.unavailable' } } });
    expect(await send(uuidv7(), {}, soon)).toMatchObject({ outcome: { error: { code: 'connector.rate_limited' } } });
  });

  it('closes a connection whose credential is refused, until it has another', async () => {
    system.script.push(says(401, { error: 'bad the-token-of-all' }));
    const refused = await send(uuidv7());
    expect(refused).toMatchObject({ outcome: { error: { code: 'connector.auth' } } });
    expect(await inOrg((tx) => findConnection(tx, id))).toMatchObject({ status: 'needs_reauth', lastError: /401/ });
    expect(await send(uuidv7())).toMatchObject({ outcome: { error: { code: 'connection.not_usable' } } });
    expect(system.seen).toHaveLength(1);
    await inOrg((tx) =>
      putCredential(tx, house.vault, house.orgId, id, { auth: { kind: 'bearer', token: 'the-next-token' } }),
    );
    expect(await send(uuidv7())).toEqual({ outcome: { output: { ok: true } } });
    expect(system.seen.at(-1)?.headers.authorization).toBe('Bearer the-next-token');
    const { items } = await inOrg((tx) => listAudit(tx, { limit: 10 }));
    expect(items.map(({ action }) => action)).toContain('connection.needs_reauth');
    const told = await inOrg((tx) =>
      tx<{ data: object }>(`SELECT event->'data' AS data FROM bus_event WHERE type = 'connection.needs_reauth'`),
    );
    expect(told).toEqual([{ data: { connectionId: id, connection: name, reason: expect.stringMatching(/401/) } }]);
    expect(JSON.stringify([refused, items, told])).not.toMatch(/the-token|the-next/);
  });

  it.each([
    [403, 'connector.forbidden'],
    [404, 'connector.not_found'],
    [409, 'connector.conflict'],
    [422, 'connector.validation'],
    [302, 'connector.validation'],
  ])('fails for good when the answer is %i', async (status, code) => {
    system.script.push(says(status, {}, { location: 'http://10.0.0.1/' }));
    const runId = uuidv7();
    expect(await send(runId)).toMatchObject({ outcome: { error: { code, retryable: false } } });
    expect(system.seen).toHaveLength(1);
  });

  it('reaches no host but those that the connection allows', async () => {
    const to = (path: string) => send(uuidv7(), { path });
    expect(await to('https://evil.example.com/')).toMatchObject({
      outcome: { error: { code: 'connector.forbidden' } },
    });
    expect(await to('http://127.0.0.1:1/')).toMatchObject({ outcome: { error: { code: 'connector.forbidden' } } });
    expect(await to(`${system.origin}/other`)).toEqual({ outcome: { output: { ok: true } } });
    expect(system.seen).toMatchObject([{ url: '/other' }]);
  });

  it('takes the one connection of its provider, and says which there are when there are several', async () => {
    const whsec = `whsec_${Buffer.alloc(24, 7).toString('base64')}`;
    const webhook = { provider: 'webhook', auth: { kind: 'signing', secret: whsec } } as const;
    const message = { type: 'order.paid', data: { n: 1 } };
    const runId = uuidv7();
    expect(await house.attempt('webhook.send', message, { runId })).toMatchObject({
      outcome: { error: { code: 'connection.not_found' } },
    });
    await house.connect({ name: 'hook', baseUrls: [`${system.origin}/hook`], ...webhook });
    system.script.push(says(503));
    await house.attempt('webhook.send', message, { runId });
    expect(await house.attempt('webhook.send', message, { runId })).toMatchObject({
      outcome: { output: { id: expect.stringMatching(/^msg_[0-9a-f]{32}$/), status: 200 } },
    });
    const [first, second] = system.seen;
    expect(first?.headers['webhook-signature']).toMatch(/^v1,/);
    expect(second).toMatchObject({ body: first?.body, headers: { 'webhook-id': first?.headers['webhook-id'] } });
    await house.connect({ name: 'hook-2', baseUrls: [system.origin], ...webhook });
    expect(await house.attempt('webhook.send', message, { runId: uuidv7() })).toMatchObject({
      outcome: { error: { message: 'There are several connections of webhook: say which (hook, hook-2)' } },
    });
  });

  it('refuses parameters and functions that there are not before anything is on record', async () => {
    expect(await send(uuidv7(), { method: 'FETCH', pfad: 1 })).toMatchObject({
      outcome: { error: { code: 'connector.validation', message: expect.stringMatching(/method .*pfad/s) } },
    });
    expect(await house.attempt('fax.send', {}, { runId: uuidv7() })).toMatchObject({
      outcome: { error: { code: 'function.not_found' } },
    });
    expect(await send(uuidv7(), { connection: 'gone' })).toMatchObject({
      outcome: { error: { code: 'connection.not_found', message: 'There is no connection gone' } },
    });
    expect(system.seen).toEqual([]);
  });
});
