import type { Page, PageQuery } from '../contracts/lists.js';
import { type AuditActor, type AuditOutcome, chainHash, GENESIS } from './audit-chain.js';
import { decodeCursor, toPage } from './cursor.js';
import type { Tx } from './database.js';
import type { AuditEventRow } from './entities/audit-event.entity.js';

export interface AuditEntry {
  orgId: string;
  actor: AuditActor;
  /** `resource.verb`, such as `api_key.created`. */
  action: string;
  target: string;
  outcome: AuditOutcome;
  requestId: string;
  ip?: string | null;
  /** Names only, never values. */
  changedFields?: string[];
}

export interface AuditEvent extends Required<Omit<AuditEntry, 'orgId'>> {
  seq: number;
  at: string;
  prevHash: string;
  hash: string;
}

/** Until the end of the transaction nobody else appends to the organisation's chain. */
export async function lockAudit(tx: Tx, orgId: string): Promise<void> {
  await tx(`SELECT pg_advisory_xact_lock(hashtextextended('audit ' || $1, 0))`, [orgId]);
}

/** Appends to the organisation's chain; one at a time, in the order of the commits. */
export async function audit(tx: Tx, entry: AuditEntry): Promise<void> {
  await lockAudit(tx, entry.orgId);
  // A statement of its own: it sees what the lock waited for.
  const [head] = await tx<{ seq: string; hash: string | null; at: Date }>(
    `SELECT coalesce(max(seq), 0) AS seq, (array_agg(hash ORDER BY seq DESC))[1] AS hash,
       date_trunc('milliseconds', clock_timestamp()) AS at
     FROM (SELECT seq, hash FROM audit_event WHERE org_id = $1 ORDER BY seq DESC LIMIT 1) last`,
    [entry.orgId],
  );
  const row = {
    orgId: entry.orgId,
    seq: String(Number(head?.seq ?? 0) + 1),
    at: head?.at ?? new Date(),
    actor: entry.actor,
    action: entry.action,
    target: entry.target,
    outcome: entry.outcome,
    requestId: entry.requestId,
    ip: entry.ip ?? null,
    changedFields: entry.changedFields ?? [],
    prevHash: head?.hash ?? GENESIS,
  };
  await tx(
    `INSERT INTO audit_event (org_id, seq, at, actor, action, target, outcome, request_id, ip, changed_fields, prev_hash, hash)
     VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12)`,
    [
      row.orgId,
      row.seq,
      row.at,
      JSON.stringify(row.actor),
      row.action,
      row.target,
      row.outcome,
      row.requestId,
      row.ip,
      row.changedFields,
      row.prevHash,
      hashOf(row),
    ],
  );
}

const SELECT_AUDIT = `SELECT org_id AS "orgId", seq, at, actor, action, target, outcome, request_id AS "requestId", ip,
  changed_fields AS "changedFields", prev_hash AS "prevHash", hash FROM audit_event`;
const VERIFY_PAGE = 1_000;

/**
 * Walks the organisation's chain from its first entry. `firstBadSeq` names the first place that was changed, removed or
 * inserted. A cut tail does not show here: only against a signed head.
 */
export async function verifyAudit(tx: Tx): Promise<{ ok: boolean; count: number; firstBadSeq: number | null }> {
  let [count, previous] = [0, GENESIS];
  for (;;) {
    const rows = await tx<AuditEventRow>(`${SELECT_AUDIT} WHERE seq > $1 ORDER BY seq LIMIT ${VERIFY_PAGE}`, [count]);
    for (const row of rows) {
      const expected = count + 1;
      if (Number(row.seq) !== expected || row.prevHash !== previous || row.hash !== hashOf(row))
        return { ok: false, count, firstBadSeq: expected };
      [count, previous] = [expected, row.hash];
    }
    if (rows.length < VERIFY_PAGE) return { ok: true, count, firstBadSeq: null };
  }
}

/** The newest first. */
export async function listAudit(tx: Tx, { limit, cursor }: PageQuery): Promise<Page<AuditEvent>> {
  const before = cursor === undefined ? null : decodeCursor(cursor, (id) => /^\d{1,18}$/.test(id));
  const rows = await tx<AuditEventRow>(
    `${SELECT_AUDIT} WHERE ($1::bigint IS NULL OR seq < $1) ORDER BY seq DESC LIMIT $2`,
    [before, limit + 1],
  );
  return toPage(rows, limit, ({ seq }) => seq, showEvent);
}

function showEvent({ orgId: _orgId, ...row }: AuditEventRow): AuditEvent {
  return { ...row, seq: Number(row.seq), at: row.at.toISOString() };
}

function hashOf(row: Omit<AuditEventRow, 'hash'>): string {
  const { orgId, seq, at, actor, action, target, outcome, requestId, ip, changedFields, prevHash } = row;
  return chainHash(prevHash, {
    orgId,
    seq: Number(seq),
    at: at.toISOString(),
    actor,
    action,
    target,
    outcome,
    requestId,
    ip,
    changedFields,
  });
}
