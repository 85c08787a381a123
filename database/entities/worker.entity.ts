import { Column, Entity, PrimaryColumn } from 'typeorm';

/** A worker process; a session of Postgres holds the advisory lock of its id for as long as it lives. */
@Entity('worker')
export class WorkerRow {
  @PrimaryColumn('uuid') id: string;
  /** The start of the Postgres in which its lock was taken. */
  @Column('timestamp with time zone', { default: () => 'pg_postmaster_start_time()' }) serverStartedAt: Date;
}

/** An activity that a worker has in hand for longer than a moment. */
@Entity('worker_activity')
export class WorkerActivityRow {
  @PrimaryColumn('uuid') workerId: string;
  /** The worker's own count. */
  @PrimaryColumn('bigint') id: string;
  @Column('text') workflowId: string;
  /** The engine's id of the execution. */
  @Column('uuid') executionId: string;
  @Column('text') activityId: string;
}
