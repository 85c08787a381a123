import { runNotFound } from './find-run.js';
import type { Database } from './database.js';
import { isAway } from './failures.js';
import type { RunRecord } from './run-records.js';
import { asOrg } from './sql.js';
import { type Outcome, writeRunRecords, type WrittenRecords } from './write-run-records.js';
import { groupBy } from './group-by.js';

export interface Written {
  outcome: Outcome;
  /** Somebody had asked the run to pause or to cancel. */
  isHeld: boolean;
}

interface Waiting {
  orgId: string;
  record: RunRecord;
  resolve: (written: Written) => void;
  reject: (error: unknown) => void;
}

const MAX_FLUSHES = 2;
const MAX_RECORDS = 2_000;

const shared = new WeakMap<Database, GroupCommit>();

/**
 * One flusher per process for events and journal rows of all runs: what arrives while a flush is under way goes out
 * together in the next, so that many finishes cost one transaction. A promise resolves when its row is durable.
 */
export class GroupCommit {
  /** Rows that came after their run had ended. */
  dropped = 0;
  #waiting: Waiting[] = [];
  #flushes = 0;
  readonly #inFlight = new Set<string>();
  #isDue = false;
  #timer: NodeJS.Timeout | undefined;

  private constructor(private readonly database: Database) {}

  static of(database: Database): GroupCommit {
    const known = shared.get(database);
    if (known) return known;
    const made = new GroupCommit(database);
    shared.set(database, made);
    return made;
  }

  /** `withinMs`: how long the records may wait for others to share their commit; not at all unless said. */
  write(orgId: string, records: RunRecord[], withinMs = 0): Promise<Written[]> {
    return Promise.all(records.map((record) => this.writeOne(orgId, record, withinMs)));
  }

  writeOne(orgId: string, record: RunRecord, withinMs = 0): Promise<Written> {
    if (withinMs > 0) this.#timer ??= setTimeout(() => this.#flushNow(), withinMs);
    else if (!this.#isDue) {
      this.#isDue = true;
      setImmediate(() => this.#flushNow());
    }
    return new Promise((resolve, reject) => {
      this.#waiting.push({ orgId, record, resolve, reject });
    });
  }

  #flushNow(): void {
    this.#isDue = true;
    this.#flush();
  }

  #flush(): void {
    if (!this.#isDue || this.#flushes >= MAX_FLUSHES) return;
    const batch = this.#takeBatch();
    if (this.#waiting.length === 0) {
      this.#isDue = false;
      clearTimeout(this.#timer);
      this.#timer = undefined;
    }
    if (batch.length === 0) return;
    const runIds = new Set(batch.map(({ record }) => record.runId));
    for (const runId of runIds) this.#inFlight.add(runId);
    this.#flushes += 1;
    void this.#commit(batch).finally(() => {
      for (const runId of runIds) this.#inFlight.delete(runId);
      this.#flushes -= 1;
      this.#flush();
    });
  }

  /** A run is in one flush at a time, so that its records keep their order; its row's lock allows no more anyway. */
  #takeBatch(): Waiting[] {
    const batch: Waiting[] = [];
    const left: Waiting[] = [];
    for (const waiting of this.#waiting) {
      const fits = batch.length < MAX_RECORDS && !this.#inFlight.has(waiting.record.runId);
      (fits ? batch : left).push(waiting);
    }
    this.#waiting = left;
    return batch;
  }

  async #commit(batch: Waiting[]): Promise<void> {
    const groups = [...groupBy(batch, ({ orgId }) => orgId)].sort(([a], [b]) => (a < b ? -1 : 1));
    try {
      const written = await this.#write(groups);
      groups.forEach(([, group], of) => {
        const { outcomes, heldRuns } = written[of]!;
        group.forEach((waiting, at) => this.#settle(waiting, outcomes[at]!, heldRuns));
      });
    } catch (error) {
      await this.#retryInHalves(batch, error);
    }
  }

  async #write(groups: [orgId: string, Waiting[]][]): Promise<WrittenRecords[]> {
    const [first, ...others] = groups.map(([orgId, group]) => ({ orgId, records: group.map(({ record }) => record) }));
    if (first === undefined) return [];
    const { orgId, records } = first;
    if (others.length === 0)
      return [await this.database.inOrgAtOnce(orgId, (tx) => writeRunRecords(tx, orgId, records))];
    return this.database.inOrg(orgId, async (tx) => {
      const written = [await writeRunRecords(tx, orgId, records)];
      for (const other of others)
        written.push(await asOrg(tx, other.orgId, (own) => writeRunRecords(own, other.orgId, other.records)));
      return written;
    });
  }

  #settle({ record, resolve, reject }: Waiting, outcome: Outcome, heldRuns: ReadonlySet<string>): void {
    if (outcome === 'dropped') this.dropped += 1;
    if (outcome === 'missing') reject(runNotFound(record.runId));
    else resolve({ outcome, isHeld: heldRuns.has(record.runId) });
  }

  /** One row that Postgres refuses must not fail the rows of other runs. */
  async #retryInHalves(batch: Waiting[], error: unknown): Promise<void> {
    if (batch.length === 1 || isAway(error)) {
      for (const { reject } of batch) reject(error);
      return;
    }
    const middle = Math.ceil(batch.length / 2);
    await this.#commit(batch.slice(0, middle));
    await this.#commit(batch.slice(middle));
  }
}
