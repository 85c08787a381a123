import { Column, Entity, Index, PrimaryColumn } from 'typeorm';

/** One event of a run; partitioned by month of the run. */
@Entity('run_event')
@Index('run_event_by_key', ['runId', 'key'], { unique: true })
export class RunEventRow {
  @PrimaryColumn('uuid') runId: string;
  @PrimaryColumn('integer') position: number;
  @Column('uuid') orgId: string;
  @Column('text') key: string;
  @Column('timestamp with time zone', { precision: 3 }) at: Date;
  @Column('text') type: string;
  @Column('json') data: unknown;
}

/** One finished call of a run, which is also the `call.finished` event at its position; partitioned alike. */
@Entity('call_journal')
@Index('call_journal_by_position', ['runId', 'position'], { unique: true })
@Index('call_journal_by_payload', ['payloadRef'], { where: '(payload_ref IS NOT NULL)' })
@Index('call_journal_failed', ['orgId', 'finishedAt', 'runId', 'callKey'], { where: "(status = 'failed'::text)" })
export class CallJournalRow {
  @PrimaryColumn('uuid') runId: string;
  @PrimaryColumn('text') callKey: string;
  @Column('uuid') orgId: string;
  @Column('integer') position: number;
  @Column('text') path: string;
  @Column('text') status: 'completed' | 'failed' | 'canceled';
  @Column('integer') attempts: number;
  @Column('uuid', { nullable: true }) agentId: string | null;
  @Column('text', { nullable: true }) agent: string | null;
  @Column('text', { nullable: true }) version: string | null;
  @Column('uuid', { nullable: true }) instanceId: string | null;
  @Column('text', { nullable: true }) role: string | null;
  @Column('integer', { nullable: true }) round: number | null;
  @Column('json') usage: unknown;
  @Column('double precision', { nullable: true }) confidence: number | null;
  @Column('boolean', { nullable: true }) degraded: boolean | null;
  /** Of a call that failed. */
  @Column('text', { nullable: true }) capability: string | null;
  @Column('json', { nullable: true }) output: unknown;
  @Column('uuid', { nullable: true }) payloadRef: string | null;
  @Column('integer', { nullable: true }) payloadBytes: number | null;
  @Column('integer', { nullable: true }) payloadLength: number | null;
  @Column('json', { nullable: true }) error: unknown;
  @Column('double precision') queueMs: number;
  @Column('double precision') execMs: number;
  @Column('timestamp with time zone', { precision: 3 }) startedAt: Date;
  @Column('timestamp with time zone', { precision: 3 }) finishedAt: Date;
}

/** A value too large to travel; the reference is its id. */
@Entity('payload')
@Index('payload_by_run', ['runId'])
export class PayloadRow {
  @PrimaryColumn('uuid') id: string;
  @Column('uuid') orgId: string;
  @Column('uuid') runId: string;
  @Column('integer') bytes: number;
  @Column('json') content: unknown;
}
