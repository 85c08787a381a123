import { BrikkError } from '../contracts/errors.js';
import { type PutQuota, type Quota, type QuotaGrant, quotaText } from '../contracts/quotas.js';
import type { Tx } from './database.js';
import { grantCalls, type QuotaStanding, standingAt, usedUp } from './quota-rules.js';

interface Row {
  windowMs: number;
  calls: number | null;
  tokens: number | null;
  costUsd: number | null;
  usedCalls: number;
  usedTokens: number;
  usedCostUsd: number;
  from: number;
  now: number;
}
const QUOTA = `SELECT window_ms AS "windowMs", calls, tokens, cost_usd AS "costUsd", used_calls AS "usedCalls",
  used_tokens AS "usedTokens", used_cost_usd AS "usedCostUsd", window_from AS "from",
  floor(extract(epoch FROM clock_timestamp()) * 1000)::float8 AS now FROM organisation_quota`;

/** Of the transaction's organisation. */
export async function readQuota(tx: Tx): Promise<Quota> {
  const [row] = await tx<Row>(QUOTA);
  if (!row) return { windowMs: null, limits: {}, used: { calls: 0, tokens: 0, costUsd: 0 }, resetsAt: null };
  const { windowMs, limits, used, from } = standingOf(row);
  const set = Object.entries(limits).filter(([, most]) => most !== null);
  return { windowMs, limits: Object.fromEntries(set), used, resetsAt: new Date(from + windowMs).toISOString() };
}

/** What was used in a window of another length is forgotten. */
export async function putQuota(tx: Tx, { windowMs, calls, tokens, costUsd }: PutQuota): Promise<Quota> {
  await tx(
    `INSERT INTO organisation_quota AS q (org_id, window_ms, calls, tokens, cost_usd) VALUES ($1, $2, $3, $4, $5)
     ON CONFLICT (org_id) DO UPDATE SET window_ms = excluded.window_ms, calls = excluded.calls, tokens = excluded.tokens,
       cost_usd = excluded.cost_usd,
       window_from = CASE WHEN q.window_ms = excluded.window_ms THEN q.window_from ELSE -1 END`,
    [tx.orgId, windowMs, calls ?? null, tokens ?? null, costUsd ?? null],
  );
  return readQuota(tx);
}

/** A repeat changes nothing. */
export async function removeQuota(tx: Tx): Promise<void> {
  await tx('DELETE FROM organisation_quota');
}

/** Counts so many attempts, as far as they are covered; undefined where there is no quota. */
export async function takeCalls(tx: Tx, asked: number): Promise<QuotaGrant | undefined> {
  const [row] = await tx<Row>(`${QUOTA} FOR UPDATE`);
  if (!row) return undefined;
  const standing = standingOf(row);
  const grant = grantCalls(standing, asked, row.now);
  await count(tx, standing, { calls: grant.granted, tokens: 0, costUsd: 0 });
  return grant;
}

/** What answers have used counts in the window in which it is told. */
export async function settleQuota(tx: Tx, used: { tokens: number; costUsd: number }): Promise<void> {
  if (used.tokens === 0 && used.costUsd === 0) return;
  const [row] = await tx<Row>(`${QUOTA} FOR UPDATE`);
  if (row) await count(tx, standingOf(row), { calls: 0, ...used });
}

/** Fails `quota.exceeded` with the time until the next window where the quota is used up. */
export async function refuseOverQuota(tx: Tx): Promise<void> {
  const [row] = await tx<Row>(QUOTA);
  const refusal = row && usedUp(standingOf(row), row.now);
  if (refusal) throw new BrikkError('quota.exceeded', quotaText(refusal), { retryAfterMs: refusal.waitMs });
}

async function count(tx: Tx, { from, used }: QuotaStanding, more: QuotaStanding['used']): Promise<void> {
  await tx('UPDATE organisation_quota SET window_from = $1, used_calls = $2, used_tokens = $3, used_cost_usd = $4', [
    from,
    used.calls + more.calls,
    used.tokens + more.tokens,
    used.costUsd + more.costUsd,
  ]);
}

function standingOf({ windowMs, calls, tokens, costUsd, from, now, ...used }: Row): QuotaStanding {
  const { usedCalls, usedTokens, usedCostUsd } = used;
  return standingAt(
    {
      windowMs,
      limits: { calls, tokens, costUsd },
      used: { calls: usedCalls, tokens: usedTokens, costUsd: usedCostUsd },
      from,
    },
    now,
  );
}
