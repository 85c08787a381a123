import { A2A_TASK_PREFIX } from '../contracts/a2a-states.js';
import { RETRY_SCHEDULE_MS } from '../contracts/webhook-endpoints.js';
import type { Tx } from './database.js';
import type { WebhookEndpointRow } from './entities/webhook-endpoint.entity.js';
import type { Vault } from './vault.js';
import { insertEndpoint, removeEndpoint } from './webhook-endpoints.repository.js';

/** Where a client wants to hear of its task. */
export interface PushTarget {
  id: string;
  url: string;
  token?: string;
  authentication?: { scheme: string; credentials: string };
}

/** As it is shown: without its secrets. */
export interface ShownTarget {
  id: string;
  url: string;
  scheme: string | null;
}

const TIMEOUT_MS = 15_000;
const IN_FLIGHT = 4;
const nameOf = (runId: string, id: string) => `a2a/${runId}/${id}`;

/** Notifications go to the target from now on; one of the same id gives way. */
export async function putPushTarget(
  tx: Tx,
  vault: Vault,
  orgId: string,
  runId: string,
  { id, url, token, authentication }: PushTarget,
): Promise<void> {
  await deletePushTarget(tx, orgId, runId, id);
  const headers = {
    ...(token !== undefined && { 'X-A2A-Notification-Token': token }),
    ...(authentication && { authorization: `${authentication.scheme} ${authentication.credentials}` }),
  };
  const username = authentication?.scheme ?? null;
  await insertEndpoint(tx, vault, orgId, {
    name: nameOf(runId, id),
    urls: [url],
    types: [`${A2A_TASK_PREFIX}${runId}`],
    settings: {
      filter: null,
      transform: null,
      format: 'a2a',
      retryScheduleMs: RETRY_SCHEDULE_MS,
      balance: 'round_robin',
      headers: Object.keys(headers),
      username,
    },
    credentials: Object.keys(headers).length > 0 ? { headers } : {},
    timeoutMs: TIMEOUT_MS,
    maxInFlight: IN_FLIGHT,
    ordering: 'block',
    runId,
  });
}

/** In the order of their ids. */
export async function listPushTargets(tx: Tx, runId: string): Promise<ShownTarget[]> {
  const rows = await tx<Pick<WebhookEndpointRow, 'name' | 'settings' | 'health'>>(
    'SELECT name, settings, health FROM webhook_endpoint WHERE run_id = $1 ORDER BY name',
    [runId],
  );
  return rows.map(({ name, settings, health }) => ({
    id: name.slice(nameOf(runId, '').length),
    url: health.urls[0]?.url ?? '',
    scheme: settings.username,
  }));
}

/** Does nothing when there is none. */
export async function deletePushTarget(tx: Tx, orgId: string, runId: string, id: string): Promise<void> {
  const rows = await tx<{ id: string }>('SELECT id FROM webhook_endpoint WHERE run_id = $1 AND name = $2 FOR UPDATE', [
    runId,
    nameOf(runId, id),
  ]);
  for (const row of rows) await removeEndpoint(tx, orgId, row.id);
}

/** Those of runs that are deleted. */
export async function removePushEndpoints(tx: Tx, runIds: string[]): Promise<void> {
  const rows = await tx<{ id: string; orgId: string }>(
    'SELECT id, org_id AS "orgId" FROM webhook_endpoint WHERE run_id = ANY($1) ORDER BY id FOR UPDATE',
    [runIds],
  );
  for (const { id, orgId } of rows) await removeEndpoint(tx, orgId, id);
}
