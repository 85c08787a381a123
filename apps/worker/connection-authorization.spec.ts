import { afterAll, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import { createHash } from 'node:crypto';
import { askForTokens } from '../../activities/connection-tokens.js';
import { listAudit } from '../../database/audit.repository.js';
import { createApiKey } from '../../database/api-keys.repository.js';
import { findConnection, putCredential } from '../../database/connections.repository.js';
import { startState, takeState } from '../../database/oauth-states.js';
import { createOrganisation } from '../../database/organisations.repository.js';
import { uuidv7 } from '../../database/uuid.js';
import { Authority } from '../../test/support/authority.js';
import { ConnectorHouse, OutsideSystem, says } from '../../test/support/connections.js';
import { asOwner, tablesWith, type TestDatabase, withDatabase } from '../../test/support/postgres.js';

const redirectUri = 'http://127.0.0.1:7600/v1/oauth/callback';

describe('a connection that a person authorises', () => {
  let test: TestDatabase;
  let house: ConnectorHouse;
  let system: OutsideSystem;
  let authority: Authority;
  let askedBy: string;
  let id: string;
  let name: string;
  beforeAll(async () => {
    test = await withDatabase();
    const { id: orgId } = await test.database.outsideOrgs((tx) => createOrganisation(tx, 'mine'));
    house = new ConnectorHouse(test.database, orgId);
    const key = { orgId, name: 'k', role: 'owner' as const, scopes: [], env: 'test' };
    askedBy = (await inOrg((tx) => createApiKey(tx, key))).row.id;
    [system, authority] = await Promise.all([OutsideSystem.start(), Authority.start()]);
  }, 90_000);
  afterAll(async () => {
    system.stop();
    await Promise.all([authority.stop(), house.close()]);
    await test.close();
  });
  beforeEach(async () => {
    system.seen.length = authority.asked.length = 0;
    name = `c-${uuidv7()}`;
    ({ id } = await house.connect({ name, baseUrls: [system.origin], auth: authority.auth }));
  });

  const inOrg = <T>(work: Parameters<typeof test.database.inOrg<T>>[1]) => test.database.inOrg(house.orgId, work);
  const now = () => inOrg((tx) => findConnection(tx, id));
  const call = (runId = uuidv7()) => house.attempt('http.request', { connection: name }, { runId });
  const start = () =>
    inOrg((tx) => startState(tx, house.vault, house.orgId, { connectionId: id, askedBy, redirectUri }));
  const agreed = async ({ state, codeChallenge }: Awaited<ReturnType<typeof start>>) => {
    const query = { response_type: 'code', redirect_uri: redirectUri, state, code_challenge: codeChallenge };
    const asked = new URLSearchParams({ ...query, code_challenge_method: 'S256' });
    const { searchParams } = await authority.agree(`${authority.url}/authorize?${asked.toString()}`);
    return { state: searchParams.get('state') ?? '', code: searchParams.get('code') ?? '' };
  };
  const take = (given: { state: string; code: string }) =>
    inOrg((tx) => takeState(tx, house.vault, house.orgId, given));
  const exchange = (stateHash: string) => {
    const passing = { baseUrl: '', timeoutMs: 5_000, signal: new AbortController().signal };
    const { web, connections } = house.options;
    return connections.authorize(house.orgId, stateHash, (auth, proof) => askForTokens(web, auth, proof, passing));
  };
  const authorise = async () => exchange((await take(await agreed(await start()))).stateHash);
  const bearers = () => system.seen.map(({ headers }) => headers.authorization);

  it('is pending until then, calls with the token that the authority gives for the code, and renews it', async () => {
    expect(await now()).toMatchObject({ status: 'pending', credentialVersion: 1 });
    expect(await call()).toMatchObject({ outcome: { error: { code: 'connection.not_usable' } } });
    const started = await start();
    const given = await agreed(started);
    const { stateHash } = await take(given);
    expect(await tablesWith(test.ownerUrl, [given.code, given.state])).toEqual([]);
    await exchange(stateHash);
    expect(await now()).toMatchObject({ status: 'active', credentialVersion: 2, lastError: null });
    const [asked] = authority.asked;
    expect(asked).toMatchObject({ grant_type: 'authorization_code', redirect_uri: redirectUri, client_id: 'brikk' });
    const challenge = createHash('sha256')
      .update(asked?.code_verifier ?? '')
      .digest('base64url');
    expect(challenge).toBe(started.codeChallenge);
    expect(await call()).toMatchObject({ outcome: { output: { ok: true } } });
    await asOwner(test.ownerUrl, (client) =>
      client.query('UPDATE credential SET tokens_usable_until = now() WHERE connection_id = $1', [id]),
    );
    await call();
    const [first, second] = bearers();
    expect([first, second]).toEqual([
      expect.stringMatching(/^Bearer access-/),
      expect.stringMatching(/^Bearer access-/),
    ]);
    expect(second).not.toBe(first);
    expect(authority.asked.map(({ grant_type }) => grant_type)).toEqual(['authorization_code', 'refresh_token']);
    const { items } = await inOrg((tx) => listAudit(tx, { limit: 10 }));
    expect(items).toContainEqual(
      expect.objectContaining({
        action: 'connection.authorized',
        actor: { type: 'api-key', id: askedBy, via: 'oauth' },
      }),
    );
    expect(await tablesWith(test.ownerUrl, ['access-', 'refresh-', 'the-secret-of-the-client'])).toEqual([]);
  });

  it('needs a person again when the authority takes the agreement back, and goes on when there is one', async () => {
    await authorise();
    await asOwner(test.ownerUrl, (client) =>
      client.query('UPDATE credential SET tokens_usable_until = now() WHERE connection_id = $1', [id]),
    );
    authority.next = { statusCode: 400, body: { error: 'invalid_grant' } };
    expect(await call()).toMatchObject({ outcome: { error: { code: 'connector.auth' } } });
    expect(await now()).toMatchObject({ status: 'needs_reauth' });
    await authorise();
    expect(await now()).toMatchObject({ status: 'active', lastError: null });
    expect(await call()).toMatchObject({ outcome: { output: { ok: true } } });
  });

  it('keeps a token that nothing renews until it is refused', async () => {
    authority.next = { statusCode: 200, body: { access_token: 'forever-1', token_type: 'bearer' } };
    await authorise();
    expect(await call()).toMatchObject({ outcome: { output: { ok: true } } });
    expect(bearers()).toEqual(['Bearer forever-1']);
    await new Promise((resolve) => setTimeout(resolve, 1_100)); // no longer a fresh one
    const runId = uuidv7();
    system.script.push(says(401));
    expect(await call(runId)).toMatchObject({ type: 'connector.auth' });
    expect(await call(runId)).toMatchObject({ outcome: { error: { message: /authorise the connection again/ } } });
    expect(await now()).toMatchObject({ status: 'needs_reauth' });
  });

  it('takes a state once, in its time, of the one that it was asked for', async () => {
    const invalid = { code: 'oauth.state_invalid' };
    const given = await agreed(await start());
    const { stateHash } = await take(given);
    await expect(take(given)).rejects.toMatchObject(invalid);
    await exchange(stateHash);
    await expect(exchange(stateHash)).rejects.toMatchObject(invalid);
    await expect(take({ ...given, state: `${given.state}x` })).rejects.toMatchObject(invalid);
    const late = await agreed(await start());
    await asOwner(test.ownerUrl, (client) => client.query('UPDATE oauth_state SET expires_at = now()'));
    await expect(take(late)).rejects.toMatchObject(invalid);
    const revoked = await agreed(await start());
    const owner = (sql: string) => asOwner(test.ownerUrl, (client) => client.query(sql));
    await owner('UPDATE api_key SET revoked_at = now()');
    await expect(take(revoked)).rejects.toMatchObject(invalid);
    await owner('UPDATE api_key SET revoked_at = NULL');
    expect(authority.asked).toHaveLength(1);
  });

  it('stays as it is when the authority says no, or the credential was changed meanwhile', async () => {
    const { stateHash } = await take({ ...(await agreed(await start())), code: 'made-up' });
    await expect(exchange(stateHash)).rejects.toMatchObject({ code: 'connector.auth' });
    expect(await now()).toMatchObject({ status: 'pending', credentialVersion: 1 });
    const used = await take(await agreed(await start()));
    await inOrg((tx) => putCredential(tx, house.vault, house.orgId, id, { auth: { kind: 'bearer', token: 't' } }));
    await expect(exchange(used.stateHash)).rejects.toMatchObject({ code: 'oauth.state_invalid' });
    expect(await now()).toMatchObject({ authKind: 'bearer', credentialVersion: 2 });
    await expect(start()).rejects.toMatchObject({ code: 'connection.not_usable' });
  });
});
