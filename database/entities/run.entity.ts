import { Column, Entity, Index, PrimaryColumn } from 'typeorm';
import type { Budget } from '../../contracts/budget.js';
import type { RunKind } from '../../contracts/patterns.js';
import type { Priority } from '../../contracts/priority.js';
import type { RunError, RunStatus, TerminationReason } from '../../contracts/runs.js';
import type { Usage } from '../../contracts/usage.js';
import type { SteeringRequest } from '../steering-request.js';

@Entity('run')
@Index('run_by_org', ['orgId', 'id'])
@Index('run_by_status', ['orgId', 'status', 'id'])
@Index('run_by_time', ['orgId', 'acceptedAt'])
@Index('run_by_pattern', ['orgId', 'pattern', 'id'])
@Index('run_by_workflow', { synchronize: false })
@Index('run_ended', ['finishedAt'], { where: '(finished_at IS NOT NULL)' })
@Index('run_by_parent', ['parentRunId'], { where: '(parent_run_id IS NOT NULL)' })
@Index('run_child', ['parentRunId', 'parentKey'], { unique: true, where: '(parent_key IS NOT NULL)' })
@Index('run_by_correlation', ['orgId', 'correlationId'], { where: '(correlation_id IS NOT NULL)' })
@Index('run_by_labels', { synchronize: false })
@Index('run_plans', { synchronize: false })
@Index('run_unfinished', ['nextCheckAt'], { where: '(finished_at IS NULL)' })
@Index('run_to_delete', ['deleteAt'], { where: '(delete_at IS NOT NULL)' })
@Index('run_by_output', ['outputRef'], { where: '(output_ref IS NOT NULL)' })
@Index('run_by_input', ['inputRef'], { where: '(input_ref IS NOT NULL)' })
@Index('run_steered', ['steeringRequestedAt'], { where: '(steering_requested_at IS NOT NULL)' })
export class RunRow {
  @PrimaryColumn('uuid') id: string;
  @Column('uuid') orgId: string;
  @Column('text') pattern: RunKind;
  /** namespace/name:version, of a run that follows a definition. */
  @Column('text', { nullable: true }) workflow: string | null;
  /** `bulk`: its work is its items'; `shard`: a part of a bulk run, its parent; `item`: one that follows a definition. */
  @Column('text', { default: 'single' }) kind: 'single' | 'bulk' | 'shard' | 'item';
  /** Of a bulk run: items under way at once. */
  @Column('integer', { nullable: true }) maxConcurrency: number | null;
  /** Of an item it is that of its shard. */
  @Column('json', { name: 'with' }) with: unknown;
  /** Null when the input is in `inputRef`; a JSON null is the text `null`. */
  @Column('json', { nullable: true }) input: unknown;
  @Column('uuid', { nullable: true }) inputRef: string | null;
  @Column('json', { nullable: true }) output: unknown;
  @Column('uuid', { nullable: true }) outputRef: string | null;
  @Column('text', { default: 'accepted' }) status: RunStatus;
  @Column('text', { nullable: true }) terminationReason: TerminationReason | null;
  @Column('json', { nullable: true }) error: RunError | null;
  @Column('jsonb') labels: Record<string, string>;
  @Column('text') priority: Priority;
  @Column('text', { nullable: true }) correlationId: string | null;
  @Column('uuid', { nullable: true }) parentRunId: string | null;
  /** The task of the parent whose run it is. */
  @Column('text', { nullable: true }) parentKey: string | null;
  @Column('text', { nullable: true }) traceId: string | null;
  @Column('text', { nullable: true }) traceparent: string | null;
  @Column('text') definitionHash: string;
  @Column('boolean', { default: false }) resumed: boolean;
  @Column('timestamp with time zone', { precision: 3 }) deadlineAt: Date;
  @Column('json', { nullable: true }) usage: Usage | null;
  @Column('json', { nullable: true }) budget: Budget | null;
  @Column('text', { array: true, default: '{}' }) warnings: string[];
  @Column('boolean', { default: false }) degraded: boolean;
  @Column('integer', { default: 0 }) rounds: number;
  @Column('integer', { default: 0 }) lastPosition: number;
  @Column('boolean', { default: false }) pauseRequested: boolean;
  @Column('boolean', { default: false }) cancelRequested: boolean;
  /** What a person asked for and the workflow has not been told yet. */
  @Column('json', { nullable: true }) steering: SteeringRequest[] | null;
  @Column('timestamp with time zone', { precision: 3, nullable: true }) steeringRequestedAt: Date | null;
  @Column('timestamp with time zone', { precision: 3, default: () => 'now()' }) nextCheckAt: Date;
  @Column('timestamp with time zone', { precision: 3, default: () => 'now()' }) acceptedAt: Date;
  @Column('timestamp with time zone', { precision: 3, nullable: true }) startedAt: Date | null;
  @Column('timestamp with time zone', { precision: 3, nullable: true }) finishedAt: Date | null;
  /** Milliseconds from its end until it is deleted. */
  @Column('double precision', { nullable: true }) retentionMs: number | null;
  @Column('timestamp with time zone', { precision: 3, nullable: true }) deleteAt: Date | null;
}
