import type { QuotaRefusal } from '../contracts/quotas.js';
import { AskTogether } from '../database/ask-together.js';
import type { Quotas } from './dependencies.js';

/** A quota that is set, raised or removed holds within this time. */
const KNOWN_MS = 1_000;

/** What was last heard of an organisation, and when it was asked for: milliseconds since the epoch. */
type Known = { askedAt: number } & ({ isFree: true } | { refused: QuotaRefusal });

/** What is asked: a quota that covers so many attempts. None: whether there is a quota. */
type Attempts = 0 | 1;

/**
 * Where attempts ask whether the quota of their organisation covers them: those of this worker that ask together share a
 * transaction, and those of organisations without a quota go on at once.
 */
export class QuotaDesk {
  private readonly known = new Map<string, Known>();
  private readonly desk: AskTogether<Attempts, QuotaRefusal | undefined>;

  constructor(
    private readonly quotas: Quotas,
    /** Milliseconds since the epoch. */
    private readonly now: () => number = Date.now,
  ) {
    this.desk = new AskTogether((orgId, asked) => this.answer(orgId, asked));
  }

  /** Why the attempt may not be made now; undefined, without a promise where there is no quota, when it is counted. */
  take(orgId: string): Promise<QuotaRefusal | undefined> | undefined {
    const known = this.known.get(orgId);
    if (!known) return this.desk.ask(orgId, 1);
    const now = this.now();
    const since = now - known.askedAt;
    if ('isFree' in known) {
      if (since > KNOWN_MS) {
        known.askedAt = now;
        this.desk.ask(orgId, 0).catch(() => undefined); // An attempt asks again, a second later.
      }
      return undefined;
    }
    const { refused } = known;
    if (since < Math.min(KNOWN_MS, refused.waitMs))
      return Promise.resolve({ ...refused, waitMs: refused.waitMs - since });
    return this.desk.ask(orgId, 1);
  }

  /** The first ones are covered, as far as the quota goes. */
  private async answer(orgId: string, asked: readonly Attempts[]): Promise<(QuotaRefusal | undefined)[]> {
    const attempts = asked.filter((count) => count === 1).length;
    const grant = await this.quotas.take(orgId, attempts);
    const askedAt = this.now();
    if (grant === undefined) this.known.set(orgId, { askedAt, isFree: true });
    else if (grant.refusal) this.known.set(orgId, { askedAt, refused: grant.refusal });
    else this.known.delete(orgId);
    const { granted, refusal } = grant ?? { granted: attempts };
    let covered = 0;
    return asked.map((count) => {
      covered += count;
      return covered <= granted ? undefined : refusal;
    });
  }
}
