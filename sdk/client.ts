import type { z } from 'zod';
import type { Json } from '../contracts/json.js';
import type { Page } from '../contracts/lists.js';
import type {
  ApiKey,
  createApiKeySchema,
  CreatedApiKey,
  CreatedOrganisation,
  CreateOrganisation,
  Organisation,
} from '../contracts/organisations.js';
import { ApprovalsClient } from './client-approvals.js';
import { AgentsClient } from './client-agents.js';
import { BreakersClient, ConnectionsClient } from './client-connections.js';
import { EventsClient } from './client-events.js';
import { FunctionsClient } from './client-functions.js';
import { AgentTemplatesClient, PoolsClient } from './client-pools.js';
import { QuotasClient } from './client-quotas.js';
import { ResourcesClient } from './client-resources.js';
import { SchedulesClient } from './client-schedules.js';
import { SecretsClient } from './client-secrets.js';
import { SelectionClient } from './client-selection.js';
import { SessionsClient } from './client-sessions.js';
import { MemoryClient } from './client-memory.js';
import { type CreateOptions, type PageOptions, RunsClient } from './client-runs.js';
import { WebhooksClient } from './client-webhooks.js';
import { WorkflowsClient } from './client-workflows.js';
import { BrikkApiError } from './api-error.js';
import { environment, isHostOfEnvironment } from './env.js';
import { ApiTransport, DEFAULT_RETRY, type RetryOptions } from './http.js';

export { BrikkApiError } from './api-error.js';
export type * from './client-types.js';
export { flow } from './flow.js';

/** Where the API is, who asks, and how often what failed is tried again. */
export interface ClientOptions {
  /** Default: `BRIKK_API_URL`, else http://127.0.0.1:7600. */
  url?: string;
  /** Default: `BRIKK_API_KEY`, for the host of `BRIKK_API_URL` alone; any other host needs a key of its own. */
  apiKey?: string;
  retry?: Partial<RetryOptions>;
}

/**
 * Brikk's API, typed. Requests answered 429 or 503 and lost connections are tried again, creations under one
 * idempotency key, so that a repeated start is one run. Failures are BrikkApiErrors.
 */
export class BrikkClient {
  readonly runs: RunsClient;
  readonly agents: AgentsClient;
  readonly functions: FunctionsClient;
  readonly memory: MemoryClient;
  readonly sessions: SessionsClient;
  readonly secrets: SecretsClient;
  readonly selection: SelectionClient;
  readonly connections: ConnectionsClient;
  readonly breakers: BreakersClient;
  readonly events: EventsClient;
  readonly agentTemplates: AgentTemplatesClient;
  readonly pools: PoolsClient;
  readonly quotas: QuotasClient;
  readonly resources: ResourcesClient;
  readonly schedules: SchedulesClient;
  readonly webhooks: WebhooksClient;
  readonly approvals: ApprovalsClient;
  readonly workflows: WorkflowsClient;
  private readonly transport: ApiTransport;

  /** Fails with BrikkApiError `client.no_key` or `client.invalid_url`. */
  constructor({ url = environment.apiUrl, apiKey, retry }: ClientOptions = {}) {
    this.transport = new ApiTransport(url, apiKey ?? ownKeyFor(url), { ...DEFAULT_RETRY, ...retry });
    this.runs = new RunsClient(this.transport);
    this.agents = new AgentsClient(this.transport);
    this.functions = new FunctionsClient(this.transport);
    this.schedules = new SchedulesClient(this.transport);
    this.secrets = new SecretsClient(this.transport);
    this.selection = new SelectionClient(this.transport);
    this.connections = new ConnectionsClient(this.transport);
    this.breakers = new BreakersClient(this.transport);
    this.events = new EventsClient(this.transport);
    this.webhooks = new WebhooksClient(this.transport);
    this.agentTemplates = new AgentTemplatesClient(this.transport);
    this.pools = new PoolsClient(this.transport);
    this.quotas = new QuotasClient(this.transport);
    this.resources = new ResourcesClient(this.transport);
    this.memory = new MemoryClient(this.transport);
    this.sessions = new SessionsClient(this.transport);
    this.approvals = new ApprovalsClient(this.transport);
    this.workflows = new WorkflowsClient(this.transport);
  }

  readonly organisations = {
    /** Needs `platform:admin`. The key in the answer is shown once. */
    create: (organisation: CreateOrganisation, options: CreateOptions = {}): Promise<CreatedOrganisation> =>
      this.transport.json('POST', '/v1/organisations', { body: organisation, ...options }),
    /** The key's own. */
    current: (): Promise<Organisation> => this.transport.json('GET', '/v1/organisations/current'),
  };

  readonly apiKeys = {
    /** The key in the answer is shown once. */
    create: (key: z.input<typeof createApiKeySchema>, options: CreateOptions = {}): Promise<CreatedApiKey> =>
      this.transport.json('POST', '/v1/api-keys', { body: key, ...options }),
    /** Without their secrets. */
    list: (page: PageOptions = {}): Promise<Page<ApiKey>> =>
      this.transport.json('GET', '/v1/api-keys', { query: { ...page } }),
    /** Requests with it are refused from now on. Fails `api_key.not_found`. */
    revoke: async (id: string): Promise<void> => {
      await this.transport.json('DELETE', `/v1/api-keys/${encodeURIComponent(id)}`);
    },
  };

  /** Queues, workers, agents by state. */
  stats(): Promise<{ [part: string]: Json }> {
    return this.transport.json('GET', '/v1/stats');
  }
}

/** A key that was given for one host is no other host's business. */
function ownKeyFor(url: string): string | undefined {
  if (!URL.canParse(url))
    throw new BrikkApiError({ status: 0, code: 'client.invalid_url', detail: `${url} is not a URL of an API` });
  if (isHostOfEnvironment(url)) return environment.apiKey;
  const detail = `there is no API key for ${new URL(url).origin}: pass apiKey, or set BRIKK_API_URL and BRIKK_API_KEY`;
  throw new BrikkApiError({ status: 0, code: 'client.no_key', detail });
}
