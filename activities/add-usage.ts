import type { Usage } from '../contracts/usage.js';

type Spent = Omit<Usage, 'calls'>;

/** What both used; a field that neither knows stays unknown. */
export function addUsage(one: Spent | undefined, other: Spent): Spent {
  const sum = { ...one };
  for (const field of ['inputTokens', 'outputTokens', 'costUsd'] as const)
    if (other[field] !== undefined) sum[field] = (sum[field] ?? 0) + other[field];
  return sum;
}
