import type { Database } from '../../database/database.js';
import { claimWebhooks, loadWebhooks } from '../../database/claim-webhooks.js';
import { settleWebhooks } from '../../database/settle-webhooks.js';
import type { Vault } from '../../database/vault.js';
import { keptEndpoint, keptWebhook } from './webhooks.js';

/** An event that came in, and a sample that an endpoint has taken, on record with its attempt. */
export async function keptWebhooks(database: Database, vault: Vault, orgId: string): Promise<void> {
  await keptWebhook(database, vault, orgId);
  const { endpointId, deliveryId: id } = await keptEndpoint(database, vault, orgId);
  const { claimed } = await claimWebhooks(database, 10);
  const { claims } = claimed.find((one) => one.id === id)!;
  await database.inOrg(orgId, async (tx) => {
    const { eventKey } = (await loadWebhooks(tx, [id]))[0]!;
    const head = { id, endpointId, claims, generation: 0, eventKey, type: 'endpoint.test', attempts: 0 };
    const answer = { outcome: 'ok' as const, statusCode: 200, isTruncated: false, response: 'thanks' };
    const attempt = { ...answer, url: 'https://example.com/', unreached: [], startedAt: new Date(), latencyMs: 7 };
    await settleWebhooks(tx, vault, orgId, [{ ...head, trigger: 'test', end: { attempt } }]);
  });
}
