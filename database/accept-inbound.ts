import { createHash } from 'node:crypto';
import type { Tx } from './database.js';
import { INBOUND_CHANNEL } from './inbound-channel.js';
import { sealContent } from './inbound-content.js';
import { uuidv7 } from './uuid.js';
import type { Vault } from './vault.js';

export interface NewInboundEvent {
  /** How the provider names it; `isSigned` when nobody else can have named it so. */
  delivery: { id: string; isSigned: boolean } | undefined;
  headers: Record<string, string>;
  body: Buffer;
}

const ID_KEPT_MS = 30 * 24 * 3_600_000;

/**
 * Keeps an event, sealed, for the workers to route, inside the caller's transaction; or tells which event it repeats. A
 * signed id names an event; an id that anybody may change does so together with the body, and the same body alone is the
 * same event within the source's window. Of copies that come at once one is kept.
 */
export async function acceptInbound(
  tx: Tx,
  vault: Vault,
  source: { id: string; orgId: string; replayWindowMs: number },
  { delivery, headers, body }: NewInboundEvent,
): Promise<{ id: string; isDuplicate: boolean }> {
  const id = uuidv7();
  const hash = createHash('sha256').update(body).digest('hex');
  const repeated = await claimKeys(tx, source, id, keysOf(delivery, hash, source.replayWindowMs));
  if (repeated !== undefined) {
    await tx('UPDATE inbound_event SET duplicates = duplicates + 1 WHERE id = $1', [repeated]);
    return { id: repeated, isDuplicate: true };
  }
  const sealed = await sealContent(tx, vault, source.orgId, id, { headers, body });
  await tx(
    `INSERT INTO inbound_event (id, org_id, source_id, delivery_id, body_sha256, bytes, headers, body)
     VALUES ($1, $2, $3, $4, $5, $6, $7, $8)`,
    [id, source.orgId, source.id, delivery?.id ?? null, hash, body.length, sealed.headers, sealed.body],
  );
  await tx(`SELECT pg_notify('${INBOUND_CHANNEL}', '')`);
  return { id, isDuplicate: false };
}

interface Key {
  key: string;
  keepMs: number;
}

function keysOf(delivery: NewInboundEvent['delivery'], hash: string, replayWindowMs: number): Key[] {
  if (delivery?.isSigned) return [{ key: `id ${delivery.id}`, keepMs: ID_KEPT_MS }];
  const ofBody = replayWindowMs > 0 ? [{ key: `body ${hash}`, keepMs: replayWindowMs }] : [];
  // In one order for all, so that two copies never wait for each other.
  return delivery ? [...ofBody, { key: `delivery ${hash} ${delivery.id}`, keepMs: ID_KEPT_MS }] : ofBody;
}

/** The event that has one of the keys already; undefined when all of them are the new one's now. */
async function claimKeys(
  tx: Tx,
  { id: sourceId, orgId }: { id: string; orgId: string },
  eventId: string,
  keys: Key[],
): Promise<string | undefined> {
  for (const { key, keepMs } of keys) {
    const mine = await tx(
      `INSERT INTO inbound_dedup AS d (source_id, key, org_id, event_id, expires_at)
       VALUES ($1, $2, $3, $4, now() + $5 * interval '1 ms')
       ON CONFLICT (source_id, key) DO UPDATE SET event_id = excluded.event_id, expires_at = excluded.expires_at
       WHERE d.expires_at <= now() RETURNING d.key`,
      [sourceId, key, orgId, eventId, keepMs],
    );
    if (mine.length > 0) continue;
    await tx('DELETE FROM inbound_dedup WHERE event_id = $1', [eventId]);
    const [other] = await tx<{ eventId: string }>(
      'SELECT event_id AS "eventId" FROM inbound_dedup WHERE source_id = $1 AND key = $2',
      [sourceId, key],
    );
    return other?.eventId;
  }
  return undefined;
}
