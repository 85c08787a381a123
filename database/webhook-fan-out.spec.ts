import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { createWebhookEndpointSchema } from '../contracts/webhook-endpoints.js';
import { asOwner, type TestDatabase, withDatabase } from '../test/support/postgres.js';
import { newVault } from '../test/support/vaults.js';
import type { Tx } from './database.js';
import { publishEvents } from './event-bus.repository.js';
import { uuidv7 } from './uuid.js';
import { createEndpoint } from './webhook-endpoints.repository.js';
import { fanOutToEndpoints } from './webhook-fan-out.js';

const HEARD = 5_000;

interface PlanNode {
  'Rows Removed by Filter'?: number;
  Plans?: PlanNode[];
}

describe('the fan-out to webhook endpoints', () => {
  const orgId = uuidv7();
  const vault = newVault();
  let test: TestDatabase;
  beforeAll(async () => {
    test = await withDatabase();
  }, 90_000);
  afterAll(() => test?.close());

  const endpointOf = (name: string, types: string[]) => {
    const request = createWebhookEndpointSchema.parse({ name, urls: ['https://example.com/hook'], types });
    return test.database.inOrg(orgId, (tx) => createEndpoint(tx, vault, orgId, request, []));
  };
  const publish = (...types: string[]) =>
    test.database.inOrg(orgId, (tx) =>
      publishEvents(
        tx,
        orgId,
        types.map((type) => ({ event: { specversion: '1.0', source: '/s', id: uuidv7(), type } })),
      ),
    );
  const fanOut = (tx: Tx, endpoints: string[]) =>
    fanOutToEndpoints(tx, vault, { orgId, endpoints }, () => ({ bodies: undefined }));
  const statuses = (listener: string) =>
    asOwner(test.ownerUrl, async (owner) => {
      const { rows } = await owner.query<{ status: string; count: number }>(
        `SELECT status, count(*)::int FROM bus_delivery WHERE listener_id = $1 GROUP BY 1 ORDER BY 1`,
        [listener],
      );
      return rows;
    });

  it('gives each endpoint its own deliveries, and drops what one that is gone had heard', async () => {
    const [one, two, gone] = [
      await endpointOf('one', ['a']),
      await endpointOf('two', ['a', 'b']),
      await endpointOf('gone', ['b']),
    ];
    await publish('a', 'b', 'a');
    await asOwner(test.ownerUrl, (owner) => owner.query('DELETE FROM webhook_endpoint WHERE id = $1', [gone.id]));
    await test.database.inOrg(orgId, (tx) => fanOut(tx, [one.id, two.id, gone.id]));
    const made = await test.database.inOrg(orgId, (tx) =>
      tx<{ id: string; types: string[] }>(
        `SELECT endpoint_id AS id, array_agg(type ORDER BY number) AS types FROM webhook_delivery
         WHERE endpoint_id = ANY($1::uuid[]) GROUP BY 1 ORDER BY 1`,
        [[one.id, two.id, gone.id]],
      ),
    );
    expect(made).toEqual([
      { id: one.id, types: ['a', 'a'] },
      { id: two.id, types: ['a', 'b', 'a'] },
    ]);
    expect(await statuses(two.id)).toEqual([{ status: 'delivered', count: 3 }]);
    expect(await statuses(gone.id)).toEqual([{ status: 'dropped', count: 1 }]);
  });

  it('reads nothing that an endpoint has heard already, or that another waits for', async () => {
    const { id } = await endpointOf('busy', ['c']);
    await publish('c');
    await asOwner(test.ownerUrl, async (owner) => {
      const copies = `INSERT INTO bus_delivery
        SELECT (jsonb_populate_record(d, jsonb_build_object('listener_id', $2::uuid, 'number', n, 'status', $3::text))).*
        FROM bus_delivery d, generate_series(2, $4) n WHERE listener_id = $1 AND d.number = 1`;
      await owner.query(copies, [id, id, 'delivered', HEARD]);
      await owner.query(copies, [id, uuidv7(), 'pending', HEARD]);
      await owner.query(`UPDATE bus_listener SET last_number = $2 WHERE id = $1`, [id, HEARD]);
      await owner.query('ANALYZE bus_delivery');
    });
    await publish('c');
    const plans: PlanNode[] = [];
    await test.database.inOrg(orgId, (tx) => {
      const explained = async (text: string, values?: unknown[]) => {
        if (text.includes('bus_delivery') && text.trimStart().startsWith('SELECT')) {
          const explain = `EXPLAIN (ANALYZE, FORMAT JSON) ${text}`;
          const [row] = await tx<{ 'QUERY PLAN': { Plan: PlanNode }[] }>(explain, values);
          plans.push(...nodesOf(row!['QUERY PLAN'][0]!.Plan));
        }
        return tx(text, values);
      };
      return fanOut(Object.assign(explained, { orgId }) as Tx, [id]);
    });
    expect(plans.length).toBeGreaterThan(0);
    expect(Math.max(0, ...plans.map((node) => node['Rows Removed by Filter'] ?? 0))).toBe(0);
    expect(await statuses(id)).toEqual([{ status: 'delivered', count: HEARD + 1 }]);
  });
});

const nodesOf = (node: PlanNode): PlanNode[] => [node, ...(node.Plans ?? []).flatMap(nodesOf)];
