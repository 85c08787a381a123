import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { pino } from 'pino';
import type { AgentEventType } from '../../contracts/agent-events.js';
import { addressRule } from '../../connectors/lib/address-rule.js';
import { HttpAgentConnector } from '../../connectors/http/http-agent.connector.js';
import {
  drainInstance,
  findCandidates,
  loadAgent,
  recordBreaker,
  registerAgent,
  sweepLeases,
} from '../../database/agents.repository.js';
import { uuidv7 } from '../../database/uuid.js';
import { agentToRegister } from '../../test/support/agent-to-register.js';
import { heartbeat } from '../../test/support/heartbeat.js';
import { asOwner, type TestDatabase, withDatabase } from '../../test/support/postgres.js';
import { until } from '../../test/support/until.js';
import { ClientCertificates } from '../../database/client-certificates.js';
import { AgentProber } from './agent-prober.js';
import { probeRecord } from './probe-record.js';
import { keyless } from '../../test/support/vaults.js';

describe('the life of an agent', () => {
  const orgId = uuidv7();
  const connector = new HttpAgentConnector(addressRule(['127.0.0.0/8']));
  const server = createServer((_, response) => response.end('{"status":"ok","inFlight":3}'));
  let test: TestDatabase;
  let prober: AgentProber;
  let endpoint: string;
  beforeAll(async () => {
    test = await withDatabase();
    prober = new AgentProber(
      probeRecord(test.database, new ClientCertificates(test.database, keyless)),
      connector,
      pino({ level: 'silent' }),
    );
    await prober.start();
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    endpoint = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  }, 90_000);
  afterAll(async () => {
    await prober?.stop();
    server.close();
    await connector.close();
    await test?.close();
  });

  const inOrg = <T>(work: Parameters<typeof test.database.inOrg<T>>[1]) => test.database.inOrg(orgId, work);
  const register = async (extra: object) => {
    const { registered } = await inOrg((tx) => registerAgent(tx, keyless, orgId, agentToRegister(extra)));
    const { id: agentId, instanceId, state } = registered;
    return { state, ref: { orgId, agentId, instanceId } };
  };
  const stateOf = async ({ agentId }: { agentId: string }) => (await inOrg((tx) => loadAgent(tx, agentId))).state;
  const told = ({ instanceId }: { instanceId: string }) =>
    inOrg(async (tx) => {
      const rows = await tx<{ type: AgentEventType }>(
        `SELECT type FROM bus_event WHERE event #>> '{data,instanceId}' = $1 ORDER BY xmin::text::bigint, type`,
        [instanceId],
      );
      return rows.map(({ type }) => type);
    });
  const listen = (type: string) =>
    inOrg(async (tx) => {
      const id = uuidv7();
      await tx(`INSERT INTO bus_listener (id, org_id, is_endpoint, workflow) VALUES ($1, $2, true, NULL)`, [id, orgId]);
      await tx(`INSERT INTO bus_subscription (listener_id, org_id, type) VALUES ($1, $2, $3)`, [id, orgId, type]);
    });

  it('begins with a probe at once, and goes on through its breaker to the end of its drain, told step by step', async () => {
    const { state, ref } = await register({ name: 'well', endpoint });
    expect(state).toBe('initializing');
    await until(async () => (await stateOf(ref)) === 'ready');
    const move = (to: 'open' | 'closed') => recordBreaker(test.database, { orgId, instanceId: ref.instanceId, to });
    await move('open');
    await inOrg((tx) => heartbeat(tx, ref, { inFlight: 1 }));
    expect(await stateOf(ref)).toBe('recovering');
    await move('closed');
    expect(await stateOf(ref)).toBe('working');
    await inOrg((tx) => drainInstance(tx, ref));
    expect(await stateOf(ref)).toBe('working');
    await inOrg((tx) => heartbeat(tx, ref, { inFlight: 0 }));
    expect(await stateOf(ref)).toBe('shutdown');
    const opened = ['agent.breaker_opened', 'agent.recovering'];
    const closed = ['agent.breaker_closed', 'agent.working'];
    expect(await told(ref)).toEqual(['agent.registered', 'agent.ready', ...opened, ...closed, 'agent.shutdown']);
  });

  it('ends with its lease by the clock of Postgres, and goes on with the next heartbeat', async () => {
    const { ref } = await register({ name: 'frozen', endpoint: `${endpoint}/frozen` });
    await until(async () => (await stateOf(ref)) === 'ready');
    await asOwner(test.ownerUrl, (owner) =>
      owner.query(`UPDATE agent_instance SET lease_expires_at = now() - interval '1 s' WHERE id = $1`, [
        ref.instanceId,
      ]),
    );
    await sweepLeases(test.database);
    expect(await stateOf(ref)).toBe('shutdown');
    const { instances } = await inOrg((tx) => loadAgent(tx, ref.agentId));
    expect(instances[0]?.heartbeatAgeMs).toBeGreaterThan(30_000);
    await inOrg((tx) => heartbeat(tx, ref, {}));
    expect(await told(ref)).toEqual([
      'agent.registered',
      'agent.ready',
      'agent.lease_expired',
      'agent.shutdown',
      'agent.ready',
    ]);
  });

  it('is no candidate while it stands by, whatever it says of itself', async () => {
    const { state, ref } = await register({ name: 'spare', standby: true, endpoint: `${endpoint}/spare` });
    expect(state).toBe('idle');
    await inOrg((tx) => heartbeat(tx, ref, {}));
    expect(await stateOf(ref)).toBe('idle');
    expect(await inOrg((tx) => findCandidates(tx, { agent: 'spare' }))).toEqual([]);
  });

  it('is called before it has answered the first time, and initializing until then', async () => {
    const { ref } = await register({ name: 'away' });
    const away = await connector.health('http://127.0.0.1:9/a', 1_000);
    expect(away).toMatchObject({ isWell: false });
    expect(await connector.health(endpoint)).toEqual({ isWell: true, inFlight: 3, says: 'HTTP 200' });
    expect(await stateOf(ref)).toBe('initializing');
    expect(await inOrg((tx) => findCandidates(tx, { agent: 'away' }))).toHaveLength(1);
  });

  it('tells of each task only where an endpoint wants to know', async () => {
    const { ref } = await register({ name: 'busy', endpoint: `${endpoint}/busy` });
    await until(async () => (await stateOf(ref)) === 'ready');
    const beat = (inFlight: number) => inOrg((tx) => heartbeat(tx, ref, { inFlight }));
    await beat(1);
    await beat(0);
    expect(await told(ref)).toEqual(['agent.registered', 'agent.ready']);
    await listen('agent.working');
    await beat(1);
    expect(await told(ref)).toEqual(['agent.registered', 'agent.ready', 'agent.working']);
  });
});
