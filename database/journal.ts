import type { FinishedCall } from '../contracts/run-workflow.js';
import type { Database } from './database.js';
import { GroupCommit } from './group-commit.js';
import { JOURNAL_COLUMNS, type JournalEntry, type StoredCall, toFinishedCall } from './run-records.js';

/** The ledger of finished calls: what is in it is never done again. */
export class Journal {
  readonly #commits: GroupCommit;

  constructor(private readonly database: Database) {
    this.#commits = GroupCommit.of(database);
  }

  /** The calls among `keys` that have finished already. */
  async outcomes(orgId: string, runId: string, keys: string[]): Promise<Map<string, FinishedCall>> {
    if (keys.length === 0) return new Map();
    const rows = await this.database.inOrg(orgId, (tx) =>
      tx<StoredCall>(
        `SELECT ${JOURNAL_COLUMNS} FROM call_journal j WHERE j.run_id = $1 AND j.call_key = ANY($2::text[])`,
        [runId, keys],
      ),
    );
    return new Map(rows.map((row) => [row.key, toFinishedCall(row)]));
  }

  /**
   * Durable when resolved. When the key exists, the stored outcome is the answer, not the caller's; after the run's end
   * nothing is written and the caller gets its own back. `isHeld`: somebody had asked the run to pause or to cancel.
   * Fails `run.not_found`.
   */
  async record(orgId: string, runId: string, entry: JournalEntry): Promise<{ call: FinishedCall; isHeld: boolean }> {
    const { outcome, isHeld } = await this.#commits.writeOne(orgId, { runId, call: entry });
    if (outcome === 'known') {
      const stored = (await this.outcomes(orgId, runId, [entry.key])).get(entry.key);
      if (stored) return { call: stored, isHeld };
    }
    return { call: outcomeOf(entry), isHeld };
  }
}

/** Without where it stood in the run. */
function outcomeOf(entry: JournalEntry): FinishedCall {
  return {
    key: entry.key,
    status: entry.status,
    agentId: entry.agentId,
    agent: entry.agent,
    version: entry.version,
    instanceId: entry.instanceId,
    attempts: entry.attempts,
    usage: entry.usage,
    queueMs: entry.queueMs,
    execMs: entry.execMs,
    output: entry.output,
    error: entry.error,
    confidence: entry.confidence,
    degraded: entry.degraded,
  };
}
