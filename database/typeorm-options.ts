import type { DataSourceOptions } from 'typeorm';
import { A2aTaskRow } from './entities/a2a-task.entity.js';
import { AgentCapabilityRow, AgentInstanceRow, AgentRow, CapabilityStatRow } from './entities/agent.entity.js';
import { AgentPoolMemberRow, AgentPoolRow, AgentTemplateRow, CallBacklogRow } from './entities/agent-pool.entity.js';
import { AgentSessionRow } from './entities/agent-session.entity.js';
import { ApprovalRow } from './entities/approval.entity.js';
import { ApiKeyIndexRow, ApiKeyRow } from './entities/api-key.entity.js';
import { AuditEventRow } from './entities/audit-event.entity.js';
import { BudgetLedgerRow, BudgetReservationRow } from './entities/budget.entity.js';
import { AgentReputationRow, AgentScoreRow, RunFeedbackRow } from './entities/feedback.entity.js';
import {
  BusDeliveryRow,
  BusEventRow,
  BusListenerRow,
  BusOutboxRow,
  BusSubscriptionRow,
} from './entities/bus.entity.js';
import { BulkItemRow, BulkShardRow } from './entities/bulk.entity.js';
import { IdempotencyRow } from './entities/idempotency.entity.js';
import { MemoryEntryRow } from './entities/memory-entry.entity.js';
import { OrganisationQuotaRow, OrganisationRow } from './entities/organisation.entity.js';
import { LlmTurnRow } from './entities/llm-turn.entity.js';
import {
  BreakerChangeRow,
  CircuitBreakerRow,
  ConnectionRow,
  ConnectionHealthRow,
  ConnectionQueueRow,
  ConnectorCallRow,
  CredentialRow,
  OAuthStateRow,
  RateLimitRow,
} from './entities/connection.entity.js';
import { CallJournalRow, PayloadRow, RunEventRow } from './entities/record.entity.js';
import { CallbackKeyRow, ConsolidatedCallRow, PendingCallRow } from './entities/pending-call.entity.js';
import { OrgKeyRow, SecretRow } from './entities/secret.entity.js';
import { SelectionChoiceRow, SelectionLessonRow, SelectionSettingRow } from './entities/selection.entity.js';
import { ResourceLeaseRow, ResourceOfferRow, ResourceRow } from './entities/resource.entity.js';
import { RunRow } from './entities/run.entity.js';
import { ScheduleRow } from './entities/schedule.entity.js';
import { InboundDedupRow, InboundEventRow, SourceIndexRow, WebhookSourceRow } from './entities/webhook.entity.js';
import {
  WebhookAttemptRow,
  WebhookDeliveryRow,
  WebhookEndpointRow,
  WebhookSecretRow,
} from './entities/webhook-endpoint.entity.js';
import { DefinitionResourceRow } from './entities/definition-resource.entity.js';
import { WorkerActivityRow, WorkerRow } from './entities/worker.entity.js';
import { WorkflowDefinitionRow } from './entities/workflow-definition.entity.js';
import { Foundation1763700000000 } from './migrations/1763700000000-foundation.js';
import { Bulk1763810000000 } from './migrations/1763810000000-bulk.js';
import { AgentLifecycle1764110000000 } from './migrations/1764110000000-agent-lifecycle.js';
import { AgentPools1764111000000 } from './migrations/1764111000000-agent-pools.js';
import { AgentSessions1764060000000 } from './migrations/1764060000000-agent-sessions.js';
import { EventSchedules1764070000000 } from './migrations/1764070000000-event-schedules.js';
import { ConsolidatedCalls1764121000000 } from './migrations/1764121000000-consolidated-calls.js';
import { AgentMetrics1764120000000 } from './migrations/1764120000000-agent-metrics.js';
import { RunRetention1764090000000 } from './migrations/1764090000000-run-retention.js';
import { Memory1763800000000 } from './migrations/1763800000000-memory.js';
import { Approvals1763820000000 } from './migrations/1763820000000-approvals.js';
import { Budgets1763830000000 } from './migrations/1763830000000-budgets.js';
import { Feedback1763840000000 } from './migrations/1763840000000-feedback.js';
import { PastPlans1763850000000 } from './migrations/1763850000000-past-plans.js';
import { Definitions1763870000000 } from './migrations/1763870000000-definitions.js';
import { ChildRuns1763920000000 } from './migrations/1763920000000-child-runs.js';
import { Schedules1763920001000 } from './migrations/1763920001000-schedules.js';
import { Secrets1763890000000 } from './migrations/1763890000000-secrets.js';
import { Events1763930000000 } from './migrations/1763930000000-events.js';
import { EventPublishers1763950000000 } from './migrations/1763950000000-event-publishers.js';
import { Resources1763910000000 } from './migrations/1763910000000-resources.js';
import { LearnedSelection1763970001000 } from './migrations/1763970001000-learned-selection.js';
import { ResourceTrade1763970000000 } from './migrations/1763970000000-resource-trade.js';
import { PendingCalls1763900000000 } from './migrations/1763900000000-pending-calls.js';
import { RemoteAgents1764100000000 } from './migrations/1764100000000-remote-agents.js';
import { LlmAgents1764050000000 } from './migrations/1764050000000-llm-agents.js';
import { Webhooks1763980000000 } from './migrations/1763980000000-webhooks.js';
import { OutboundWebhooks1764010000000 } from './migrations/1764010000000-outbound-webhooks.js';
import { Connections1764020000000 } from './migrations/1764020000000-connections.js';
import { OAuthStates1764130000000 } from './migrations/1764130000000-oauth-states.js';
import { A2aPush1764190001000 } from './migrations/1764190001000-a2a-push.js';
import { A2aTasks1764190000000 } from './migrations/1764190000000-a2a-tasks.js';
import { ConnectionFallbacks1764200000000 } from './migrations/1764200000000-connection-fallbacks.js';
import { OrganisationQuotas1764330000000 } from './migrations/1764330000000-organisation-quotas.js';
import { DefinitionResources1764360000000 } from './migrations/1764360000000-definition-resources.js';
import { CapabilityBreakers1764350000000 } from './migrations/1764350000000-capability-breakers.js';
import { AgentCertificates1764340000000 } from './migrations/1764340000000-agent-certificates.js';
import { SharedLimits1764020001000 } from './migrations/1764020001000-shared-limits.js';
import { PendingProgress1764160000000 } from './migrations/1764160000000-pending-progress.js';
import { SealedAgentSecrets1764320000000 } from './migrations/1764320000000-sealed-agent-secrets.js';
import { ConnectionQueue1764310000000 } from './migrations/1764310000000-connection-queue.js';
import { ConnectionCredentials1764311000000 } from './migrations/1764311000000-connection-credentials.js';
import { BreakerChanges1764312000000 } from './migrations/1764312000000-breaker-changes.js';
import { SweepIndexes1764370000000 } from './migrations/1764370000000-sweep-indexes.js';
import { WorkerLeases1764380000000 } from './migrations/1764380000000-worker-leases.js';
import { UnreadableCells1764390000000 } from './migrations/1764390000000-unreadable-cells.js';
import { PendingDeliveries1764391000000 } from './migrations/1764391000000-pending-deliveries.js';
import { FailedCalls1764400000000 } from './migrations/1764400000000-failed-calls.js';
import { RunLists1764410000000 } from './migrations/1764410000000-run-lists.js';
import { SnakeNaming } from './snake-naming.js';

type PostgresOptions = Extract<DataSourceOptions, { type: 'postgres' }>;

/** What every connection of TypeORM shares. Lists of classes, not globs: they hold in a bundle, too. */
export const typeormOptions = (url: string): PostgresOptions => ({
  type: 'postgres',
  url,
  entities: [
    OrganisationRow,
    OrganisationQuotaRow,
    ApiKeyRow,
    ApiKeyIndexRow,
    IdempotencyRow,
    AgentRow,
    A2aTaskRow,
    LlmTurnRow,
    AgentInstanceRow,
    AgentCapabilityRow,
    CapabilityStatRow,
    RunRow,
    RunEventRow,
    CallJournalRow,
    PayloadRow,
    AuditEventRow,
    MemoryEntryRow,
    AgentTemplateRow,
    AgentPoolRow,
    AgentPoolMemberRow,
    CallBacklogRow,
    AgentSessionRow,
    BudgetLedgerRow,
    BudgetReservationRow,
    RunFeedbackRow,
    AgentScoreRow,
    AgentReputationRow,
    BulkShardRow,
    BulkItemRow,
    ApprovalRow,
    WorkflowDefinitionRow,
    DefinitionResourceRow,
    ScheduleRow,
    OrgKeyRow,
    SecretRow,
    BusEventRow,
    BusListenerRow,
    BusSubscriptionRow,
    BusDeliveryRow,
    BusOutboxRow,
    ResourceRow,
    ResourceLeaseRow,
    ResourceOfferRow,
    SelectionSettingRow,
    SelectionLessonRow,
    SelectionChoiceRow,
    CallbackKeyRow,
    PendingCallRow,
    ConsolidatedCallRow,
    WebhookSourceRow,
    SourceIndexRow,
    InboundEventRow,
    InboundDedupRow,
    ConnectionRow,
    CredentialRow,
    OAuthStateRow,
    ConnectorCallRow,
    ConnectionHealthRow,
    ConnectionQueueRow,
    WebhookEndpointRow,
    WebhookSecretRow,
    WebhookDeliveryRow,
    WebhookAttemptRow,
    RateLimitRow,
    CircuitBreakerRow,
    BreakerChangeRow,
    WorkerRow,
    WorkerActivityRow,
  ],
  migrations: [
    Foundation1763700000000,
    Memory1763800000000,
    Bulk1763810000000,
    Approvals1763820000000,
    Budgets1763830000000,
    Feedback1763840000000,
    PastPlans1763850000000,
    Definitions1763870000000,
    Secrets1763890000000,
    Resources1763910000000,
    ChildRuns1763920000000,
    Schedules1763920001000,
    Events1763930000000,
    EventPublishers1763950000000,
    PendingCalls1763900000000,
    ResourceTrade1763970000000,
    LearnedSelection1763970001000,
    Webhooks1763980000000,
    OutboundWebhooks1764010000000,
    Connections1764020000000,
    SharedLimits1764020001000,
    LlmAgents1764050000000,
    AgentSessions1764060000000,
    EventSchedules1764070000000,
    AgentLifecycle1764110000000,
    AgentMetrics1764120000000,
    ConsolidatedCalls1764121000000,
    RunRetention1764090000000,
    OAuthStates1764130000000,
    AgentPools1764111000000,
    RemoteAgents1764100000000,
    A2aTasks1764190000000,
    A2aPush1764190001000,
    ConnectionFallbacks1764200000000,
    PendingProgress1764160000000,
    SealedAgentSecrets1764320000000,
    ConnectionQueue1764310000000,
    OrganisationQuotas1764330000000,
    CapabilityBreakers1764350000000,
    DefinitionResources1764360000000,
    AgentCertificates1764340000000,
    ConnectionCredentials1764311000000,
    BreakerChanges1764312000000,
    SweepIndexes1764370000000,
    WorkerLeases1764380000000,
    UnreadableCells1764390000000,
    PendingDeliveries1764391000000,
    FailedCalls1764400000000,
    RunLists1764410000000,
  ],
  migrationsTableName: 'migration',
  namingStrategy: new SnakeNaming(),
  installExtensions: false,
  synchronize: false,
});
