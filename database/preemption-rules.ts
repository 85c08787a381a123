import type { WaitingRequest } from './lease-rules.js';

/** Units that somebody holds, and may have to give up. */
export interface HeldLease {
  id: string;
  resource: string;
  amount: number;
  /** 1 is served first. */
  priority: number;
  /** Those who got it last give it up first. */
  grantedAt: number;
}

export interface PreemptingRequest extends WaitingRequest {
  priority: number;
}

/**
 * Which leases end for whom: of lower priority than the request alone, the lowest first and among those the youngest, no
 * more of them than it lacks, and none where that would not be enough. `free` counts what is free once all who have
 * notice are gone; `held` are those that have none, of resources where notice is given. `queue` is in the order of turns,
 * without requests that can never be served; as with grants nobody is overtaken.
 */
export function preemptions(
  free: ReadonlyMap<string, number>,
  held: readonly HeldLease[],
  queue: readonly PreemptingRequest[],
): Map<string, string> {
  const left = new Map(free);
  const ended = new Map<string, string>();
  const victims = held.toSorted((a, b) => b.priority - a.priority || b.grantedAt - a.grantedAt);
  for (const { id, needs, priority } of queue) {
    const wanted = [...needs];
    const chosen = wanted.map(([resource, amount]) => {
      const lacking = amount - (left.get(resource) ?? 0);
      const lower = victims.filter(
        (lease) => lease.resource === resource && lease.priority > priority && !ended.has(lease.id),
      );
      return enoughOf(lower, lacking);
    });
    const isEnough = chosen.every((leases) => leases !== undefined);
    if (isEnough)
      for (const { id: victim, resource, amount } of chosen.flatMap((leases) => leases ?? [])) {
        ended.set(victim, id);
        left.set(resource, (left.get(resource) ?? 0) + amount);
      }
    for (const [resource, amount] of wanted) left.set(resource, isEnough ? (left.get(resource) ?? 0) - amount : 0);
  }
  return ended;
}

/** The first of them that make up for what is lacking, without those that the others make needless; undefined: too few. */
function enoughOf(leases: readonly HeldLease[], lacking: number): HeldLease[] | undefined {
  const chosen: HeldLease[] = [];
  let sum = 0;
  for (const lease of leases) {
    if (sum >= lacking) break;
    chosen.push(lease);
    sum += lease.amount;
  }
  if (sum < lacking) return undefined;
  // The last ones are those that are spared first.
  return chosen.toReversed().filter(({ amount }) => {
    const isNeedless = sum - amount >= lacking;
    if (isNeedless) sum -= amount;
    return !isNeedless;
  });
}
