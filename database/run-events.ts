import type { NewRunEvent, RunEvent } from '../contracts/events.js';
import type { Database, Tx } from './database.js';
import { GroupCommit } from './group-commit.js';
import { JOURNAL_COLUMNS, type StoredCall, toFinishedEvent } from './run-records.js';
import { rateSettlements } from './settlement-scores.js';

/** Appends to the streams of runs, many at once. */
export class RunEventWriter {
  readonly #commits: GroupCommit;
  readonly #database: Database;

  constructor(database: Database) {
    this.#database = database;
    this.#commits = GroupCommit.of(database);
  }

  /**
   * Durable when resolved, in this order. A key that is there already writes nothing, and so does anything after the
   * run's end. The run's status follows the events. `withinMs`: how long they may wait to share the commit of what comes
   * next. Fails `run.not_found`.
   */
  async append(orgId: string, runId: string, events: NewRunEvent[], withinMs = 0): Promise<void> {
    await this.#commits.write(
      orgId,
      events.map((event) => ({ runId, event })),
      withinMs,
    );
    await rateSettlements(this.#database, { orgId, runId, events });
  }

  /** Rows of ended runs that were dropped since the start. */
  get dropped(): number {
    return this.#commits.dropped;
  }
}

interface EventRow {
  position: number;
  at: Date;
  type: string | null;
  data: unknown;
}

/**
 * The stream of a run in order of position, from `after` (exclusive): events and finished calls, in one snapshot, so
 * that a position is never missing before a later one.
 */
export async function readEvents(
  tx: Tx,
  runId: string,
  { after = 0, limit = 1_000 }: { after?: number; limit?: number } = {},
): Promise<RunEvent[]> {
  const rows = await tx<EventRow & { call: StoredCall | null }>(
    `(SELECT position, at, type, data, NULL::json AS call FROM run_event
      WHERE run_id = $1 AND position > $2 ORDER BY position LIMIT $3)
     UNION ALL
     (SELECT position, at, NULL, NULL, row_to_json(c) FROM
       (SELECT ${JOURNAL_COLUMNS} FROM call_journal j WHERE j.run_id = $1 AND j.position > $2 ORDER BY j.position LIMIT $3) c)
     ORDER BY position LIMIT $3`,
    [runId, after, limit],
  );
  return rows.map(({ position, at, type, data, call }) => ({
    id: `${runId}:${position}`,
    position,
    at: at.toISOString(),
    type: type ?? 'call.finished',
    data: call ? toFinishedEvent(call) : data,
  })) as RunEvent[];
}
