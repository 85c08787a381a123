import { setImmediate } from 'node:timers/promises';
import type { QuotaRefusal } from '../contracts/quotas.js';
import type { Quotas } from './dependencies.js';

/** A quota that is set, raised or removed holds within this time. */
const KNOWN_MS = 1_000;

interface Waiting {
  resolve: (refusal: QuotaRefusal | undefined) => void;
  reject: (error: unknown) => void;
}

interface Organisation {
  queue: Waiting[];
  isServed: boolean;
  /** It had no quota when it was last asked for. */
  isFree: boolean;
  askedAt: number;
  refused?: { refusal: QuotaRefusal; at: number };
}

/**
 * Where attempts ask whether the quota of their organisation covers them: those of this worker that ask together share a
 * transaction, and those of organisations without a quota go on at once.
 */
export class QuotaDesk {
  private readonly organisations = new Map<string, Organisation>();

  constructor(
    private readonly quotas: Quotas,
    /** Milliseconds since the epoch. */
    private readonly now: () => number = Date.now,
  ) {}

  /** Why the attempt may not be made now; undefined, without a promise where there is no quota, when it is counted. */
  take(orgId: string): Promise<QuotaRefusal | undefined> | undefined {
    const organisation = this.organisations.get(orgId) ?? this.add(orgId);
    const { refused, isFree, askedAt } = organisation;
    if (isFree) {
      if (this.now() - askedAt > KNOWN_MS) this.serve(orgId, organisation).catch(() => undefined); // The next attempt asks again.
      return undefined;
    }
    const since = refused ? this.now() - refused.at : 0;
    if (refused && since < Math.min(KNOWN_MS, refused.refusal.waitMs))
      return Promise.resolve({ ...refused.refusal, waitMs: refused.refusal.waitMs - since });
    return new Promise((resolve, reject) => {
      organisation.queue.push({ resolve, reject });
      void this.serve(orgId, organisation);
    });
  }

  private add(orgId: string): Organisation {
    const added = { queue: [], isServed: false, isFree: false, askedAt: 0 };
    this.organisations.set(orgId, added);
    return added;
  }

  private async serve(orgId: string, organisation: Organisation): Promise<void> {
    if (organisation.isServed) return;
    organisation.isServed = true;
    try {
      await setImmediate();
      do await this.ask(orgId, organisation, organisation.queue.splice(0));
      while (organisation.queue.length > 0);
    } finally {
      organisation.isServed = false;
    }
  }

  private async ask(orgId: string, organisation: Organisation, batch: Waiting[]): Promise<void> {
    organisation.askedAt = this.now();
    try {
      const grant = await this.quotas.take(orgId, batch.length);
      organisation.isFree = grant === undefined;
      const { granted, refusal } = grant ?? { granted: batch.length };
      if (refusal) organisation.refused = { refusal, at: this.now() };
      else delete organisation.refused;
      batch.forEach(({ resolve }, place) => resolve(place < granted ? undefined : refusal));
    } catch (error) {
      for (const { reject } of batch) reject(error);
    }
  }
}
