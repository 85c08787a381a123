import { Column, Entity, Index, PrimaryColumn } from 'typeorm';

/** Something of which only so many units can be used at once. */
@Entity('resource')
export class ResourceRow {
  @PrimaryColumn('uuid') orgId: string;
  @PrimaryColumn('text') name: string;
  @Column('integer') capacity: number;
  @Column('text', { nullable: true }) unit: string | null;
  @Column('timestamp with time zone', { precision: 3, default: () => 'now()' }) createdAt: Date;
  @Column('timestamp with time zone', { precision: 3, default: () => 'now()' }) updatedAt: Date;
}

/**
 * Units of one resource that a request holds or waits for; a request for several resources has a row for each. Over is
 * what has expired, and what a run that has ended left behind.
 */
@Entity('resource_lease')
@Index('resource_lease_of_call', ['runId', 'callKey', 'resource'], { unique: true, where: '(run_id IS NOT NULL)' })
@Index('resource_lease_of_org', ['orgId', 'resource'])
@Index('resource_lease_expires', ['expiresAt'])
export class ResourceLeaseRow {
  @Column('uuid') orgId: string;
  @PrimaryColumn('uuid') requestId: string;
  @PrimaryColumn('text') resource: string;
  @Column('integer') amount: number;
  /** 1 is served first. */
  @Column('smallint') priority: number;
  @Column('text', { default: 'waiting' }) state: 'waiting' | 'held';
  @Column('uuid', { nullable: true }) runId: string | null;
  @Column('text', { nullable: true }) callKey: string | null;
  /** Of the API key that asked. */
  @Column('text', { nullable: true }) keyId: string | null;
  /** How long it is held once it is granted. */
  @Column('double precision') ttlMs: number;
  @Column('timestamp with time zone', { precision: 3 }) requestedAt: Date;
  @Column('timestamp with time zone', { precision: 3, nullable: true }) grantedAt: Date | null;
  @Column('timestamp with time zone', { precision: 3 }) expiresAt: Date;
}
