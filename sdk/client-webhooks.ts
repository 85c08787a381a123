import type { z } from 'zod';
import type { InboundEvent, InboundEventDetail, InboundReceipt, InboundStatus } from '../contracts/inbound-events.js';
import type { Json } from '../contracts/json.js';
import type { Page } from '../contracts/lists.js';
import type {
  ReplayedDeliveries,
  replayDeliveriesSchema,
  WebhookAttempt,
  WebhookDelivery,
  WebhookStatus,
} from '../contracts/webhook-deliveries.js';
import type {
  changeWebhookEndpointSchema,
  CreatedWebhookEndpoint,
  createWebhookEndpointSchema,
  rotateEndpointSecretSchema,
  WebhookEndpoint,
} from '../contracts/webhook-endpoints.js';
import type {
  changeWebhookSourceSchema,
  CreatedWebhookSource,
  createWebhookSourceSchema,
  WebhookSource,
} from '../contracts/webhook-sources.js';
import type { CreateOptions, PageOptions } from './client-runs.js';
import type { ApiTransport } from './http.js';

export type CreateWebhookSourceInput = z.input<typeof createWebhookSourceSchema>;
export type ChangeWebhookSourceInput = z.input<typeof changeWebhookSourceSchema>;
export type CreateWebhookEndpointInput = z.input<typeof createWebhookEndpointSchema>;
export type ChangeWebhookEndpointInput = z.input<typeof changeWebhookEndpointSchema>;
export type ReplayDeliveriesInput = z.input<typeof replayDeliveriesSchema>;
/** Which deliveries are wanted; all that is said must hold. */
export interface ListDeliveriesOptions extends PageOptions {
  /** Id of an endpoint. */
  endpoint?: string;
  status?: WebhookStatus;
  type?: string;
}
/** Which events from outside are wanted. */
export interface ListInboundOptions extends PageOptions {
  /** Id of a source. */
  source?: string;
  status?: InboundStatus;
}

/** Events from outside and what came of them; the endpoints that events go out to, and their deliveries. */
export class WebhooksClient {
  /** @internal */
  constructor(private readonly transport: ApiTransport) {}

  readonly sources = {
    /** Its secret is in this answer alone. Fails `webhook_source.conflict`. */
    create: (source: CreateWebhookSourceInput, options: CreateOptions = {}): Promise<CreatedWebhookSource> =>
      this.transport.json('POST', SOURCES, { body: source, ...options }),

    /** By name, without secrets. */
    list: (page: PageOptions = {}): Promise<Page<WebhookSource>> =>
      this.transport.json('GET', SOURCES, { query: { ...page } }),

    /** A source without its secret. Fails `webhook_source.not_found`. */
    get: (id: string): Promise<WebhookSource> => this.transport.json('GET', at(SOURCES, id)),

    /** What is said changes. */
    change: (id: string, change: ChangeWebhookSourceInput): Promise<WebhookSource> =>
      this.transport.json('PATCH', at(SOURCES, id), { body: change }),

    /** With all that came. */
    delete: async (id: string): Promise<void> => {
      await this.transport.json('DELETE', at(SOURCES, id));
    },

    /** A new secret, made up unless given; the one before goes on verifying for `overlapMs`, a day unless said. */
    rotateSecret: (
      id: string,
      secret: { secret?: string; overlapMs?: number } = {},
      options: CreateOptions = {},
    ): Promise<CreatedWebhookSource> =>
      this.transport.json('POST', `${at(SOURCES, id)}/secret/rotate`, { body: secret, ...options }),

    /** A delivery as the provider would send it, signed by the server; its route is really carried out. */
    test: (
      id: string,
      sample: { body: Json; headers?: Record<string, string> },
      options: CreateOptions = {},
    ): Promise<InboundReceipt> => this.transport.json('POST', `${at(SOURCES, id)}/test`, { body: sample, ...options }),
  };

  readonly events = {
    /** The newest first. */
    list: (filters: ListInboundOptions = {}): Promise<Page<InboundEvent>> =>
      this.transport.json('GET', EVENTS, { query: { ...filters } }),

    /** With its headers and its body. Fails `inbound_event.not_found`. */
    get: (id: string): Promise<InboundEventDetail> => this.transport.json('GET', at(EVENTS, id)),

    /** Routed again, by the routes of today. */
    replay: (id: string): Promise<InboundEvent> =>
      this.transport.json('POST', `${at(EVENTS, id)}/replay`, { repeatable: false }),

    /** Dead or unmatched ones, the oldest first, up to 1,000 at once. */
    replayMany: (which: {
      status: 'dead' | 'unmatched';
      source?: string;
      limit?: number;
    }): Promise<{ replayed: number }> => this.transport.json('POST', `${EVENTS}/replay`, { body: which }),

    /** The next copy of it is an event of its own. */
    allowRedelivery: async (id: string): Promise<void> => {
      await this.transport.json('POST', `${at(EVENTS, id)}/allow-redelivery`);
    },
  };

  readonly endpoints = {
    /** Its secret is in this answer alone. Fails `webhook_endpoint.conflict`, `expression.invalid`. */
    create: (endpoint: CreateWebhookEndpointInput, options: CreateOptions = {}): Promise<CreatedWebhookEndpoint> =>
      this.transport.json('POST', ENDPOINTS, { body: endpoint, ...options }),

    /** By name, without secrets. */
    list: (page: PageOptions = {}): Promise<Page<WebhookEndpoint>> =>
      this.transport.json('GET', ENDPOINTS, { query: { ...page } }),

    /** An endpoint without its secret. Fails `webhook_endpoint.not_found`. */
    get: (id: string): Promise<WebhookEndpoint> => this.transport.json('GET', at(ENDPOINTS, id)),

    /** What is said changes, null takes away. */
    change: (id: string, change: ChangeWebhookEndpointInput): Promise<WebhookEndpoint> =>
      this.transport.json('PATCH', at(ENDPOINTS, id), { body: change }),

    /** With its deliveries. */
    delete: async (id: string): Promise<void> => {
      await this.transport.json('DELETE', at(ENDPOINTS, id));
    },

    /** A new key; those before it sign beside it for `overlapMs`, a day unless said. */
    rotateSecret: (
      id: string,
      key: z.input<typeof rotateEndpointSecretSchema> = {},
      options: CreateOptions = {},
    ): Promise<CreatedWebhookEndpoint> =>
      this.transport.json('POST', `${at(ENDPOINTS, id)}/secret/rotate`, { body: key, ...options }),

    /** An event `endpoint.test`, to this endpoint alone. */
    test: (id: string): Promise<WebhookDelivery> =>
      this.transport.json('POST', `${at(ENDPOINTS, id)}/test`, { repeatable: false }),

    /** Sends again what was never delivered since then (RFC 3339), at most 14 days ago. */
    recover: (id: string, since: string): Promise<ReplayedDeliveries> =>
      this.transport.json('POST', `${at(ENDPOINTS, id)}/recover`, { body: { since }, repeatable: false }),
  };

  readonly deliveries = {
    /** The newest first. */
    list: (filters: ListDeliveriesOptions = {}): Promise<Page<WebhookDelivery>> =>
      this.transport.json('GET', DELIVERIES, { query: { ...filters } }),

    /** A delivery as it stands. Fails `webhook_delivery.not_found`. */
    get: (id: string): Promise<WebhookDelivery> => this.transport.json('GET', at(DELIVERIES, id)),

    /** The newest first. */
    attempts: (id: string, page: PageOptions = {}): Promise<Page<WebhookAttempt>> =>
      this.transport.json('GET', `${at(DELIVERIES, id)}/attempts`, { query: { ...page } }),

    /** The next attempt is now. Fails `webhook_delivery.over`. */
    retry: (id: string): Promise<WebhookDelivery> =>
      this.transport.json('POST', `${at(DELIVERIES, id)}/retry`, { repeatable: false }),

    /** No more attempts. Fails `webhook_delivery.over`. */
    cancel: (id: string): Promise<WebhookDelivery> =>
      this.transport.json('POST', `${at(DELIVERIES, id)}/cancel`, { repeatable: false }),

    /** Once more what is over, with the same `webhook-id`. Fails `webhook_delivery.open`. */
    replay: (id: string): Promise<WebhookDelivery> =>
      this.transport.json('POST', `${at(DELIVERIES, id)}/replay`, { repeatable: false }),

    /** Dead ones unless said, the oldest first, up to 10,000 at once; with `dryRun` they are only counted. */
    replayMany: (which: ReplayDeliveriesInput): Promise<ReplayedDeliveries> =>
      this.transport.json('POST', `${DELIVERIES}/replay`, { body: which, repeatable: false }),
  };
}

const SOURCES = '/v1/webhook-sources';
const EVENTS = '/v1/inbound-events';
const ENDPOINTS = '/v1/webhook-endpoints';
const DELIVERIES = '/v1/webhook-deliveries';
const at = (path: string, id: string): string => `${path}/${encodeURIComponent(id)}`;
