import { Column, Entity, Index, PrimaryColumn } from 'typeorm';
import type { AttemptOutcome, DeliveryReason, Trigger, WebhookStatus } from '../../contracts/webhook-deliveries.js';
import type { WebhookEndpoint } from '../../contracts/webhook-endpoints.js';
import type { EndpointHealth } from '../endpoint-rules.js';

const OPEN = "(status = ANY (ARRAY['pending'::text, 'sending'::text, 'retrying'::text]))";

/** What is said of an endpoint beside what those see who hand out its deliveries. */
export type EndpointSettings = Pick<
  WebhookEndpoint,
  'filter' | 'transform' | 'headers' | 'username' | 'retryScheduleMs' | 'balance'
> & {
  /** Absent of what was made before there were any. */
  clientCertificate?: WebhookEndpoint['clientCertificate'];
  /** `a2a`: the data of the event as it is, for push notifications of a task. */
  format: WebhookEndpoint['format'] | 'a2a';
};
/** What is remembered of it beside the breaker and until when it is held. */
export type StoredHealth = Omit<EndpointHealth, 'breaker' | 'heldUntil'>;

/** Where events go. Credentials are sealed. */
@Entity('webhook_endpoint')
@Index('webhook_endpoint_by_name', ['orgId', 'name'], { unique: true })
@Index('webhook_endpoint_by_run', ['runId'], { where: '(run_id IS NOT NULL)' })
export class WebhookEndpointRow {
  @PrimaryColumn('uuid') id: string;
  @Column('uuid') orgId: string;
  @Column('text') name: string;
  @Column('text', { array: true }) types: string[];
  @Column('json') settings: EndpointSettings;
  /** Headers and the password of basic authentication. */
  @Column('text', { nullable: true }) credentials: string | null;
  @Column('json') health: StoredHealth;
  @Column('text', { default: 'active' }) state: WebhookEndpoint['state'];
  @Column('text', { nullable: true }) disabledReason: WebhookEndpoint['disabledReason'];
  @Column('timestamp with time zone', { precision: 3, nullable: true }) heldUntil: Date | null;
  @Column('text', { default: 'closed' }) breaker: EndpointHealth['breaker'];
  @Column('integer') timeoutMs: number;
  @Column('integer') maxInFlight: number;
  @Column('text') ordering: WebhookEndpoint['ordering'];
  @Column('integer', { nullable: true }) ratePoints: number | null;
  @Column('integer', { nullable: true }) rateMs: number | null;
  @Column('timestamp with time zone', { precision: 3, nullable: true }) windowUntil: Date | null;
  @Column('integer', { default: 0 }) windowUsed: number;
  @Column('timestamp with time zone', { precision: 3, default: () => 'now()' }) createdAt: Date;
  @Column('timestamp with time zone', { precision: 3, default: () => 'now()' }) updatedAt: Date;
  /** Of push notifications: the run whose task they are about. */
  @Column('uuid', { nullable: true }) runId: string | null;
}

/** A key that signs until it expires; sealed. */
@Entity('webhook_secret')
@Index('webhook_secret_by_endpoint', ['endpointId'])
export class WebhookSecretRow {
  @PrimaryColumn('uuid') id: string;
  @Column('uuid') orgId: string;
  @Column('uuid') endpointId: string;
  @Column('text') kind: 'hmac' | 'ed25519';
  @Column('text') secret: string;
  @Column('text', { nullable: true }) publicKey: string | null;
  @Column('timestamp with time zone', { precision: 3, default: () => 'now()' }) createdAt: Date;
  @Column('timestamp with time zone', { precision: 3, nullable: true }) expiresAt: Date | null;
}

/** An event on its way to an endpoint. What is due is claimed; the lease of a claim is its `dueAt`. */
@Entity('webhook_delivery')
@Index('webhook_delivery_due', ['endpointId', 'priority', 'dueAt'], { where: OPEN })
@Index('webhook_delivery_in_order', ['endpointId', 'orderingKey', 'number', 'part'], {
  where: `(${OPEN} AND (ordering_key IS NOT NULL))`,
})
@Index('webhook_delivery_by_endpoint', ['endpointId', 'status', 'id'])
@Index('webhook_delivery_by_org', ['orgId', 'id'])
@Index('webhook_delivery_by_event', ['eventKey'])
@Index('webhook_delivery_by_age', ['createdAt'])
@Index('webhook_delivery_expiring', ['expiresAt'], { where: OPEN })
export class WebhookDeliveryRow {
  @PrimaryColumn('uuid') id: string;
  @Column('uuid') orgId: string;
  @Column('uuid') endpointId: string;
  @Column('uuid') eventKey: string;
  /** From 1, of those that a transformation made of one event; 0: the only one. */
  @Column('integer', { default: 0 }) part: number;
  /** The endpoint's own count of events, in the order in which they were accepted. */
  @Column('bigint') number: string;
  @Column('text') type: string;
  @Column('text', { nullable: true }) orderingKey: string | null;
  /** What a transformation gave, sealed; null: what the event says. */
  @Column('text', { nullable: true }) body: string | null;
  /** Filter and transformation are still to be asked. */
  @Column('boolean', { default: false }) toRender: boolean;
  @Column('text', { default: 'schedule' }) trigger: Trigger;
  @Column('text', { default: 'pending' }) status: WebhookStatus;
  @Column('text', { nullable: true }) reason: DeliveryReason | null;
  @Column('text', { nullable: true }) error: string | null;
  @Column('integer', { default: 0 }) generation: number;
  @Column('integer', { default: 0 }) attempts: number;
  /** Names a claim: who lost his changes nothing. */
  @Column('integer', { default: 0 }) claims: number;
  @Column('text', { nullable: true }) lastUrl: string | null;
  /** 1: after fresh ones. */
  @Column('integer', { default: 0 }) priority: number;
  @Column('timestamp with time zone', { precision: 3, default: () => 'now()' }) dueAt: Date;
  @Column('timestamp with time zone', { precision: 3, default: () => 'now()' }) createdAt: Date;
  @Column('timestamp with time zone', { precision: 3 }) expiresAt: Date;
  @Column('timestamp with time zone', { precision: 3, nullable: true }) settledAt: Date | null;
}

/** One attempt; the answer is sealed. */
@Entity('webhook_attempt')
export class WebhookAttemptRow {
  @PrimaryColumn('uuid') deliveryId: string;
  @PrimaryColumn('integer') generation: number;
  @PrimaryColumn('integer') n: number;
  @Column('uuid') orgId: string;
  @Column('text') trigger: Trigger;
  @Column('text') url: string;
  @Column('timestamp with time zone', { precision: 3 }) startedAt: Date;
  @Column('integer') latencyMs: number;
  @Column('text') outcome: AttemptOutcome;
  @Column('integer', { nullable: true }) statusCode: number | null;
  @Column('text', { nullable: true }) response: string | null;
  @Column('boolean', { default: false }) truncated: boolean;
  @Column('timestamp with time zone', { precision: 3, nullable: true }) nextAt: Date | null;
}
