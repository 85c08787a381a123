import { afterAll, beforeAll, describe, expect, it, jest } from '@jest/globals';
import { pino } from 'pino';
import { addressRule, LOOPBACK_NETWORKS } from '../../connectors/lib/address-rule.js';
import { HttpAgentConnector } from '../../connectors/http/http-agent.connector.js';
import type { Agent } from '../../contracts/agents.js';
import type { Page } from '../../contracts/lists.js';
import type { AuditEvent } from '../../database/audit.repository.js';
import type { Connection } from '../../contracts/connections.js';
import { findCandidates } from '../../database/agents.repository.js';
import { TEST_AUTHORITY, TEST_CLIENT, TEST_STRANGER } from '../../test/support/certificates.js';
import { certifiedServer } from '../../test/support/certified-server.js';
import { OutboundHouse } from '../../test/support/outbound-house.js';
import { until } from '../../test/support/until.js';
import { AgentProber } from './agent-prober.js';
import { probeRecord } from './probe-record.js';

jest.setTimeout(120_000);

let house: OutboundHouse;
let server: Awaited<ReturnType<typeof certifiedServer>>;
beforeAll(async () => {
  house = await OutboundHouse.open();
  server = await certifiedServer(() => ({ status: 'ok' }));
}, 90_000);
afterAll(async () => {
  await server.close();
  await house.close();
}, 30_000);

const mtls = (client: object) => ({ kind: 'mtls', ...client, authorities: TEST_AUTHORITY });
async function connect(name: string, auth: object): Promise<Connection> {
  const body = { name, provider: 'http', baseUrls: ['https://localhost'], auth };
  const { status, body: made } = await house.call('post', '/v1/connections', body);
  expect({ status, made }).toMatchObject({ status: 201 });
  return made as Connection;
}
const attemptsOfLast = async (endpoint: { id: string }) => {
  const [delivery] = await house.deliveries(endpoint);
  return house.attempts(delivery!.id);
};

describe('the certificate of a connection', () => {
  it('is shown to a webhook endpoint that demands one, as long as the connection has it', async () => {
    const { id } = await connect('bank', mtls(TEST_CLIENT));
    const endpoint = await house.create([`${server.url}/hooks`], { clientCertificate: 'bank' });
    expect(endpoint).toMatchObject({ clientCertificate: 'bank' });
    await house.publish(endpoint, { n: 1 });
    await house.settled(endpoint, 'delivered');
    expect(server.shown).toEqual(['client POST /hooks']);
    const { body } = await house.call('get', '/v1/audit?limit=200');
    const uses = (body as Page<AuditEvent>).items.filter(({ action }) => action === 'connection.used');
    expect(uses).toMatchObject([{ target: 'bank', actor: { id: 'worker', via: 'client-certificate' } }]);

    const bare = await house.create([`${server.url}/bare`]);
    await house.publish(bare, { n: 1 });
    await house.settled(bare, 'retrying');
    // Rotated, it is the new one that is shown, and this one the server does not know.
    await house.call('post', `/v1/connections/${id}/rotate`, { auth: mtls(TEST_STRANGER), overlapMs: 0 });
    await until(async () => {
      await house.publish(endpoint, { n: 2 });
      return (await house.deliveries(endpoint)).some(({ status }) => status === 'retrying');
    }, 60_000);
    await house.call('delete', `/v1/connections/${id}/credential`);
    await until(async () => {
      await house.pass(10_000);
      const attempts = await attemptsOfLast(endpoint);
      return attempts.some(({ outcome, response }) => outcome === 'tls' && response?.includes('no client certificate'));
    }, 60_000);
    expect(new Set(server.shown)).toEqual(new Set(['client POST /hooks']));
    await house.call('patch', `/v1/webhook-endpoints/${endpoint.id}`, { clientCertificate: null });
    expect(await house.endpoint(endpoint.id)).toMatchObject({ clientCertificate: null });
  });

  it('is shown to an agent, also when it is asked how it is', async () => {
    await connect('partner', mtls(TEST_CLIENT));
    const agent = {
      name: 'far',
      version: '1.0.0',
      protocol: 'http',
      endpoint: `${server.url}/far`,
      capabilities: [{ name: 'sort' }],
      clientCertificate: 'partner',
    };
    const { status, body } = await house.call('post', '/v1/agents', agent);
    expect({ status, body }).toMatchObject({ status: 201 });
    const { id } = body as { id: string };
    const connector = new HttpAgentConnector(addressRule(LOOPBACK_NETWORKS));
    const prober = new AgentProber(
      probeRecord(house.api.database, house.certificates),
      connector,
      pino({ level: 'silent' }),
    );
    await prober.start();
    const found = async () => (await house.call('get', `/v1/agents/${id}`)).body as Agent;
    await until(async () => (await found()).state === 'ready', 60_000);
    await prober.stop();
    await connector.close();
    expect(server.shown).toContain('client GET /far/health');
    expect(await found()).toMatchObject({ clientCertificate: 'partner' });
    const candidates = await house.api.database.inOrg(house.api.orgId, (tx) => findCandidates(tx, { agent: 'far' }));
    expect(candidates).toMatchObject([{ clientCertificate: 'partner' }]);
  });

  it('is one of a connection that has one', async () => {
    await connect('token', { kind: 'bearer', token: 'a-token' });
    const agent = {
      name: 'x',
      version: '1.0.0',
      protocol: 'http',
      endpoint: server.url,
      capabilities: [{ name: 'sort' }],
    };
    const hook = { name: 'x', urls: [`${server.url}/x`], types: ['*'] };
    for (const clientCertificate of ['token', 'nobody'])
      for (const [path, given] of [
        ['/v1/agents', agent],
        ['/v1/webhook-endpoints', hook],
      ] as const) {
        const { status, body } = await house.call('post', path, { ...given, clientCertificate });
        expect({ status, body }).toMatchObject({
          status: 422,
          body: { errors: [{ path: 'clientCertificate', message: expect.stringContaining('mtls') }] },
        });
      }
    const model = { ...agent, protocol: 'mcp', capabilities: [], clientCertificate: 'partner' };
    expect((await house.call('post', '/v1/agents', model)).body).toMatchObject({
      errors: [{ path: 'clientCertificate', message: 'is there with the protocol http only' }],
    });
  });
});
