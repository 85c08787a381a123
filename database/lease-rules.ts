/** A request for units of one or several resources, which gets all of them or none. */
export interface WaitingRequest {
  id: string;
  needs: ReadonlyMap<string, number>;
}

/**
 * Which of the requests may have what they need now; `queue` is in the order of their turns. Nobody is overtaken by one
 * who wants the same resource, so that large requests do not starve behind small ones; those that want other resources
 * go on. A request beyond a capacity is passed over: it can never be served.
 */
export function grantable(
  capacities: ReadonlyMap<string, number>,
  held: ReadonlyMap<string, number>,
  queue: readonly WaitingRequest[],
): string[] {
  const free = new Map([...capacities].map(([name, capacity]) => [name, capacity - (held.get(name) ?? 0)]));
  const granted: string[] = [];
  for (const { id, needs } of queue) {
    const wanted = [...needs];
    if (wanted.some(([name, amount]) => amount > (capacities.get(name) ?? 0))) continue;
    const isServed = wanted.every(([name, amount]) => amount <= (free.get(name) as number));
    if (isServed) granted.push(id);
    // Whoever waits keeps all that it wants from those behind it.
    for (const [name, amount] of wanted) free.set(name, isServed ? (free.get(name) as number) - amount : 0);
  }
  return granted;
}

/** How many requests before this one want something of what it wants. */
export function aheadOf(queue: readonly WaitingRequest[], id: string): number {
  const own = queue.findIndex((request) => request.id === id);
  const wanted = queue[own]?.needs ?? new Map<string, number>();
  return queue.slice(0, Math.max(own, 0)).filter(({ needs }) => [...needs.keys()].some((name) => wanted.has(name)))
    .length;
}
