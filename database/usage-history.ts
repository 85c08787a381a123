import type { UsageHistory } from '../contracts/budget-ledger.js';
import type { Tx } from './database.js';
import { USAGE_UNITS, usageShare } from './usage-buckets.js';

const P95 = 0.95;

/** What 95 % of the agent's answers with this capability reported at most; null where it never reported any. */
export async function readUsageHistory(tx: Tx, agentId: string, capability: string): Promise<UsageHistory> {
  const rows = await tx<{ costs: number[] | null; tokens: number[] | null }>(
    'SELECT cost_buckets AS costs, token_buckets AS tokens FROM capability_stat WHERE agent_id = $1 AND capability = $2',
    [agentId, capability],
  );
  return {
    tokens: usageShare(
      rows.flatMap(({ tokens }) => (tokens ? [tokens] : [])),
      P95,
      USAGE_UNITS.tokens,
    ),
    costUsd: usageShare(
      rows.flatMap(({ costs }) => (costs ? [costs] : [])),
      P95,
      USAGE_UNITS.costUsd,
    ),
  };
}
