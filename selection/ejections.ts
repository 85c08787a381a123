import type { TrackRecord } from './track-record.js';

const FAILURES_IN_A_ROW = 3;
/** So much of the success of its peers is far below them. */
const FAR_BELOW = 0.7;
/** Fewer calls say too little about how often something succeeds. */
const FEWEST_CALLS = 10;
/** What an instance is known by when it comes back. */
const FORGIVEN_CALLS = FEWEST_CALLS / 2;
const BASE_MS = 5_000;
const LONGEST_MS = 60_000;

interface Mark {
  failuresInARow: number;
  /** Ejections that are not forgotten. */
  times: number;
  /** Milliseconds since the epoch. */
  until: number;
}

/**
 * Instances that do far worse than others are passed over for a while: after 3 failures in a row, or with a success rate
 * below 0.7 of the mean of its peers, for 5 s × times ejected, at most a minute. Who was well for a minute begins anew.
 * After Envoy's outlier detection.
 */
export class Ejections {
  private readonly marks = new Map<string, Mark>();
  private readonly out = new Set<string>();

  /** `now` gives milliseconds since the epoch. */
  constructor(private readonly now: () => number = Date.now) {}

  report(instanceId: string, failed: boolean): void {
    const mark = this.marks.get(instanceId);
    if (!failed) {
      if (mark) this.recovered(instanceId, mark);
      return;
    }
    const marked = mark ?? { failuresInARow: 0, times: 0, until: 0 };
    this.marks.set(instanceId, marked);
    marked.failuresInARow += 1;
    if (marked.failuresInARow >= FAILURES_IN_A_ROW) this.eject(instanceId, marked);
  }

  /** Ejects those whose success rate is far below that of their peers. */
  compare(peers: readonly { instanceId: string; record: TrackRecord }[]): void {
    const known = peers.filter(({ record }) => record.answers + record.failures >= FEWEST_CALLS);
    if (known.length < 2 || known.every(({ record }) => record.failures < 1)) return;
    const rateOf = ({ answers, failures }: TrackRecord) => answers / (answers + failures);
    const mean = known.reduce((sum, { record }) => sum + rateOf(record), 0) / known.length;
    for (const { instanceId, record } of known) {
      if (rateOf(record) >= FAR_BELOW * mean) continue;
      record.forgive(FORGIVEN_CALLS);
      this.eject(instanceId, this.marks.get(instanceId) ?? { failuresInARow: 0, times: 0, until: 0 });
    }
  }

  /**
   * Who is passed over among these; undefined when nobody is. More than half of them are never passed over: who is left
   * would fail under the work of all, so then nobody is.
   */
  among(candidates: readonly { instanceId: string }[]): ReadonlySet<string> | undefined {
    if (this.out.size === 0) return undefined;
    const now = this.now();
    for (const id of this.out) if ((this.marks.get(id)?.until ?? 0) <= now) this.out.delete(id);
    if (this.out.size === 0) return undefined;
    const most = candidates.length / 2;
    if (this.out.size <= most) return this.out;
    const here = candidates.filter(({ instanceId }) => this.out.has(instanceId));
    return here.length > most ? undefined : this.out;
  }

  private eject(instanceId: string, mark: Mark): void {
    const now = this.now();
    if (mark.until > now) return; // What was under way when it was ejected.
    const times = now - mark.until > LONGEST_MS ? 1 : mark.times + 1;
    this.marks.set(instanceId, { failuresInARow: 0, times, until: now + Math.min(BASE_MS * times, LONGEST_MS) });
    this.out.add(instanceId);
  }

  private recovered(instanceId: string, mark: Mark): void {
    mark.failuresInARow = 0;
    if (this.now() - mark.until > LONGEST_MS) this.marks.delete(instanceId);
  }
}
