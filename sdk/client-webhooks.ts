import type { z } from 'zod';
import type { InboundEvent, InboundEventDetail, InboundReceipt, InboundStatus } from '../contracts/inbound-events.js';
import type { Json } from '../contracts/json.js';
import type { Page } from '../contracts/lists.js';
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
export interface ListInboundOptions extends PageOptions {
  /** Id of a source. */
  source?: string;
  status?: InboundStatus;
}

/** Events from outside: the sources that take them, and what came of each. */
export class WebhooksClient {
  constructor(private readonly transport: ApiTransport) {}

  readonly sources = {
    /** Its secret is in this answer alone. Fails `webhook_source.conflict`. */
    create: (source: CreateWebhookSourceInput, options: CreateOptions = {}): Promise<CreatedWebhookSource> =>
      this.transport.json('POST', SOURCES, { body: source, ...options }),

    list: (page: PageOptions = {}): Promise<Page<WebhookSource>> =>
      this.transport.json('GET', SOURCES, { query: { ...page } }),

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
}

const SOURCES = '/v1/webhook-sources';
const EVENTS = '/v1/inbound-events';
const at = (path: string, id: string): string => `${path}/${encodeURIComponent(id)}`;
