import { Column, Entity, Index, PrimaryColumn } from 'typeorm';
import type { AuditActor, AuditOutcome } from '../audit-chain.js';

@Entity('audit_event')
@Index('audit_unreadable', ['orgId', 'target', 'requestId'], { where: "(action = 'secret.unreadable'::text)" })
export class AuditEventRow {
  @PrimaryColumn('uuid') orgId: string;
  @PrimaryColumn('bigint') seq: string;
  @Column('timestamp with time zone', { precision: 3 }) at: Date;
  @Column('json') actor: AuditActor;
  @Column('text') action: string;
  @Column('text') target: string;
  @Column('text') outcome: AuditOutcome;
  @Column('text') requestId: string;
  @Column('text', { nullable: true }) ip: string | null;
  @Column('text', { array: true }) changedFields: string[];
  @Column('text') prevHash: string;
  @Column('text') hash: string;
}
