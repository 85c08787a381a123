import { type DynamicModule, Module } from '@nestjs/common';
import { LoggerModule } from 'nestjs-pino';
import { McpModule } from './mcp/mcp.module.js';
import { A2aModule } from './a2a/a2a.module.js';
import { AgentsModule } from './agents/agents.module.js';
import { ApiKeysModule } from './api-keys/api-keys.module.js';
import { ApprovalsModule } from './approvals/approvals.module.js';
import { ArdModule } from './ard/ard.module.js';
import { AuditModule } from './audit/audit.module.js';
import { CallsModule } from './calls/calls.module.js';
import { OutsideModule } from './connections/outside.module.js';
import { ConnectionsModule } from './common/connections.module.js';
import { HttpModule } from './common/http.module.js';
import { logging } from './common/logging.js';
import { DocsModule } from './docs/docs.module.js';
import type { Settings } from './env.js';
import { EventsModule } from './events/events.module.js';
import { ExpressionsModule } from './expressions/expressions.module.js';
import { FunctionsModule } from './functions/functions.module.js';
import { HealthModule } from './health/health.module.js';
import { LanguageModule } from './language/language.module.js';
import { MemoryModule } from './memory/memory.module.js';
import { MetricsModule } from './metrics/metrics.module.js';
import { OrganisationsModule } from './organisations/organisations.module.js';
import { PoolsModule } from './pools/pools.module.js';
import { ResourcesModule } from './resources/resources.module.js';
import { SessionsModule } from './sessions/sessions.module.js';
import { SelectionModule } from './selection/selection.module.js';
import { SchedulesModule } from './schedules/schedules.module.js';
import { SecretsModule } from './secrets/secrets.module.js';
import { RunsModule } from './runs/runs.module.js';
import { StatsModule } from './stats/stats.module.js';
import { WebhooksModule } from './webhooks/webhooks.module.js';
import { WorkflowsModule } from './workflows/workflows.module.js';

const features = [
  OrganisationsModule,
  ApiKeysModule,
  AgentsModule,
  RunsModule,
  WorkflowsModule,
  MemoryModule,
  SecretsModule,
  EventsModule,
  WebhooksModule,
  OutsideModule,
  PoolsModule,
  ResourcesModule,
  SelectionModule,
  SessionsModule,
  SchedulesModule,
  ApprovalsModule,
  A2aModule,
  ArdModule,
  McpModule,
  CallsModule,
  ExpressionsModule,
  FunctionsModule,
  LanguageModule,
  AuditModule,
  StatsModule,
  HealthModule,
  MetricsModule,
  DocsModule,
];

@Module({})
export class AppModule {
  static forRoot(settings: Settings): DynamicModule {
    const plumbing = [LoggerModule.forRoot(logging(settings)), ConnectionsModule.forRoot(settings), HttpModule];
    return { module: AppModule, imports: [...plumbing, ...features] };
  }
}
