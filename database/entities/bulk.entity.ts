import { Column, Entity, PrimaryColumn } from 'typeorm';
import type { ItemStatus, RunError, TerminationReason } from '../../contracts/runs.js';

/** A part of a bulk run's items, worked off by a run of its own. */
@Entity('bulk_shard')
export class BulkShardRow {
  @PrimaryColumn('uuid') runId: string;
  @PrimaryColumn('integer') shard: number;
  @Column('uuid') orgId: string;
  @Column('uuid') shardRunId: string;
  @Column('integer') firstItem: number;
  @Column('integer') items: number;
  /** Its items by status. */
  @Column('json') counts: unknown;
}

/** One item of a bulk run. Input and output are in the payload table when they are large. */
@Entity('bulk_item')
export class BulkItemRow {
  @PrimaryColumn('uuid') runId: string;
  @PrimaryColumn('integer') index: number;
  @Column('uuid') orgId: string;
  @Column('text', { default: 'accepted' }) status: ItemStatus;
  @Column('json', { nullable: true }) input: unknown;
  @Column('uuid', { nullable: true }) inputRef: string | null;
  @Column('json', { nullable: true }) output: unknown;
  @Column('uuid', { nullable: true }) outputRef: string | null;
  @Column('text', { nullable: true }) terminationReason: TerminationReason | null;
  @Column('json', { nullable: true }) error: RunError | null;
  @Column('boolean', { default: false }) degraded: boolean;
  @Column('text', { array: true, default: '{}' }) warnings: string[];
  @Column('timestamp with time zone', { precision: 3, nullable: true }) startedAt: Date | null;
  @Column('timestamp with time zone', { precision: 3, nullable: true }) finishedAt: Date | null;
}
