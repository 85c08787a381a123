import { bindToOrg, type Database } from './database.js';
import type { RunRecord } from './run-records.js';
import { sqlOn } from './sql.js';
import { writeRunRecords, type Written } from './write-run-records.js';

interface Waiting {
  orgId: string;
  record: RunRecord;
  resolve: (written: Written) => void;
  reject: (error: unknown) => void;
}

const MAX_FLUSHES = 2;
const MAX_RECORDS = 2_000;
const SMALL_FLUSH = 50;

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

  private constructor(private readonly database: Database) {}

  static of(database: Database): GroupCommit {
    const known = shared.get(database);
    if (known) return known;
    const made = new GroupCommit(database);
    shared.set(database, made);
    return made;
  }

  write(orgId: string, records: RunRecord[]): Promise<Written[]> {
    const written = records.map(
      (record) =>
        new Promise<Written>((resolve, reject) => {
          this.#waiting.push({ orgId, record, resolve, reject });
        }),
    );
    setImmediate(() => this.#flush());
    return Promise.all(written);
  }

  #flush(): void {
    if (this.#flushes >= MAX_FLUSHES || this.#waiting.length === 0) return;
    const batch = this.#waiting.splice(0, MAX_RECORDS);
    this.#flushes += 1;
    void this.#commit(batch).finally(() => {
      this.#flushes -= 1;
      this.#flush();
    });
  }

  async #commit(batch: Waiting[]): Promise<void> {
    const groups = [...groupByOrg(batch)].sort(([a], [b]) => (a < b ? -1 : 1));
    try {
      const written = await this.database.inPlainTransaction(async (client) => {
        const sql = sqlOn(client, { prepared: batch.length <= SMALL_FLUSH });
        const results: [Waiting, Written][] = [];
        for (const [orgId, group] of groups) {
          await bindToOrg(client, orgId);
          const outcomes = await writeRunRecords(
            sql,
            orgId,
            group.map(({ record }) => record),
          );
          group.forEach((waiting, at) => results.push([waiting, outcomes[at]!]));
        }
        return results;
      });
      for (const [waiting, outcome] of written) {
        if (outcome.outcome === 'dropped') this.dropped += 1;
        if (outcome.outcome === 'failed') waiting.reject(outcome.error);
        else waiting.resolve(outcome);
      }
    } catch (error) {
      await this.#retryAlone(batch, error);
    }
  }

  /** One row that Postgres refuses must not fail the rows of other runs. */
  async #retryAlone(batch: Waiting[], error: unknown): Promise<void> {
    const [first, ...rest] = batch;
    if (first === undefined) return;
    if (rest.length === 0 || isAboutTheServer(error)) {
      for (const { reject } of batch) reject(error);
      return;
    }
    const middle = Math.ceil(batch.length / 2);
    await this.#commit(batch.slice(0, middle));
    await this.#commit(batch.slice(middle));
  }
}

const isAboutTheServer = (error: unknown): boolean =>
  error instanceof Error && 'code' in error && error.code === 'dependency.unavailable';

function groupByOrg(batch: Waiting[]): Map<string, Waiting[]> {
  const groups = new Map<string, Waiting[]>();
  for (const waiting of batch) {
    const group = groups.get(waiting.orgId);
    if (group) group.push(waiting);
    else groups.set(waiting.orgId, [waiting]);
  }
  return groups;
}
