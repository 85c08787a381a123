// What the client's methods take and give, and what workflow definitions are made of: types alone.
export type { FoundAgents, RankedCandidate, UnfitCapability } from '../contracts/agent-search.js';
export type { Agent, AgentSummary, Heartbeat, HeartbeatAnswer, RegisteredAgent } from '../contracts/agents.js';
export type {
  Approval,
  ApprovalStatus,
  ApprovalSummary,
  ApprovalTerms,
  DecideApproval,
} from '../contracts/approvals.js';
export type { Budget } from '../contracts/budget.js';
export type { Breaker } from '../contracts/breakers.js';
export type { AcceptedBulk, BulkItem, BulkItemDetail } from '../contracts/bulk.js';
export type { Authorization, Connection, ConnectionInUse, ConnectionTest } from '../contracts/connections.js';
export type { DefinitionGraph } from '../contracts/definition-graph.js';
export type { Violation } from '../contracts/errors.js';
export type { BusEvent, PublishedEvent } from '../contracts/event-bus.js';
export type { RunEvent } from '../contracts/events.js';
export type { FailedCall } from '../contracts/failed-calls.js';
export type { Feedback, GiveFeedback } from '../contracts/feedback.js';
export type { InboundEvent, InboundEventDetail, InboundReceipt, InboundStatus } from '../contracts/inbound-events.js';
export type { Json, SchemaDocument } from '../contracts/json.js';
export type { Page } from '../contracts/lists.js';
export type { MemoryEntry, MemoryHit, MemorySummary } from '../contracts/memory.js';
export type { Offer } from '../contracts/offers.js';
export type {
  ApiKey,
  CreatedApiKey,
  CreatedOrganisation,
  CreateOrganisation,
  Organisation,
} from '../contracts/organisations.js';
export type { AgentTemplate, Pool } from '../contracts/pools.js';
export type { Needs } from '../contracts/needs.js';
export type { PatternName, RunKind } from '../contracts/patterns.js';
export type { Priority } from '../contracts/priority.js';
export type { PutQuota, Quota } from '../contracts/quotas.js';
export type { Rerun } from '../contracts/rerun.js';
export type { Lease, PutResource, Resource } from '../contracts/resources.js';
export type { AcceptedRun, ItemStatus, Run, RunStatus, RunSummary } from '../contracts/runs.js';
export type { Schedule } from '../contracts/schedules.js';
export type { SecretSummary } from '../contracts/secrets.js';
export type { SelectionReport, SelectionReportQuery, SelectionSettings } from '../contracts/selection.js';
export type { SaveSession, Session, SessionSummary } from '../contracts/sessions.js';
export type {
  ReplayedDeliveries,
  WebhookAttempt,
  WebhookDelivery,
  WebhookStatus,
} from '../contracts/webhook-deliveries.js';
export type { Usage } from '../contracts/usage.js';
export type { CreatedWebhookEndpoint, WebhookEndpoint } from '../contracts/webhook-endpoints.js';
export type { CreatedWebhookSource, WebhookSource } from '../contracts/webhook-sources.js';
export type { PublishedWorkflow, Workflow } from '../contracts/workflows.js';
export type { CatalogFunction } from '../contracts/functions.js';
export type { RetryOptions } from './http.js';
export type { FollowOptions } from './run-events.js';
export type { BudgetInput, Duration, RunFields, StartBulkInput, StartRunInput, WorkflowInput } from './run-input.js';

export type { AgentsClient, ListAgents, RegisterAgentInput, SearchAgentsInput } from './client-agents.js';
export type { ApprovalsClient, DecisionOptions, ListApprovalsOptions } from './client-approvals.js';
export type {
  BreakersClient,
  ChangeConnectionInput,
  ConnectionAuthInput,
  ConnectionsClient,
  CreateConnectionInput,
  RotateCredentialInput,
} from './client-connections.js';
export type { EventsClient, ListEventsOptions, PublishEventInput } from './client-events.js';
export type { FunctionsClient } from './client-functions.js';
export type { AppendMemoryOptions, MemoryClient, MemoryOf, PutMemoryOptions, SharedMemoryOf } from './client-memory.js';
export type { AgentTemplatesClient, PoolsClient, PutAgentTemplateInput, PutPoolInput } from './client-pools.js';
export type { QuotasClient } from './client-quotas.js';
export type { LeaseOptions, ResourcesClient } from './client-resources.js';
export type { CreateOptions, ListFailedCalls, ListItems, ListRuns, PageOptions, RunsClient } from './client-runs.js';
export type { SchedulesClient } from './client-schedules.js';
export type { SecretsClient } from './client-secrets.js';
export type { SelectionClient, SelectionSettingsInput } from './client-selection.js';
export type { SessionsClient } from './client-sessions.js';
export type {
  ChangeWebhookEndpointInput,
  ChangeWebhookSourceInput,
  CreateWebhookEndpointInput,
  CreateWebhookSourceInput,
  ListDeliveriesOptions,
  ListInboundOptions,
  ReplayDeliveriesInput,
  WebhooksClient,
} from './client-webhooks.js';
export type { WorkflowDocument, WorkflowsClient } from './client-workflows.js';

export type { Schedule as DefinitionSchedule } from '../contracts/definition.js';
export type { DocumentOptions, TaskOptions as DefinitionTaskOptions } from '../contracts/definition-options.js';
export type * from '../contracts/definition.js';
export type * from '../contracts/definition-calls.js';
export type * from '../contracts/definition-events.js';
export type * from '../contracts/definition-parts.js';
export type * from '../contracts/definition-tasks.js';
export type * from './flow-types.js';
