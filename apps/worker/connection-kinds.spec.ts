import { afterAll, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import { generateKeyPairSync } from 'node:crypto';
import { once } from 'node:events';
import { createServer, type Server } from 'node:https';
import { type AddressInfo, createServer as createTcpServer, type Server as TcpServer } from 'node:net';
import type { TLSSocket } from 'node:tls';
import { jwtVerify } from 'jose';
import { findConnection, putCredential } from '../../database/connections.repository.js';
import { createOrganisation } from '../../database/organisations.repository.js';
import { uuidv7 } from '../../database/uuid.js';
import { TEST_AUTHORITY, TEST_CLIENT, TEST_SERVER, TEST_STRANGER } from '../../test/support/certificates.js';
import { ConnectorHouse, OutsideSystem, says } from '../../test/support/connections.js';
import { asOwner, tablesWith, type TestDatabase, withDatabase } from '../../test/support/postgres.js';

let test: TestDatabase;
let house: ConnectorHouse;
beforeAll(async () => {
  test = await withDatabase();
  const { id: orgId } = await test.database.outsideOrgs((tx) => createOrganisation(tx, 'mine'));
  house = new ConnectorHouse(test.database, orgId);
}, 90_000);
afterAll(async () => {
  await house.close();
  await test.close();
});
const inOrg = <T>(work: Parameters<typeof test.database.inOrg<T>>[1]) => test.database.inOrg(house.orgId, work);

describe('a connection of a GitHub App', () => {
  const { privateKey, publicKey } = generateKeyPairSync('rsa', { modulusLength: 2048 });
  // As GitHub hands it out.
  const pem = privateKey.export({ type: 'pkcs1', format: 'pem' }).toString();
  let github: OutsideSystem;
  beforeAll(async () => void (github = await OutsideSystem.start()));
  afterAll(() => github.stop());
  beforeEach(() => void (github.seen.length = 0));

  const connect = (name: string) =>
    house.connect({
      name,
      provider: 'github',
      baseUrls: [github.origin],
      auth: { kind: 'githubApp', appId: '12345', installationId: '678', privateKey: pem },
    });
  const gives = (token: string, lifeMs = 3_600_000) =>
    says(201, { token, expires_at: new Date(Date.now() + lifeMs).toISOString() });
  const label = (connection: string) =>
    house.attempt(
      'github.addLabels',
      { connection, repo: 'octo/shop', number: 1, labels: ['bug'] },
      { runId: uuidv7() },
    );

  it('calls with a token of its installation, which its signature gives, until five minutes before that ends', async () => {
    const { id } = await connect('app');
    const usableUntil = async () => {
      const { rows } = await asOwner(test.ownerUrl, (client) =>
        client.query<{ at: Date }>('SELECT tokens_usable_until AS at FROM credential WHERE connection_id = $1', [id]),
      );
      return rows[0]?.at.getTime() ?? 0;
    };
    const startedAt = Date.now();
    github.script.push(gives('ghs_first'), says(200, []), says(200, []));
    await Promise.all([label('app'), label('app')]);
    const [asked, ...calls] = github.seen;
    expect(asked).toMatchObject({ method: 'POST', url: '/app/installations/678/access_tokens' });
    const { payload } = await jwtVerify(asked?.headers.authorization?.replace('Bearer ', '') ?? '', publicKey, {
      algorithms: ['RS256'],
      issuer: '12345',
    });
    expect((payload.exp ?? 0) - (payload.iat ?? 0)).toBeLessThanOrEqual(600);
    expect(calls.map(({ headers }) => headers.authorization)).toEqual(['Bearer ghs_first', 'Bearer ghs_first']);
    expect((await usableUntil()) - startedAt).toBeGreaterThan(50 * 60_000);
    expect((await usableUntil()) - startedAt).toBeLessThan(56 * 60_000);
    await asOwner(test.ownerUrl, (client) => client.query('UPDATE credential SET tokens_usable_until = now()'));
    github.script.push(gives('ghs_second'), says(200, []));
    await label('app');
    expect(github.seen.at(-1)?.headers.authorization).toBe('Bearer ghs_second');
    expect(await tablesWith(test.ownerUrl, ['ghs_', 'RSA PRIVATE'])).toEqual([]);
  });

  it('needs another credential when GitHub does not know the app, and tries again when it is away', async () => {
    const { id } = await connect('unknown');
    github.script.push(says(503));
    expect(await label('unknown')).toMatchObject({ type: 'connector.unavailable' });
    await asOwner(test.ownerUrl, (client) => client.query('UPDATE credential SET cool_down_until = NULL'));
    github.script.push(says(404, { message: 'Not Found' }));
    const refused = await label('unknown');
    expect(refused).toMatchObject({ outcome: { error: { code: 'connector.auth' } } });
    expect(await inOrg((tx) => findConnection(tx, id))).toMatchObject({ status: 'needs_reauth' });
    expect(github.seen).toHaveLength(2);
    expect(JSON.stringify(refused)).not.toMatch('PRIVATE');
  });
});

describe('a connection with a client certificate', () => {
  let server: Server;
  const open: TcpServer[] = [];
  const shown: string[] = [];
  beforeAll(async () => {
    const asking = { ...TEST_SERVER, ca: TEST_AUTHORITY, requestCert: true, rejectUnauthorized: true };
    server = createServer(asking, (request, response) => {
      const { subject } = (request.socket as TLSSocket).getPeerCertificate();
      shown.push(String(subject.CN));
      response.writeHead(200, { 'content-type': 'application/json' }).end('{"ok":true}');
    }).listen(0, '127.0.0.1');
    await once(server, 'listening');
  });
  afterAll(() => {
    server.closeAllConnections();
    for (const one of [server, ...open]) one.close();
  });

  it('shows it to a server that demands one, and is refused where that does not know it', async () => {
    const baseUrls = [`https://localhost:${(server.address() as AddressInfo).port}`];
    const auth = { kind: 'mtls' as const, ...TEST_CLIENT, authorities: TEST_AUTHORITY };
    const { id } = await house.connect({ name: 'bank', baseUrls, auth });
    const call = (connection: string) => house.attempt('http.request', { connection }, { runId: uuidv7() });
    expect(await call('bank')).toEqual({ outcome: { output: { ok: true } } });
    const stranger = { ...auth, ...TEST_STRANGER };
    await house.connect({ name: 'stranger', baseUrls, auth: stranger });
    // Node.js hangs up without a word.
    expect(await call('stranger')).toMatchObject({ type: 'connector.unavailable' });
    await house.connect({ name: 'bare', baseUrls });
    expect(await call('bare')).toMatchObject({ type: 'connector.unavailable' });
    expect(await call('bank')).toEqual({ outcome: { output: { ok: true } } });
    await inOrg((tx) => putCredential(tx, house.vault, house.orgId, id, { auth: stranger }));
    expect(await call('bank')).toMatchObject({ type: 'connector.unavailable' });
    expect(shown).toEqual(['client', 'client']);
    expect(await tablesWith(test.ownerUrl, ['BEGIN PRIVATE KEY'])).toEqual([]);
  });

  it.each([
    ['bad_certificate', 42],
    ['unknown_ca', 48],
    ['certificate_required', 116],
  ])('needs another one when the server says %s', async (what, alert) => {
    // A record of TLS with a fatal alert (RFC 8446, 6).
    const refusing = createTcpServer((socket) => {
      socket.on('error', () => undefined);
      socket.once('data', () => socket.end(Buffer.from([0x15, 3, 3, 0, 2, 2, alert])));
    }).listen(0, '127.0.0.1');
    open.push(refusing);
    await once(refusing, 'listening');
    const baseUrls = [`https://127.0.0.1:${(refusing.address() as AddressInfo).port}`];
    const { id } = await house.connect({ name: what, baseUrls, auth: { kind: 'mtls', ...TEST_CLIENT } });
    const refused = await house.attempt('http.request', { connection: what }, { runId: uuidv7() });
    expect(refused).toMatchObject({ outcome: { error: { code: 'connector.auth' } } });
    expect(await inOrg((tx) => findConnection(tx, id))).toMatchObject({ status: 'needs_reauth' });
  });
});
