/** Of the places that are free, an organisation may hold this many times as many. */
const TIMES_THE_FREE = 4;
/** So long an organisation counts as one that shares the worker. */
const PRESENT_MS = 60_000;
const LONGEST_WAIT_MS = 30_000;
const SHORTEST_WAIT_MS = 500;
/** Between two that come back: each costs the engine a timer and two tasks. */
const SHORTEST_TURN_MS = 10;
/** How much the newest batch counts in the mean time that one holds a place. */
const WEIGHT = 0.1;

interface Organisation {
  running: number;
  seenAt: number;
  /** Mean, of batches that have left. */
  holdMs: number;
  /** Of those that are in, the sum of the times at which they came. */
  cameAt: number;
  /** When the last of those that were sent away comes back. */
  nextAt: number;
}

/**
 * Who may use a worker's places for batches of calls, where more than one organisation wants them. An organisation may
 * hold at most four times as many as are free, so that one that floods leaves a fifth of them to whoever comes, two that
 * flood have four ninths each, and nothing is kept back from one that is alone. Who is sent away comes back about when
 * its turn is.
 * After A. K. Choudhury and E. L. Hahne, Dynamic Queue Length Thresholds for Shared-Memory Packet Switches (1998).
 */
export class OrgShares {
  private readonly organisations = new Map<string, Organisation>();
  private total = 0;

  constructor(
    private readonly places: number,
    private readonly now: () => number = Date.now,
  ) {}

  /** Milliseconds after which a batch of the organisation may come again; undefined: it has a place until `leave`. */
  enter(orgId: string): number | undefined {
    const now = this.now();
    const organisation = this.organisations.get(orgId) ?? {
      running: 0,
      seenAt: now,
      holdMs: 0,
      cameAt: 0,
      nextAt: 0,
    };
    this.organisations.set(orgId, organisation);
    organisation.seenAt = now;
    const free = this.places - this.total;
    if (organisation.running < TIMES_THE_FREE * free || this.isAlone(organisation, now)) {
      organisation.running += 1;
      organisation.cameAt += now;
      this.total += 1;
      return undefined;
    }
    organisation.nextAt = Math.max(now, organisation.nextAt) + turnMs(organisation, now);
    return Math.round(Math.min(Math.max(organisation.nextAt - now, SHORTEST_WAIT_MS), LONGEST_WAIT_MS));
  }

  /** Gives the place back after so many milliseconds. */
  leave(orgId: string, heldMs: number): void {
    const organisation = this.organisations.get(orgId);
    if (!organisation) return;
    organisation.running -= 1;
    organisation.cameAt -= this.now() - heldMs;
    this.total -= 1;
    organisation.holdMs += WEIGHT * (heldMs - organisation.holdMs);
  }

  private isAlone(organisation: Organisation, now: number): boolean {
    for (const [orgId, other] of this.organisations) {
      if (other === organisation) continue;
      if (other.running > 0 || now - other.seenAt < PRESENT_MS) return false;
      this.organisations.delete(orgId);
    }
    return true;
  }
}

/** Between two batches that leave, as long as those before them took, or as those that are in have taken by now. */
function turnMs({ running, cameAt, holdMs }: Organisation, now: number): number {
  if (running === 0) return SHORTEST_TURN_MS;
  const meanAgeMs = now - cameAt / running;
  return Math.max(Math.max(holdMs, meanAgeMs) / running, SHORTEST_TURN_MS);
}
