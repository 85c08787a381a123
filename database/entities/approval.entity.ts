import { Column, Entity, Index, PrimaryColumn } from 'typeorm';
import type { ApprovalKind, ApprovalStatus, ApprovalTerms, DecisionVerb } from '../../contracts/approvals.js';

/** A question of a run to a person, and what became of it. */
@Entity('approval')
@Index('approval_by_key', ['runId', 'key'], { unique: true })
@Index('approval_by_org', ['orgId', 'id'])
@Index('approval_pending', ['orgId', 'id'], { where: "(status = 'pending'::text)" })
export class ApprovalRow {
  @PrimaryColumn('uuid') id: string;
  @Column('uuid') orgId: string;
  @Column('uuid') runId: string;
  /** Made by the workflow: opening it again finds this row. */
  @Column('text') key: string;
  @Column('text') path: string;
  @Column('text') kind: ApprovalKind;
  @Column('text') question: string;
  /** Null when it is in `subjectRef`. */
  @Column('json', { nullable: true }) subject: unknown;
  @Column('uuid', { nullable: true }) subjectRef: string | null;
  @Column('json', { nullable: true }) schema: unknown;
  @Column('text', { array: true }) assignees: string[];
  @Column('integer', { default: 0 }) level: number;
  @Column('text', { default: 'pending' }) status: ApprovalStatus;
  @Column('text') onTimeout: ApprovalTerms['onTimeout'];
  @Column('text', { nullable: true }) decision: DecisionVerb | null;
  @Column('json', { nullable: true }) data: unknown;
  @Column('uuid', { nullable: true }) dataRef: string | null;
  @Column('text', { nullable: true }) comment: string | null;
  @Column('json', { nullable: true }) decidedBy: { id: string; name: string } | null;
  @Column('timestamp with time zone', { precision: 3, default: () => 'now()' }) openedAt: Date;
  @Column('timestamp with time zone', { precision: 3 }) dueAt: Date;
  @Column('timestamp with time zone', { precision: 3, nullable: true }) closedAt: Date | null;
}
