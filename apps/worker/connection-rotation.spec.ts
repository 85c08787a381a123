import { afterAll, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import { Webhook } from 'standardwebhooks';
import type { ConnectionAuth } from '../../contracts/connection-auth.js';
import { listAudit } from '../../database/audit.repository.js';
import { findConnection, putCredential, revokeConnection } from '../../database/connections.repository.js';
import { createOrganisation } from '../../database/organisations.repository.js';
import { endsOfAll, sweepCredentials } from '../../database/sweep-credentials.js';
import { uuidv7 } from '../../database/uuid.js';
import { ConnectorHouse, OutsideSystem, says } from '../../test/support/connections.js';
import { asOwner, type TestDatabase, withDatabase } from '../../test/support/postgres.js';

describe('credentials of a connection', () => {
  let test: TestDatabase;
  let house: ConnectorHouse;
  let system: OutsideSystem;
  beforeAll(async () => {
    test = await withDatabase();
    const { id } = await test.database.outsideOrgs((tx) => createOrganisation(tx, 'mine'));
    house = new ConnectorHouse(test.database, id);
    system = await OutsideSystem.start();
  }, 90_000);
  afterAll(async () => {
    system.stop();
    await house.close();
    await test.close();
  });
  beforeEach(() => void system.seen.splice(0));

  const inOrg = <T>(work: Parameters<typeof test.database.inOrg<T>>[1]) => test.database.inOrg(house.orgId, work);
  const owner = (sql: string, values: unknown[]) => asOwner(test.ownerUrl, (client) => client.query(sql, values));
  const bearer = (token: string): ConnectionAuth => ({ kind: 'bearer', token });
  const rotated = async (next: ConnectionAuth, before: ConnectionAuth = bearer('the-first'), provider = 'http') => {
    const name = `c-${uuidv7()}`;
    const made = await house.connect({ name, provider: provider as 'http', baseUrls: [system.origin], auth: before });
    return inOrg((tx) => putCredential(tx, house.vault, house.orgId, made.id, { auth: next, overlapMs: 60_000 }));
  };
  const call = ({ name }: { name: string }) => house.attempt('http.request', { connection: name }, { runId: uuidv7() });
  const load = (id: string) => inOrg((tx) => findConnection(tx, id));
  const bearers = () => system.seen.map(({ headers }) => headers.authorization);
  const actions = async (target: string) => {
    const { items } = await inOrg((tx) => listAudit(tx, { limit: 50 }));
    return items.filter((entry) => entry.target === target).map(({ action }) => action);
  };

  it('that are new are used, and the one before is tried where they are refused, until the overlap is over', async () => {
    const connection = await rotated(bearer('the-second'));
    expect(connection).toMatchObject({ credentialVersion: 2, previousUntil: expect.any(String) });
    await call(connection);
    expect(bearers()).toEqual(['Bearer the-second']);
    system.script.push(says(401));
    expect(await call(connection)).toEqual({ outcome: { output: { ok: true } } });
    expect(bearers().slice(1)).toEqual(['Bearer the-second', 'Bearer the-first']);
    expect(await load(connection.id)).toMatchObject({ status: 'active', lastError: expect.stringMatching(/401/) });
    expect(await actions(connection.name)).toContain('connection.previous_credential_used');
    await owner('UPDATE connection SET previous_until = now() WHERE id = $1', [connection.id]);
    system.script.push(says(401));
    expect(await call(connection)).toMatchObject({ outcome: { error: { code: 'connector.auth' } } });
    expect(bearers().slice(3)).toEqual(['Bearer the-second']);
    expect(await load(connection.id)).toMatchObject({ status: 'needs_reauth' });
  });

  it('that are refused both close the connection', async () => {
    const connection = await rotated(bearer('the-second'));
    system.script.push(says(401), says(401));
    expect(await call(connection)).toMatchObject({ outcome: { error: { code: 'connector.auth' } } });
    expect(system.seen).toHaveLength(2);
    expect(await load(connection.id)).toMatchObject({ status: 'needs_reauth' });
  });

  it('that were replaced are destroyed when their overlap is over, and with the connection when that is revoked', async () => {
    const connection = await rotated(bearer('the-second'));
    const revoked = await rotated(bearer('the-second'));
    const versions = async () =>
      (await owner('SELECT version FROM credential WHERE connection_id = $1 ORDER BY 1', [connection.id])).rows;
    await sweepCredentials(test.database);
    expect(await versions()).toEqual([{ version: 1 }, { version: 2 }]);
    await owner('UPDATE connection SET previous_until = now() WHERE id = $1', [connection.id]);
    await Promise.all([sweepCredentials(test.database), sweepCredentials(test.database)]);
    expect(await versions()).toEqual([{ version: 2 }]);
    expect(await actions(connection.id)).toEqual(['connection.previous_credential_destroyed']);
    await inOrg((tx) => revokeConnection(tx, revoked.id));
    const left = await owner('SELECT auth FROM credential WHERE connection_id = $1', [revoked.id]);
    expect(left.rows).toEqual([{ auth: '' }, { auth: '' }]);
  });

  it('of which an authority gives tokens are exchanged for those of the one before', async () => {
    const authority = await OutsideSystem.start();
    const client = (clientSecret: string): ConnectionAuth => ({
      kind: 'oauth2',
      grant: 'client_credentials',
      tokenUrl: `${authority.origin}/token`,
      clientId: 'brikk',
      clientSecret,
      clientAuthentication: 'post',
      scopes: [],
    });
    const connection = await rotated(client('the-second'), client('the-first'));
    authority.script.push(says(401, { error: 'invalid_client' }), says(200, { access_token: 'of-the-first' }));
    expect(await call(connection)).toEqual({ outcome: { output: { ok: true } } });
    const secrets = authority.seen.map(({ body }) => new URLSearchParams(body).get('client_secret'));
    expect([secrets, bearers()]).toEqual([['the-second', 'the-first'], ['Bearer of-the-first']]);
    authority.stop();
  });

  it('that sign webhooks sign together', async () => {
    const [first, second] = [7, 8].map((byte) => `whsec_${Buffer.alloc(24, byte).toString('base64')}`);
    const key = (secret = '') => ({ kind: 'signing' as const, secret });
    const { name } = await rotated(key(second), key(first), 'webhook');
    const message = { connection: name, type: 'order.paid', data: { n: 1 } };
    await house.attempt('webhook.send', message, { runId: uuidv7() });
    const { body = '', headers = {} } = system.seen[0] ?? {};
    for (const secret of [first, second])
      expect(new Webhook(secret ?? '').verify(body, headers as Record<string, string>)).toMatchObject({
        data: { n: 1 },
      });
    expect(String(headers['webhook-signature']).split(' ')).toHaveLength(2);
  });

  it('that end are warned of 30, 7 and 1 days before, each once, whoever looks', async () => {
    const { id, name } = await house.connect({
      name: 'ending',
      baseUrls: [system.origin],
      expiresAt: new Date(Date.now() + 40 * 86_400_000).toISOString(),
    });
    const told = async () =>
      (
        await inOrg((tx) =>
          tx<{
            data: object;
          }>(`SELECT event->'data' AS data FROM bus_event WHERE type = 'connection.credential_expiring'
            ORDER BY accepted_at`),
        )
      ).map(({ data }) => data);
    const after = async (left: string) => {
      await owner(
        `UPDATE connection SET expires_at = now() + $2::interval, warn_at = warn_at + (now() + $2::interval - expires_at) WHERE id = $1`,
        [id, left],
      );
      await Promise.all([1, 2, 3].map(() => sweepCredentials(test.database)));
      return told();
    };
    expect(await after('40 days')).toEqual([]);
    expect(await after('29 days')).toMatchObject([{ connectionId: id, connection: name, days: 30 }]);
    expect(await after('6 days')).toHaveLength(2);
    expect(await after('1 hour')).toMatchObject([{ days: 30 }, { days: 7 }, { days: 1 }]);
    expect(await after('-1 hour')).toHaveLength(3);
    expect((await endsOfAll(test.database)).map((one) => one.id)).toContain(id);
    const renewed = await inOrg((tx) => putCredential(tx, house.vault, house.orgId, id, { auth: bearer('t') }));
    expect(renewed).toMatchObject({ expiresAt: null });
    await sweepCredentials(test.database);
    expect(await told()).toHaveLength(3);
  });
});
