import { Column, Entity, Index, PrimaryColumn } from 'typeorm';
import type { OfferedTerms } from '../../contracts/offers.js';
import type { LeaseRefusal } from '../../contracts/needs.js';

/** Something of which only so many units can be used at once. */
@Entity('resource')
export class ResourceRow {
  @PrimaryColumn('uuid') orgId: string;
  @PrimaryColumn('text') name: string;
  @Column('integer') capacity: number;
  @Column('text', { nullable: true }) unit: string | null;
  @Column('text', { default: 'priority' }) grantBy: 'priority' | 'market';
  /** How long before the end of their leases holders hear that a higher priority takes them; null: it never does. */
  @Column('double precision', { nullable: true }) noticeMs: number | null;
  @Column('timestamp with time zone', { precision: 3, default: () => 'now()' }) createdAt: Date;
  @Column('timestamp with time zone', { precision: 3, default: () => 'now()' }) updatedAt: Date;
}

/**
 * Units of one resource that a request holds or waits for; a request for several resources has a row for each. Over is
 * what has expired, and what a run that has ended left behind.
 */
@Entity('resource_lease')
@Index('resource_lease_waiting', ['orgId'], { where: "(state = 'waiting'::text)" })
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
  @Column('text', { default: 'waiting' }) state: 'waiting' | 'held' | 'refused';
  @Column('uuid', { nullable: true }) runId: string | null;
  @Column('text', { nullable: true }) callKey: string | null;
  /** Of the API key that asked. */
  @Column('text', { nullable: true }) keyId: string | null;
  /** How long it is held once it is granted. */
  @Column('double precision') ttlMs: number;
  @Column('timestamp with time zone', { precision: 3 }) requestedAt: Date;
  @Column('timestamp with time zone', { precision: 3, nullable: true }) grantedAt: Date | null;
  @Column('timestamp with time zone', { precision: 3 }) expiresAt: Date;
  /** Leases of the same work belong together; of a call, its idempotency key. */
  @Column('text', { nullable: true }) work: string | null;
  /** For all of it, US dollars. */
  @Column('double precision', { nullable: true }) bidUsd: number | null;
  @Column('double precision', { nullable: true }) priceUsd: number | null;
  /** The request that gets it when its time is over. */
  @Column('uuid', { nullable: true }) preemptedBy: string | null;
  /** Why it never gets its turn. */
  @Column('json', { nullable: true }) refusal: LeaseRefusal | null;
}

/** What the holder of a lease and one who waits for the resource propose to each other. */
@Entity('resource_offer')
@Index('resource_offer_of_org', ['orgId', 'resource'])
export class ResourceOfferRow {
  @Column('uuid') orgId: string;
  @PrimaryColumn('uuid') id: string;
  @Column('text') resource: string;
  /** Of which units change hands. */
  @Column('uuid') leaseId: string;
  /** Which gets them. */
  @Column('uuid') requestId: string;
  @Column('text') giverKeyId: string;
  @Column('text') takerKeyId: string;
  @Column('text', { default: 'open' }) state: 'open' | 'accepted' | 'rejected' | 'withdrawn';
  /** Whose answer is due. */
  @Column('text') turn: 'giver' | 'taker';
  /** What was proposed, the newest last. */
  @Column('json') terms: OfferedTerms[];
  @Column('timestamp with time zone', { precision: 3, default: () => 'clock_timestamp()' }) createdAt: Date;
  @Column('timestamp with time zone', { precision: 3, default: () => 'clock_timestamp()' }) updatedAt: Date;
  @Column('timestamp with time zone', { precision: 3 }) expiresAt: Date;
}
