import type { Tx } from './database.js';
import type { UrlHealth } from './url-health.js';
import type { WebhookEndpointRow, WebhookSecretRow } from './entities/webhook-endpoint.entity.js';
import { uuidv7 } from './uuid.js';
import { isUnreadable, type Vault } from './vault.js';

/** A key, as it is made. */
export interface NewKey {
  kind: WebhookSecretRow['kind'];
  secret: string;
  publicKey?: string;
}

/** What is sent beside the body and the signatures; sealed as one text. */
export interface EndpointCredentials {
  headers?: Record<string, string>;
  basicAuth?: { username: string; password: string };
}

const credentialsCell = (orgId: string, rowId: string) => ({
  orgId,
  table: 'webhook_endpoint',
  column: 'credentials',
  rowId,
});
const secretCell = (orgId: string, rowId: string) => ({ orgId, table: 'webhook_secret', column: 'secret', rowId });

/** An endpoint with what its requests need. */
export interface OpenedEndpoint {
  id: string;
  settings: WebhookEndpointRow['settings'];
  urls: UrlHealth[];
  timeoutMs: number;
  keys: { kind: NewKey['kind']; secret: string }[];
  credentials: EndpointCredentials;
}

/** One whose keys or credentials do not open, which is no reason for others to wait. */
export interface UnreadableEndpoint {
  id: string;
  /** Which cell it is. */
  unreadable: string;
}

/** Those that are there. The newest key signs first. */
export async function openEndpoints(
  tx: Tx,
  vault: Vault,
  orgId: string,
  ids: string[],
): Promise<(OpenedEndpoint | UnreadableEndpoint)[]> {
  const rows = await tx<Pick<WebhookEndpointRow, 'id' | 'orgId' | 'settings' | 'health' | 'timeoutMs' | 'credentials'>>(
    `SELECT id, org_id AS "orgId", settings, health, timeout_ms AS "timeoutMs", credentials FROM webhook_endpoint
     WHERE id = ANY($1::uuid[])`,
    [ids],
  );
  const secrets = await tx<WebhookSecretRow>(
    `SELECT id, endpoint_id AS "endpointId", kind, secret FROM webhook_secret
     WHERE endpoint_id = ANY($1::uuid[]) AND (expires_at IS NULL OR expires_at > now()) ORDER BY created_at DESC, id DESC`,
    [ids],
  );
  return Promise.all(
    rows.map(async (row) => {
      const keys = secrets.filter(({ endpointId }) => endpointId === row.id);
      try {
        return {
          id: row.id,
          settings: row.settings,
          urls: row.health.urls,
          timeoutMs: row.timeoutMs,
          credentials: await openCredentials(tx, vault, row),
          keys: await Promise.all(
            keys.map(async ({ id, kind, secret }) => ({
              kind,
              secret: await vault.open(tx, secretCell(orgId, id), secret),
            })),
          ),
        };
      } catch (error) {
        if (!isUnreadable(error)) throw error;
        return { id: row.id, unreadable: error.message };
      }
    }),
  );
}

/** It signs from now on. */
export async function addKey(tx: Tx, vault: Vault, orgId: string, endpointId: string, key: NewKey): Promise<void> {
  const id = uuidv7();
  await tx(
    `INSERT INTO webhook_secret (id, org_id, endpoint_id, kind, secret, public_key, created_at)
     VALUES ($1, $2, $3, $4, $5, $6, clock_timestamp())`,
    [id, orgId, endpointId, key.kind, await vault.seal(tx, secretCell(orgId, id), key.secret), key.publicKey ?? null],
  );
}

export async function sealCredentials(
  tx: Tx,
  vault: Vault,
  orgId: string,
  id: string,
  { headers, basicAuth }: EndpointCredentials,
): Promise<string | null> {
  if (!headers && !basicAuth) return null;
  return vault.seal(tx, credentialsCell(orgId, id), JSON.stringify({ headers, basicAuth }));
}

export async function openCredentials(
  tx: Tx,
  vault: Vault,
  { orgId, id, credentials }: Pick<WebhookEndpointRow, 'orgId' | 'id' | 'credentials'>,
): Promise<EndpointCredentials> {
  if (credentials === null) return {};
  return JSON.parse(await vault.open(tx, credentialsCell(orgId, id), credentials)) as EndpointCredentials;
}
