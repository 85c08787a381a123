import { randomUUID } from 'node:crypto';
import { createRequire } from 'node:module';
import { schemeOf } from '../../connectors/webhook/signature-schemes.js';
import { signDelivery } from '../../connectors/webhook/sign-delivery.js';
import { createWebhookEndpointSchema } from '../../contracts/webhook-endpoints.js';
import { createWebhookSourceSchema, type WebhookSource } from '../../contracts/webhook-sources.js';
import { acceptInbound } from '../../database/accept-inbound.js';
import type { Database } from '../../database/database.js';
import type { Vault } from '../../database/vault.js';
import { sendSample } from '../../database/webhook-deliveries.repository.js';
import { createEndpoint } from '../../database/webhook-endpoints.repository.js';
import { createSource, type StoredSource } from '../../database/webhook-sources.repository.js';

const require = createRequire(import.meta.url);

/** The examples of GitHub's own documents, each as it might come. */
export const GITHUB_PAYLOADS = (require('@octokit/webhooks-examples') as { examples: object[] }[]).flatMap(
  ({ examples }) => examples.map((example) => JSON.stringify(example)),
);

export const WEBHOOK_SECRET = `whsec_${Buffer.alloc(24, 5).toString('base64')}`;

/** A source of GitHub's, and one event of it. */
export async function keptWebhook(
  database: Database,
  vault: Vault,
  orgId: string,
): Promise<{ source: StoredSource; eventId: string }> {
  return database.inOrg(orgId, async (tx) => {
    const request = createWebhookSourceSchema.parse({ name: 'known', provider: 'github' });
    const source = await createSource(tx, vault, orgId, { ...request, secret: WEBHOOK_SECRET });
    const delivery = { id: 'd1', isSigned: false };
    const event = { delivery, headers: {}, body: Buffer.from('{}') };
    const { id } = await acceptInbound(tx, vault, { ...source, orgId }, event);
    return { source, eventId: id };
  });
}

/** An endpoint, and a sample on its way to it. */
export async function keptEndpoint(
  database: Database,
  vault: Vault,
  orgId: string,
): Promise<{ endpointId: string; deliveryId: string }> {
  return database.inOrg(orgId, async (tx) => {
    const request = createWebhookEndpointSchema.parse({ name: 'known', urls: ['https://example.com'], types: ['*'] });
    const key = { kind: 'hmac' as const, secret: WEBHOOK_SECRET };
    const { id, name } = await createEndpoint(tx, vault, orgId, request, [key]);
    return { endpointId: id, deliveryId: await sendSample(tx, orgId, id, name) };
  });
}

/** Headers of a delivery as the source's provider would send it. */
export function signedHeaders(
  { provider, hmac }: Pick<WebhookSource, 'provider' | 'hmac'>,
  body: string,
  { id = randomUUID(), secret = WEBHOOK_SECRET, at = Date.now() }: { id?: string; secret?: string; at?: number } = {},
): Record<string, string> {
  const parts = { id, timestamp: String(Math.floor(at / 1_000)), body: Buffer.from(body) };
  return signDelivery(schemeOf(provider, hmac), secret, parts);
}
