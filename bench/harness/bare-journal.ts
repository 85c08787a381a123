import pg from 'pg';

interface Entry {
  runId: string;
  key: string;
  output: unknown;
  done: { resolve(): void; reject(error: unknown): void };
}

const FLUSHES_AT_ONCE = 2;

/**
 * The journal of the bare workflow: what has come while two flushes are on their way goes with the next one, as in the
 * product, but without runs, events, tenants and statistics.
 */
export class BareJournal {
  private waiting: Entry[] = [];
  private flushing = 0;

  private constructor(private readonly pool: pg.Pool) {}

  static async open(connectionString: string): Promise<BareJournal> {
    const pool = new pg.Pool({ connectionString });
    await pool.query(
      `CREATE TABLE IF NOT EXISTS call (run_id text, key text, output jsonb, PRIMARY KEY (run_id, key));
       CREATE TABLE IF NOT EXISTS finished_run (id text PRIMARY KEY, output jsonb)`,
    );
    return new BareJournal(pool);
  }

  /** Durable when resolved. */
  record(runId: string, key: string, output: unknown): Promise<void> {
    return new Promise((resolve, reject) => {
      this.waiting.push({ runId, key, output, done: { resolve, reject } });
      // What comes in the same turn of the event loop goes together.
      if (this.waiting.length === 1) setImmediate(() => this.flush());
    });
  }

  async finish(runId: string, output: unknown): Promise<void> {
    const values = [runId, JSON.stringify(output)];
    await this.pool.query('INSERT INTO finished_run VALUES ($1, $2) ON CONFLICT DO NOTHING', values);
  }

  close(): Promise<void> {
    return this.pool.end();
  }

  private flush(): void {
    if (this.flushing === FLUSHES_AT_ONCE || this.waiting.length === 0) return;
    const entries = this.waiting;
    this.waiting = [];
    this.flushing += 1;
    const columns = [
      entries.map(({ runId }) => runId),
      entries.map(({ key }) => key),
      entries.map(({ output }) => JSON.stringify(output)),
    ];
    const insert = 'INSERT INTO call SELECT * FROM unnest($1::text[], $2::text[], $3::jsonb[]) ON CONFLICT DO NOTHING';
    this.pool
      .query(insert, columns)
      .then(
        () => entries.forEach(({ done }) => done.resolve()),
        (error: unknown) => entries.forEach(({ done }) => done.reject(error)),
      )
      .finally(() => {
        this.flushing -= 1;
        this.flush();
      });
  }
}
