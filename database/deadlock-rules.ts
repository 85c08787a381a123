import type { DeadlockLink } from '../contracts/needs.js';
import { grantable, type WaitingRequest } from './lease-rules.js';

/** A request in the queue, and the work that cannot go on without it. */
export interface AwaitedRequest extends WaitingRequest {
  work: string;
  /** 1 is served first. */
  priority: number;
  /** Milliseconds since the epoch. */
  requestedAt: number;
}

/** Units that a work holds until it is done. */
export interface WorkHolding {
  work: string;
  resource: string;
  amount: number;
}

/** The request that is refused so that the others of the circle go on. It is the first of them. */
export interface Deadlock {
  requestId: string;
  cycle: DeadlockLink[];
}

/**
 * Requests that never get their turn, because those they wait for wait for them: found by letting everybody who waits for
 * nothing come to an end, again and again, with the rule that turns go by. Of each circle the request of the lowest
 * priority is refused, among those the youngest. `queue` is in the order of turns.
 */
export function deadlocks(
  capacities: ReadonlyMap<string, number>,
  holdings: readonly WorkHolding[],
  queue: readonly AwaitedRequest[],
): Deadlock[] {
  const found: Deadlock[] = [];
  let open = queue.filter(({ needs }) => [...needs].every(([name, amount]) => amount <= (capacities.get(name) ?? 0)));
  for (;;) {
    open = stuckOf(capacities, holdings, open);
    const cycle = circleIn(holdings, open);
    if (!cycle) return found;
    const [refused] = cycle.toSorted((a, b) => b.request.priority - a.request.priority || youngest(a, b));
    const first = cycle.indexOf(refused as Waiting);
    const links = [...cycle.slice(first), ...cycle.slice(0, first)];
    const { id: requestId } = (refused as Waiting).request;
    found.push({
      requestId,
      cycle: links.map(({ request, resource }) => ({ work: request.work, resource, leaseId: request.id })),
    });
    open = open.filter(({ id }) => id !== requestId);
  }
}

/** What is left in the queue when everybody who can end has ended. */
function stuckOf(
  capacities: ReadonlyMap<string, number>,
  holdings: readonly WorkHolding[],
  queue: readonly AwaitedRequest[],
): AwaitedRequest[] {
  let waiting = [...queue];
  for (;;) {
    const waits = new Set(waiting.map(({ work }) => work));
    // Only what is held now counts: whoever is stuck even so is stuck for good.
    const inUse = new Map<string, number>();
    for (const { work, resource, amount } of holdings)
      if (waits.has(work)) inUse.set(resource, (inUse.get(resource) ?? 0) + amount);
    const granted = new Set(grantable(capacities, inUse, waiting));
    if (granted.size === 0) return waiting;
    waiting = waiting.filter(({ id }) => !granted.has(id));
  }
}

interface Waiting {
  request: AwaitedRequest;
  /** What the next one of the circle has. */
  resource: string;
}

/** Works that wait for each other in a circle; each of those who are stuck waits for one, or for one in one. */
function circleIn(holdings: readonly WorkHolding[], stuck: readonly AwaitedRequest[]): Waiting[] | undefined {
  const done = new Set<string>();
  for (const { work } of stuck) {
    const path: Waiting[] = [];
    const circle = follow(work, path);
    if (circle) return circle;
  }
  return undefined;

  function follow(work: string, path: Waiting[]): Waiting[] | undefined {
    const start = path.findIndex(({ request }) => request.work === work);
    if (start >= 0) return path.slice(start);
    if (done.has(work)) return undefined;
    for (const { next, ...waiting } of waitsOf(work, holdings, stuck)) {
      const circle = follow(next, [...path, waiting]);
      if (circle) return circle;
    }
    done.add(work);
    return undefined;
  }
}

/** For whom a work waits: who holds what it wants, then who wants that before it; at last for itself. */
function waitsOf(work: string, holdings: readonly WorkHolding[], stuck: readonly AwaitedRequest[]) {
  const among = new Set(stuck.map((request) => request.work));
  const edges = stuck.flatMap((request, place) => {
    if (request.work !== work) return [];
    const before = stuck.slice(0, place);
    return [...request.needs.keys()].flatMap((resource) =>
      [
        ...holdings.filter((held) => held.resource === resource && among.has(held.work)),
        ...before.filter(({ needs }) => needs.has(resource)),
      ].map(({ work: next }) => ({ request, resource, next })),
    );
  });
  return edges.toSorted((a, b) => Number(a.next === work) - Number(b.next === work));
}

const youngest = (one: Waiting, other: Waiting): number =>
  other.request.requestedAt - one.request.requestedAt || (one.request.id < other.request.id ? 1 : -1);
