import { Column, Entity, Index, PrimaryColumn } from 'typeorm';
import type { InboundOutcome, InboundStatus } from '../../contracts/inbound-events.js';
import type { WebhookRoute } from '../../contracts/webhook-routes.js';
import type { WebhookProvider, WebhookSource } from '../../contracts/webhook-sources.js';

/** Where events from outside come in; the secrets are sealed. */
@Entity('webhook_source')
@Index('webhook_source_by_name', ['orgId', 'name'], { unique: true })
export class WebhookSourceRow {
  @PrimaryColumn('uuid') id: string;
  @Column('uuid') orgId: string;
  @Column('text') name: string;
  @Column('text') provider: WebhookProvider;
  /** In its URL: 128 random bits. */
  @Column('text') pathId: string;
  @Column('json') settings: Pick<
    WebhookSource,
    'hmac' | 'toleranceMs' | 'maxBytes' | 'ratePerSecond' | 'replayWindowMs'
  > &
    Partial<Pick<WebhookSource, 'sync'>>;
  @Column('json') routes: WebhookRoute[];
  @Column('text') state: WebhookSource['state'];
  @Column('text') secret: string;
  @Column('text', { nullable: true }) previousSecret: string | null;
  @Column('timestamp with time zone', { precision: 3, nullable: true }) previousUntil: Date | null;
  @Column('timestamp with time zone', { precision: 3, default: () => 'now()' }) createdAt: Date;
  @Column('timestamp with time zone', { precision: 3, default: () => 'now()' }) updatedAt: Date;
}

/** Leads from a URL to the organisation, so that it is read before that is known. */
@Entity('source_index')
export class SourceIndexRow {
  @PrimaryColumn('text') pathId: string;
  @Column('uuid') orgId: string;
  @Column('uuid') sourceId: string;
}

/** An event from outside; headers and body are sealed. */
@Entity('inbound_event')
@Index('inbound_event_by_source', ['sourceId', 'id'])
@Index('inbound_event_by_age', ['receivedAt'])
@Index('inbound_event_due', ['dueAt'], { where: "(status = 'received'::text)" })
export class InboundEventRow {
  @PrimaryColumn('uuid') id: string;
  @Column('uuid') orgId: string;
  @Column('uuid') sourceId: string;
  @Column('text', { nullable: true }) deliveryId: string | null;
  @Column('text') bodySha256: string;
  @Column('integer') bytes: number;
  @Column('text') headers: string;
  @Column('text') body: string;
  @Column('text', { default: 'received' }) status: InboundStatus;
  @Column('json', { nullable: true }) outcome: InboundOutcome | null;
  @Column('text', { nullable: true }) error: string | null;
  @Column('integer', { default: 0 }) duplicates: number;
  @Column('integer', { default: 0 }) generation: number;
  @Column('integer', { default: 0 }) attempts: number;
  @Column('timestamp with time zone', { precision: 3, default: () => 'now()' }) dueAt: Date;
  @Column('timestamp with time zone', { precision: 3, default: () => 'now()' }) receivedAt: Date;
  @Column('timestamp with time zone', { precision: 3, nullable: true }) settledAt: Date | null;
}

/** What makes two deliveries the same event, until it expires. */
@Entity('inbound_dedup')
@Index('inbound_dedup_by_event', ['eventId'])
@Index('inbound_dedup_by_age', ['expiresAt'])
export class InboundDedupRow {
  @PrimaryColumn('uuid') sourceId: string;
  @PrimaryColumn('text') key: string;
  @Column('uuid') orgId: string;
  @Column('uuid') eventId: string;
  @Column('timestamp with time zone', { precision: 3 }) expiresAt: Date;
}
