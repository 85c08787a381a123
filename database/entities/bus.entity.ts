import { Column, Entity, Index, PrimaryColumn } from 'typeorm';
import type { CloudEvent } from '../../contracts/event-bus.js';
import type { AuditActor } from '../audit-chain.js';

/** An event of the bus; source and id name it. */
@Entity('bus_event')
@Index('bus_event_by_id', ['orgId', 'source', 'id'], { unique: true })
@Index('bus_event_by_age', ['acceptedAt'])
export class BusEventRow {
  @PrimaryColumn('uuid') key: string;
  @Column('uuid') orgId: string;
  @Column('text') source: string;
  @Column('text') id: string;
  @Column('text') type: string;
  @Column('text', { nullable: true }) orderingKey: string | null;
  /** Of the content as it was given. */
  @Column('text') hash: string;
  @Column('json') event: CloudEvent;
  /** The run that sent it. */
  @Column('uuid', { nullable: true }) runId: string | null;
  /** Who published it over the API. */
  @Column('json', { nullable: true }) publisher: AuditActor | null;
  /** Runs that events started, one behind the other, before it was sent. */
  @Column('integer', { default: 0 }) hops: number;
  @Column('timestamp with time zone', { precision: 3, default: () => 'now()' }) acceptedAt: Date;
}

/** Who hears events: a run or a webhook endpoint, by its id, or the schedule of a workflow. */
@Entity('bus_listener')
@Index('bus_listener_left', ['orgId'], { where: '((workflow IS NULL) AND (NOT is_endpoint))' })
@Index('bus_listener_by_workflow', ['orgId', 'workflow'], { unique: true, where: '(workflow IS NOT NULL)' })
export class BusListenerRow {
  @PrimaryColumn('uuid') id: string;
  @Column('uuid') orgId: string;
  /** namespace/name, of a schedule. */
  @Column('text', { nullable: true }) workflow: string | null;
  @Column('json', { nullable: true }) schedule: object | null;
  @Column('boolean', { default: false }) isEndpoint: boolean;
  /** Events that wait for those that go with them. */
  @Column('json', { nullable: true }) heard: object | null;
  @Column('bigint', { default: 0 }) lastNumber: string;
}

@Entity('bus_subscription')
@Index('bus_subscription_by_listener', ['listenerId'])
export class BusSubscriptionRow {
  @PrimaryColumn('uuid') orgId: string;
  @PrimaryColumn('text') type: string;
  @PrimaryColumn('uuid') listenerId: string;
}

/** An event on its way to a listener, under the listener's own count. */
@Entity('bus_delivery')
@Index('bus_delivery_by_event', ['eventKey'])
@Index('bus_delivery_pending', ['listenerId', 'number'], { where: "(status = 'pending'::text)" })
@Index('bus_delivery_due', ['dueAt'], { where: "(status = 'pending'::text)" })
export class BusDeliveryRow {
  @PrimaryColumn('uuid') listenerId: string;
  @PrimaryColumn('bigint') number: string;
  @Column('uuid') orgId: string;
  @Column('uuid') eventKey: string;
  @Column('text', { default: 'pending' }) status: 'pending' | 'delivered' | 'dropped';
  @Column('integer', { default: 0 }) attempts: number;
  @Column('timestamp with time zone', { precision: 3, default: () => 'now()' }) dueAt: Date;
}

/** An event of a run's stream that is to go to the bus. */
@Entity('bus_outbox')
export class BusOutboxRow {
  @PrimaryColumn('uuid') runId: string;
  @PrimaryColumn('integer') position: number;
  @Column('uuid') orgId: string;
}
