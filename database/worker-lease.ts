import pg from 'pg';
import type { Database } from './database.js';
import { nameFailure } from './failures.js';

/** An activity as the engine names it. */
export interface ActivityRef {
  workflowId: string;
  /** The engine's id of the execution. */
  executionId: string;
  activityId: string;
}

/** `id`: the worker's own count. */
export type ActivityInHand = ActivityRef & { id: number };

/** After a restart of Postgres its clients have this long to come back before they count as dead. */
const RETURN_SECONDS = 5;

/** A machine that is gone says nothing: its lock is free after 2 + 3 x 1 s. */
const SESSION = `SET tcp_keepalives_idle = 2; SET tcp_keepalives_interval = 1; SET tcp_keepalives_count = 3;
  SET synchronous_commit = off`;

/**
 * The liveness of a worker: a session of Postgres that holds an advisory lock. The kernel closes the session of a process
 * that dies, so that its lock is free at once, while a process that merely stalls keeps it.
 * Source: https://www.postgresql.org/docs/current/explicit-locking.html#ADVISORY-LOCKS
 */
export class WorkerLease {
  private constructor(
    private readonly client: pg.Client,
    private readonly workerId: string,
    /** Resolves when the session has ended, whoever ended it. */
    readonly ended: Promise<void>,
  ) {}

  /**
   * Undefined while another still holds the lock: a session before this one that Postgres does not know to be over, or a
   * worker that takes over. Fails `dependency.unavailable` without Postgres.
   */
  static async take(database: Database, workerId: string): Promise<WorkerLease | undefined> {
    const client = new pg.Client({
      connectionString: database.options.dispatchUrl,
      application_name: 'brikk-worker',
      connectionTimeoutMillis: database.answerWithinMs,
      query_timeout: database.answerWithinMs,
    });
    const ended = new Promise<void>((resolve) => client.on('error', () => resolve()).on('end', () => resolve()));
    const lease = new WorkerLease(client, workerId, ended);
    try {
      await client.connect();
      await client.query(SESSION);
      if (await lease.lock(workerId)) {
        await client.query(
          `INSERT INTO worker (id) VALUES ($1)
           ON CONFLICT (id) DO UPDATE SET server_started_at = pg_postmaster_start_time()`,
          [workerId],
        );
        await client.query('DELETE FROM worker_activity WHERE worker_id = $1', [workerId]);
        return lease;
      }
      await lease.end();
      return undefined;
    } catch (error) {
      await lease.end();
      throw nameFailure(error);
    }
  }

  /** What is in hand since the last time, and what no longer is. */
  async keep(begun: readonly ActivityInHand[], over: readonly number[]): Promise<void> {
    await this.ask(
      `WITH over AS (DELETE FROM worker_activity WHERE worker_id = $1 AND id = ANY ($2::bigint[]))
       INSERT INTO worker_activity (worker_id, id, workflow_id, execution_id, activity_id)
       SELECT $1, * FROM unnest($3::bigint[], $4::text[], $5::uuid[], $6::text[])`,
      [
        this.workerId,
        over,
        begun.map(({ id }) => id),
        begun.map(({ workflowId }) => workflowId),
        begun.map(({ executionId }) => executionId),
        begun.map(({ activityId }) => activityId),
      ],
    );
  }

  /** Other workers whose lock was free: it is this one's now, until `unlock`. */
  async lockLapsed(): Promise<string[]> {
    const rows = await this.ask<{ id: string }>(
      `SELECT id FROM (
         SELECT id FROM worker WHERE id <> $1 AND (server_started_at = pg_postmaster_start_time()
           OR pg_postmaster_start_time() < now() - $2 * interval '1 s')
         OFFSET 0) other
       WHERE pg_try_advisory_lock(hashtextextended('worker ' || id, 0))`,
      [this.workerId, RETURN_SECONDS],
    );
    return rows.map(({ id }) => id);
  }

  async unlock(workerId: string): Promise<void> {
    await this.ask(`SELECT pg_advisory_unlock(hashtextextended('worker ' || $1, 0))`, [workerId]);
  }

  activitiesOf(workerId: string): Promise<ActivityInHand[]> {
    return this.ask<ActivityInHand>(
      `SELECT id::float8, workflow_id AS "workflowId", execution_id AS "executionId", activity_id AS "activityId"
       FROM worker_activity WHERE worker_id = $1`,
      [workerId],
    );
  }

  async forget(workerId: string, { id }: ActivityInHand): Promise<void> {
    await this.ask('DELETE FROM worker_activity WHERE worker_id = $1 AND id = $2', [workerId, id]);
  }

  async remove(workerId: string): Promise<void> {
    await this.ask(
      'WITH activity AS (DELETE FROM worker_activity WHERE worker_id = $1) DELETE FROM worker WHERE id = $1',
      [workerId],
    );
  }

  /** Ends the session, and with it the lock. */
  async end(): Promise<void> {
    await this.client.end().catch(() => undefined);
  }

  private async lock(workerId: string): Promise<boolean> {
    const sql = `SELECT pg_try_advisory_lock(hashtextextended('worker ' || $1, 0)) AS "isMine"`;
    const [row] = await this.ask<{ isMine: boolean }>(sql, [workerId]);
    return row?.isMine === true;
  }

  private async ask<Row extends object>(text: string, values: unknown[]): Promise<Row[]> {
    try {
      return (await this.client.query<Row>(text, values)).rows;
    } catch (error) {
      throw nameFailure(error);
    }
  }
}
